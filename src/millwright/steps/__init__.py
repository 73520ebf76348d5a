"""The built-in steps of a pipeline: thin calls into the rooms below, one file per step.

A step takes and returns plain values or the records of a room, so that each can be called, tested and replaced alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from millwright.steps.deployment import deploy
    from millwright.steps.earlier import earlier_model
    from millwright.steps.evaluation import evaluate
    from millwright.steps.gate import check_gates
    from millwright.steps.ingestion import ingest
    from millwright.steps.leakage import check_leakage
    from millwright.steps.packaging import package
    from millwright.steps.partition import split
    from millwright.steps.parts import partitions
    from millwright.steps.point_in_time import training_set
    from millwright.steps.prediction import predict
    from millwright.steps.registration import register
    from millwright.steps.tuning import tune
    from millwright.steps.validation import validate

__all__ = [
    "check_gates",
    "check_leakage",
    "deploy",
    "earlier_model",
    "evaluate",
    "ingest",
    "package",
    "partitions",
    "predict",
    "register",
    "split",
    "training_set",
    "tune",
    "validate",
]

# A module never has the name of its step: importing it would put the module where the step is looked for.
_MODULES = {
    "check_gates": "gate",
    "check_leakage": "leakage",
    "deploy": "deployment",
    "earlier_model": "earlier",
    "evaluate": "evaluation",
    "ingest": "ingestion",
    "package": "packaging",
    "partitions": "parts",
    "predict": "prediction",
    "register": "registration",
    "split": "partition",
    "training_set": "point_in_time",
    "tune": "tuning",
    "validate": "validation",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"There is no built-in step {name!r}; there are {', '.join(__all__)}")
    return getattr(import_module(f"millwright.steps.{_MODULES[name]}"), name)
