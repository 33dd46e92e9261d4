"""The mathematics: numbers in, numbers out. It knows nothing of models, pictures or files."""

from functools import partial

from nlp4 import load_module

__getattr__ = partial(load_module, __name__)
