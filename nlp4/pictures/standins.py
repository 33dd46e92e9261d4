"""Stand-ins for what a web page has not: torch, and this package's own models and trainings.

A topic's scenes need numbers alone, but the modules that read stored results also run experiments,
and import torch for them. In a page a stand-in lets them be imported. It can be a base class, a
type or a decorator; whoever calls it hears what is missing.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

ABSENT = (
    "anywidget", "ipywidgets", "matplotlib", "rapidfuzz", "torch", "tqdm", "traitlets",
    "nlp4.models", "nlp4.pictures.widgets", "nlp4.training",
)  # fmt: skip
_DECORATORS = {"inference_mode", "no_grad"}  # called while a module is imported


class _Anything(type):
    """The class of stand-ins: each attribute of one is another."""

    def __getattr__(cls, name: str) -> Any:
        setattr(cls, name, made := _stand_in(name))  # the same one the next time
        return made


def _stand_in(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)

    def made(cls: type, *arguments: Any, **options: Any) -> Any:
        if name in _DECORATORS:
            return lambda function: function
        raise ImportError(f"{cls.__name__} is not to be had in a web page: open the notebook")

    return _Anything(name, (), {"__new__": made})


class _Module(ModuleType):
    def __getattr__(self, name: str) -> Any:
        setattr(self, name, made := _stand_in(name))
        return made


class _Finder(MetaPathFinder, Loader):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if any(name == absent or name.startswith(f"{absent}.") for absent in ABSENT):
            return ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


def install() -> None:
    """Let `ABSENT` be imported from now on, whether or not they are there."""
    sys.meta_path.insert(0, _Finder())
