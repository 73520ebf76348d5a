"""Who uses a definition: others that are made of it, training sets, and the models trained on those."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.records.audit import NodeKind
from millwright.data.lineage.graph import Direction, Node, walk

if TYPE_CHECKING:
    from millwright.core.records.feature import FeatureDefinitionRecord
    from millwright.storage.catalog import Stores

_DEPTH = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureConsumers:
    """Who uses a definition, in any of its versions.

    Attributes:
        definitions: Views and services that are made of it, directly or through others, as `service/delay@1`.
        datasets: Training sets computed with it, and what was made of them, as `training@2`.
        models: Model versions trained on those, as `delay@3`.
    """

    definitions: tuple[str, ...]
    datasets: tuple[str, ...]
    models: tuple[str, ...]


def consumers(stores: Stores, record: FeatureDefinitionRecord) -> FeatureConsumers:
    """Who uses a definition; all versions of it count.

    Args:
        stores: Where definitions and lineage are.
        record: Any of its versions.
    """
    latest = stores.features.list_latest()
    wanted, users = {f"{record.kind.value}/{record.name}"}, []
    while found := [one for one in latest if one not in users and wanted & set(one.sources)]:
        users += found
        wanted |= {f"{one.kind.value}/{one.name}" for one in found}
    datasets: dict[str, None] = {}
    models: dict[str, None] = {}
    for version in stores.features.list_versions(record.kind, record.name):
        start = Node(NodeKind.FEATURE, f"{version.kind.value}/{version.ref}")
        lineage = walk(stores.lineage, start, direction=Direction.DOWNSTREAM, depth=_DEPTH)
        datasets |= dict.fromkeys(lineage.of_kind(NodeKind.DATASET))
        models |= dict.fromkeys(lineage.of_kind(NodeKind.MODEL_VERSION))
    return FeatureConsumers(
        definitions=tuple(f"{one.kind.value}/{one.ref}" for one in users),
        datasets=tuple(datasets),
        models=tuple(models),
    )
