"""Questions put to models, one a module: configuration, run, rows, table."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

__all__ = [
    "claims",
    "comparison",
    "comparison_runs",
    "confidence",
    "facts",
    "names",
    "place_bias",
    "probe",
    "readings",
    "rewordings",
    "speed",
    "verdicts",
]


def __getattr__(name: str) -> ModuleType:
    """Load a module when it is first asked for: some of them need no torch."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")
