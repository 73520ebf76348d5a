"""Millwright: the closed loop of machine learning in one system.

    import millwright as mw

    @mw.step
    def clean(table: pl.DataFrame) -> pl.DataFrame: ...

    @mw.pipeline
    def my_pipeline(source: str): ...

Names are loaded on first use, so that `import millwright` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from millwright.version import __version__

if TYPE_CHECKING:
    from millwright import steps
    from millwright.data.datasets.dataset import Dataset
    from millwright.pipelines.annotations import External, Resources
    from millwright.pipelines.context import StepContext
    from millwright.pipelines.pipeline import pipeline
    from millwright.pipelines.step import step
    from millwright.workspace.workspace import Workspace

__all__ = ["Dataset", "External", "Resources", "StepContext", "Workspace", "__version__", "pipeline", "step", "steps"]

# Name → module; the attribute has the same name, or is the module itself when the path ends with it.
_LAZY = {
    "Dataset": "millwright.data.datasets.dataset",
    "External": "millwright.pipelines.annotations",
    "Resources": "millwright.pipelines.annotations",
    "StepContext": "millwright.pipelines.context",
    "Workspace": "millwright.workspace.workspace",
    "pipeline": "millwright.pipelines.pipeline",
    "step": "millwright.pipelines.step",
    "steps": "millwright.steps",
}


def __getattr__(name: str) -> Any:
    path = _LAZY.get(name)
    if path is None:
        raise AttributeError(f"module 'millwright' has no attribute {name!r}; it has {', '.join(sorted(_LAZY))}")
    module = import_module(path)
    value = module if path.rpartition(".")[2] == name and not hasattr(module, name) else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
