"""How new the values of a view are: in its source, and online."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.records.feature import MaterializationState

if TYPE_CHECKING:
    from millwright.data.features.catalog import FeatureCatalog
    from millwright.data.features.plan import StoredView

_LOOKED_AT = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class ViewFreshness:
    """How new the values of a view are.

    Attributes:
        source: The dataset version that its newest rows are in.
        newest: The latest timestamp of its rows; None when it has none.
        online_until: Up to which timestamp values are online; None when it never was materialized.
        materialized_at: When that was done.
    """

    source: str
    newest: datetime | None
    online_until: datetime | None
    materialized_at: datetime | None


def freshness(catalog: FeatureCatalog, view: StoredView) -> ViewFreshness:
    """How new the values of a view are.

    Raises:
        NotFoundError: Its source is not there.
        InvalidInputError: It does not fit its source any more.
    """
    from millwright.data.features.view_rows import view_rows

    dataset = catalog.datasets.get(view.source)
    newest = view_rows(view, dataset).select(pl.col(view.timestamp).max()).collect().item()
    done = [
        one
        for one in catalog.stores.features.list_materializations(view.name, limit=_LOOKED_AT)
        if one.state is MaterializationState.DONE
    ]
    last = max(done, key=lambda one: one.until, default=None)
    return ViewFreshness(
        source=dataset.record.ref,
        newest=newest,
        online_until=last.until if last else None,
        materialized_at=last.ended_at if last else None,
    )
