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
    from millwright.data import contracts
    from millwright.data.datasets.dataset import Dataset
    from millwright.data.features.definition import (
        Entity,
        Feature,
        FeatureService,
        FeatureView,
        OnDemandFeatureView,
        StreamFeatureView,
        Window,
    )
    from millwright.deployment.traffic.strategy import AB as AB
    from millwright.deployment.traffic.strategy import Canary as Canary
    from millwright.deployment.traffic.strategy import Shadow as Shadow
    from millwright.deployment.traffic.strategy import Split as Split
    from millwright.pipelines import on
    from millwright.pipelines.annotations import External, Resources, external
    from millwright.pipelines.context import StepContext
    from millwright.pipelines.folder import Folder
    from millwright.pipelines.graph.branch import when
    from millwright.pipelines.graph.output import each, first
    from millwright.pipelines.pipeline import pipeline
    from millwright.pipelines.step import step
    from millwright.workspace.track import runs, track
    from millwright.workspace.workspace import Workspace

__all__ = [
    "Dataset",
    "Entity",
    "External",
    "Feature",
    "FeatureService",
    "FeatureView",
    "Folder",
    "OnDemandFeatureView",
    "Resources",
    "StepContext",
    "StreamFeatureView",
    "Window",
    "Workspace",
    "__version__",
    "contracts",
    "each",
    "external",
    "first",
    "on",
    "pipeline",
    "runs",
    "step",
    "steps",
    "track",
    "when",
]

# Name → module; the attribute has the same name, or is the module itself when the path ends with it.
_LAZY = {
    "AB": "millwright.deployment.traffic.strategy",
    "Canary": "millwright.deployment.traffic.strategy",
    "Dataset": "millwright.data.datasets.dataset",
    "Entity": "millwright.data.features.definition",
    "External": "millwright.pipelines.annotations",
    "Feature": "millwright.data.features.definition",
    "FeatureService": "millwright.data.features.definition",
    "FeatureView": "millwright.data.features.definition",
    "Folder": "millwright.pipelines.folder",
    "OnDemandFeatureView": "millwright.data.features.definition",
    "Resources": "millwright.pipelines.annotations",
    "Shadow": "millwright.deployment.traffic.strategy",
    "Split": "millwright.deployment.traffic.strategy",
    "StepContext": "millwright.pipelines.context",
    "StreamFeatureView": "millwright.data.features.definition",
    "Window": "millwright.data.features.definition",
    "Workspace": "millwright.workspace.workspace",
    "contracts": "millwright.data.contracts",
    "each": "millwright.pipelines.graph.output",
    "external": "millwright.pipelines.annotations",
    "first": "millwright.pipelines.graph.output",
    "on": "millwright.pipelines.on",
    "pipeline": "millwright.pipelines.pipeline",
    "runs": "millwright.workspace.track",
    "step": "millwright.pipelines.step",
    "steps": "millwright.steps",
    "track": "millwright.workspace.track",
    "when": "millwright.pipelines.graph.branch",
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
    return sorted({*__all__, *_LAZY})
