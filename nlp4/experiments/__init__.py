"""Questions put to models, one a module: configuration, run, rows, table."""

from functools import partial

from nlp4 import load_module

__getattr__ = partial(load_module, __name__)
