"""The built-in steps of a pipeline: thin calls into the rooms below, one file per step.

A step takes and returns plain values or the records of a room, so that each can be called, tested and replaced alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from millwright.steps.deploy import deploy
    from millwright.steps.evaluate import evaluate
    from millwright.steps.gate import check_gates
    from millwright.steps.ingest import ingest
    from millwright.steps.leakage import check_leakage
    from millwright.steps.prepare import prepare_table
    from millwright.steps.register import register
    from millwright.steps.split import split
    from millwright.steps.tune import tune
    from millwright.steps.validate import validate

__all__ = [
    "check_gates",
    "check_leakage",
    "deploy",
    "evaluate",
    "ingest",
    "prepare_table",
    "register",
    "split",
    "tune",
    "validate",
]

_MODULES = {"check_gates": "gate", "check_leakage": "leakage", "prepare_table": "prepare"}


def __getattr__(name: str) -> Any:

    if name not in __all__:
        raise AttributeError(f"There is no built-in step {name!r}; there are {', '.join(__all__)}")
    return getattr(import_module(f"millwright.steps.{_MODULES.get(name, name)}"), name)
