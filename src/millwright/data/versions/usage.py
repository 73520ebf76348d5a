"""What was made of dataset versions, and so which of them must stay."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.records.audit import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.core.ids import StepRunId
    from millwright.core.records.dataset import DatasetVersionRecord
    from millwright.storage.catalog import Stores

# What a value goes through on its way into a model. Predictions and runs of pipelines lead no further.
_ON_THE_WAY = (NodeKind.DATASET, NodeKind.STEP_RUN, NodeKind.VALUE, NodeKind.RUN)
_RUNS = 1000


def models_of(stores: Stores, ref: str) -> list[str]:
    """Model versions (`name@3`) that saw the rows of a dataset version, by name.

    Those trained on it, and on what was derived from it: other datasets, and values between steps. A later version of
    the same dataset is no such thing: what is in it is looked up by itself.

    Args:
        stores: Where the lineage is.
        ref: The version, as `name@3`.
    """
    return sorted(node for kind, node in downstream(stores, ref) if kind is NodeKind.MODEL_VERSION)


def derived_from(stores: Stores, ref: str) -> list[str]:
    """Versions of other datasets (`name@3`) that were made of the rows of a dataset version, directly or not."""
    own = _name(ref)
    found = [node for kind, node in downstream(stores, ref) if kind is NodeKind.DATASET]
    return sorted(node for node in found if _name(node) != own)


def downstream(stores: Stores, ref: str) -> list[tuple[NodeKind, str]]:
    """Everything that was made of a dataset version, nearest first; not later versions of any dataset by themselves."""
    start = (NodeKind.DATASET, ref)
    seen: dict[tuple[NodeKind, str], None] = {start: None}
    queue = [start]
    for kind, node in queue:
        for edge in stores.lineage.downstream(kind, node):
            there = (edge.target_kind, edge.target_id)
            is_successor = kind is there[0] is NodeKind.DATASET and _name(node) == _name(there[1])
            if there in seen or is_successor:
                continue
            seen[there] = None
            if there[0] in _ON_THE_WAY:
                queue.append(there)
    return list(seen)[1:]


def used_versions(stores: Stores, dataset: str) -> dict[int, str]:
    """The versions of a dataset that must stay, with the reason for people.

    Those that a model version was trained on (directly, or through what was derived from it), that a tag or a
    definition of a feature names, from which features were brought online last, and those that a run that
    is going on works with.

    Args:
        stores: Where the records are.
        dataset: The dataset's name.

    Returns:
        Version → reason, such as `trained delay@3`.
    """
    records = stores.datasets.list_versions(dataset)
    used: dict[int, str] = {}
    for tag in stores.datasets.list_tags(dataset):
        used.setdefault(tag.version, f"tagged {tag.tag}")
    for model in stores.models.list_versions():
        for ref in model.datasets:
            if _name(ref) == dataset:
                used.setdefault(_number(ref), f"trained {model.ref}")
    for version, reason in (*_named_by_features(stores, dataset), *_in_running(stores, records)):
        used.setdefault(version, reason)
    for record in records:
        if record.version not in used:
            models = models_of(stores, record.ref)
            if models:
                used[record.version] = f"trained {models[0]}"
    return used


def _named_by_features(stores: Stores, dataset: str) -> Iterator[tuple[int, str]]:
    """Versions that definitions name, and those that features online came from."""
    named = re.compile(rf"(?<![A-Za-z0-9._-]){re.escape(dataset)}@(\d+)(?![A-Za-z0-9._-])")
    for definition in stores.features.list_latest():
        text = _text([definition.definition, definition.sources, definition.code])
        for found in named.findall(text):
            yield int(found), f"named by {definition.kind.value} {definition.name}"
    latest: dict[str, str] = {}
    for record in stores.features.list_materializations(limit=_RUNS):
        latest.setdefault(record.view, record.source)
    for view, source in latest.items():
        if _name(source) == dataset and "@" in source:
            yield _number(source), f"online in {view}"


def _in_running(stores: Stores, records: list[DatasetVersionRecord]) -> Iterator[tuple[int, str]]:
    """Versions that runs of pipelines that are going on have made, taken from a cache, or name in a parameter."""
    if not records:
        return
    dataset = records[0].dataset
    named = re.compile(rf"(?<![A-Za-z0-9._-]){re.escape(dataset)}@(\d+)(?![A-Za-z0-9._-])")
    for run in stores.pipelines.list_pipeline_runs(running_only=True, limit=_RUNS):
        steps = stores.pipelines.list_step_runs(run.id)
        reason = f"in the running {run.pipeline} {run.id[-6:]}"
        for found in named.findall(_text([step.params for step in steps])):
            yield int(found), reason
        ids = {each for step in steps for each in (step.id, step.cached_from) if each is not None}
        for version in _wrote(stores, ids, dataset):
            yield version, reason


def _wrote(stores: Stores, step_runs: set[StepRunId], dataset: str) -> Iterator[int]:
    for step_run in step_runs:
        for edge in stores.lineage.downstream(NodeKind.STEP_RUN, step_run):
            if edge.target_kind is NodeKind.DATASET and _name(edge.target_id) == dataset:
                yield _number(edge.target_id)


def _text(values: Any) -> str:
    return json.dumps(msgspec.to_builtins(values, str_keys=True, enc_hook=str), ensure_ascii=False)


def _name(ref: str) -> str:
    return ref.partition("@")[0]


def _number(ref: str) -> int:
    said = ref.partition("@")[2]
    return int(said) if said.isdigit() else 0
