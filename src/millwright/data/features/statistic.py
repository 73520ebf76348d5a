"""What values the features of a view have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.data.features.view_rows import view_rows
from millwright.data.profiles import profile

if TYPE_CHECKING:
    from millwright.data.features.catalog import FeatureCatalog
    from millwright.data.features.view import FeatureView
    from millwright.data.profiles import ColumnProfile

_MAX_ROWS = 1_000_000


def statistics(catalog: FeatureCatalog, view: FeatureView) -> tuple[ColumnProfile, ...]:
    """A profile of each feature over the rows of the view's source, in the view's order.

    More than a million rows are thinned evenly.

    Raises:
        NotFoundError: Its source is not there.
        InvalidInputError: It does not fit its source any more.
    """
    rows = view_rows(view, catalog.datasets.get(view.source)).select(view.names).collect()
    return profile(rows.gather_every(rows.height // _MAX_ROWS + 1), correlations=False).columns
