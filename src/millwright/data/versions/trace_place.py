"""Where else rows of a dataset may be that erasing them from its versions does not reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.records.audit import NodeKind
from millwright.data.versions.usage import downstream

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.data.versions.erasure import Found
    from millwright.storage.catalog import Stores

QUARANTINE = ".quarantine"


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherPlace:
    """A place that was not touched.

    Attributes:
        kind: `dataset`, `source`, `model`, `predictions`, `online`, `artifact`.
        name: What it is called.
        advice: What to do about it, for people.
    """

    kind: str
    name: str
    advice: str


def derived_datasets(stores: Stores, found: Found) -> list[str]:
    """Other datasets made of the versions that held rows, and the quarantine of the dataset, by name."""
    names = {
        node.partition("@")[0]
        for version in found.versions
        for kind, node in downstream(stores, f"{found.dataset}@{version}")
        if kind is NodeKind.DATASET
    }
    quarantine = found.dataset + QUARANTINE
    if any(record.dataset == quarantine for record in stores.datasets.list_datasets()):
        names.add(quarantine)
    return sorted(names - {found.dataset})


def other_places(stores: Stores, found: Found, *, searched: Iterable[str] = ()) -> list[OtherPlace]:
    """Where else the rows may be, as lineage and the definitions of features tell.

    Args:
        stores: Where the records are.
        found: Which versions held rows.
        searched: Datasets in which the rows were looked for already.
    """
    places = [
        OtherPlace(kind="dataset", name=name, advice="erase there too: --derived, or by columns that it has")
        for name in derived_datasets(stores, found)
        if name not in set(searched)
    ]
    places += _sources(stores, found)
    for model in found.models:
        places.append(OtherPlace(kind="model", name=model, advice="saw the rows; decide whether to train it again"))
    models = {model.partition("@")[0] for model in found.models}
    for endpoint in stores.endpoints.list():
        if endpoint.model in models:
            advice = "its prediction log holds what was asked of it, and is not searched"
            places.append(OtherPlace(kind="predictions", name=endpoint.name, advice=advice))
    places += _views(stores, found.dataset)
    values = {
        node
        for version in found.versions
        for kind, node in downstream(stores, f"{found.dataset}@{version}")
        if kind is NodeKind.VALUE
    }
    if values or found.models:
        advice = "samples in reports, and values that steps handed on, are not searched"
        places.append(OtherPlace(kind="artifact", name=f"{len(values)} values between steps", advice=advice))
    return places


def _sources(stores: Stores, found: Found) -> list[OtherPlace]:
    sources: dict[str, None] = {}
    for version in found.versions:
        for edge in stores.lineage.upstream(NodeKind.DATASET, f"{found.dataset}@{version}"):
            if edge.source_kind is NodeKind.SOURCE:
                sources[edge.source_id.rpartition("#")[0]] = None
    advice = "was read from there, and is not ours to change"
    return [OtherPlace(kind="source", name=name, advice=advice) for name in sources if name]


def _views(stores: Stores, dataset: str) -> list[OtherPlace]:
    advice = "materialized again, the present version loses the rows online; mw features forget, every version"
    return [
        OtherPlace(kind="online", name=definition.name, advice=advice)
        for definition in stores.features.list_latest(retired=True)
        if f"dataset/{dataset}" in definition.sources
    ]
