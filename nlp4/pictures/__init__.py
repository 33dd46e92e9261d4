"""What the notebooks show, one topic a module: scene, picture, caption, explorer."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

__all__ = [
    "comparison",
    "confidence",
    "copying",
    "facts",
    "names",
    "noise",
    "pattern",
    "pretraining",
    "spectra",
    "speed",
    "svg",
    "widgets",
]


def __getattr__(name: str) -> ModuleType:
    """Load a module when it is first asked for: some of them need no torch."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")
