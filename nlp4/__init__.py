"""nlp4: the helper package behind a workbook on attention, transformers and pretraining."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from nlp4.support.errors import telling_what_to_install

__version__ = "0.1.0"


def load_module(package: str, name: str) -> ModuleType:
    """What a package's `__getattr__` does: load a module of it when it is first asked for.

    `from nlp4 import maths, pictures` costs nothing, and notebook 01 runs without torch. Raises
    AttributeError if the package has no such module, and UserError if it needs a package that an
    extra of nlp4 brings.
    """
    if name.startswith("_") or find_spec(f"{package}.{name}") is None:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    with telling_what_to_install():
        return import_module(f"{package}.{name}")
