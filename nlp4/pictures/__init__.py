"""What the notebooks show, one topic a module: scene, picture, caption, explorer."""

from functools import partial

from nlp4 import load_module

__getattr__ = partial(load_module, __name__)
