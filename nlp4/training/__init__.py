"""Training: the loop, the recipes, the runs that resume, and what a model then scores."""

from functools import partial

from nlp4 import load_module

__getattr__ = partial(load_module, __name__)
