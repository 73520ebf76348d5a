"""Profiles among the artifacts, as JSON documents by their digest, and kept up to date as rows are added.

A document holds the profile and the summary that it can be continued from, 10 to 20 kB a column. Sketches of columns
that are not suspected to hold personal data hold some of their values: when rows are erased, a version's document has
to be stored anew from the rows that are left, and the old one deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from millwright.core.errors import IntegrityError, NotFoundError
from millwright.core.progress import SilentProgress
from millwright.data.profiles.column_summary import summarize_column
from millwright.data.profiles.column_values import ColumnValues
from millwright.data.profiles.estimate import profile_of
from millwright.data.profiles.measuring import assembled, describe
from millwright.data.profiles.record import TableProfile
from millwright.data.profiles.summary import TableSummary, merge, summarize

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from millwright.core.ids import Digest
    from millwright.core.progress import Progress
    from millwright.storage.base.artifacts import ArtifactStore

ALWAYS_WHOLE_ROWS = 50_000
MAX_GROWTH = 0.25
_FORMAT = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class _Document:
    format: int
    profile: TableProfile
    summary: bytes
    measured_rows: int  # of the version that was last profiled as a whole


def store_profile(frame: pl.DataFrame, artifacts: ArtifactStore, *, progress: Progress | None = None) -> Digest:
    """Profile a table and keep the profile, with a summary from which `update_profile` can go on.

    Args:
        frame: All rows of a version, with the types that they are stored with; may be none.
        artifacts: Where it is kept; durable on return.
        progress: Is told of each column.

    Returns:
        What `DatasetVersionRecord.profile` holds.
    """
    found, summary = measure(frame, progress=progress)
    return _put(
        _Document(format=_FORMAT, profile=found, summary=summary.to_bytes(), measured_rows=frame.height), artifacts
    )


def measure(frame: pl.DataFrame, *, progress: Progress | None = None) -> tuple[TableProfile, TableSummary]:
    """What `profile` and `summarize` give, for less than both: what they share is computed once.

    Args:
        frame: Any table; a million rows of 20 columns take about a second of CPU time.
        progress: Is told of each column.
    """
    columns, sums = [], []
    with (progress or SilentProgress()).task("Profiling", total=frame.width) as task:
        for column in frame.get_columns():
            values = ColumnValues(column)
            columns.append(describe(values))
            sums.append(summarize_column(values))
            task.advance()
    return assembled(frame, columns), TableSummary(rows=frame.height, columns=tuple(sums))


def update_profile(
    previous: Digest | None,
    added: pl.DataFrame,
    removed: int,
    artifacts: ArtifactStore,
    whole: Callable[[], pl.DataFrame],
) -> Digest:
    """Keep the profile of a version that was made from a former one by adding and removing rows.

    Only the added rows are looked at when that will do. All rows are read and profiled anew

    - when rows were removed or replaced: quantiles and numbers of distinct values cannot be subtracted;
    - when there is no former profile, it is damaged, or the columns or their types have changed;
    - when the version has at most 50,000 rows: then it costs next to nothing, and stays exact;
    - when since the last time a quarter as many rows were added as there were then: what is not updated from added
      rows (correlations, which are carried over) is never older.

    Args:
        previous: The former version's `profile`.
        added: Rows that are new, with the types that they are stored with; new values of rows that were replaced, too.
        removed: Number of the former version's rows that are not in the new one; rows that were replaced count.
        artifacts: Where profiles are kept; durable on return.
        whole: Reads all rows of the new version; called only when they are needed.

    Returns:
        What the new version's `DatasetVersionRecord.profile` holds; the former digest when nothing was added.
    """
    former = _find(previous, artifacts) if removed == 0 else None
    if former is None or previous is None:
        return store_profile(whole(), artifacts)
    if added.is_empty():
        return previous
    rows = former.profile.rows + added.height
    if rows - former.measured_rows > MAX_GROWTH * former.measured_rows:
        return store_profile(whole(), artifacts)
    return _extended(former, added, artifacts) or store_profile(whole(), artifacts)


def extend_profile(previous: Digest | None, added: pl.DataFrame, artifacts: ArtifactStore) -> Digest | None:
    """Keep the profile of a version that was made from a former one by adding rows, without reading the others.

    Args:
        previous: The former version's `profile`.
        added: Rows that are new, with the types that they are stored with.
        artifacts: Where profiles are kept; durable on return.

    Returns:
        As `update_profile`, except that the correlations may be of a table that has grown a lot since; their
        `correlated_rows` stays. None when the added rows do not tell: there is no former profile, or it is damaged, the
        columns or their types have changed, or the version has at most 50,000 rows.
    """
    former = _find(previous, artifacts)
    if former is None or added.is_empty():
        return None if former is None else previous
    return _extended(former, added, artifacts)


def _extended(former: _Document, added: pl.DataFrame, artifacts: ArtifactStore) -> Digest | None:
    summary = TableSummary.from_bytes(former.summary)
    if summary.rows + added.height <= ALWAYS_WHOLE_ROWS:
        return None
    more = summarize(added)
    if more.layout != summary.layout:
        return None
    merged = merge(summary, more)
    estimated = profile_of(merged)
    hidden = {column.name for column in estimated.columns if column.personal is not None}
    carried = tuple(one for one in former.profile.correlations if not hidden & {one.first, one.second})
    updated = replace(estimated, correlations=carried, correlated_rows=former.profile.correlated_rows)
    return _put(replace(former, profile=updated, summary=merged.to_bytes()), artifacts)


def load_profile(digest: Digest, artifacts: ArtifactStore) -> TableProfile:
    """A stored profile.

    Raises:
        NotFoundError: It is not there.
        IntegrityError: Its bytes are damaged, or are no profile of this release.
    """
    return _get(digest, artifacts).profile


def find_profile(digest: Digest | None, artifacts: ArtifactStore) -> TableProfile | None:
    """A stored profile; None when none was stored, or it was deleted (as rows that it was of were erased)."""
    found = _find(digest, artifacts)
    return None if found is None else found.profile


def load_summary(digest: Digest, artifacts: ArtifactStore) -> TableSummary:
    """The summary that is stored with a profile.

    Raises:
        NotFoundError: It is not there.
        IntegrityError: Its bytes are damaged, or are no profile of this release.
    """
    return TableSummary.from_bytes(_get(digest, artifacts).summary)


def _put(document: _Document, artifacts: ArtifactStore) -> Digest:
    return artifacts.put(msgspec.json.encode(document))


def _get(digest: Digest, artifacts: ArtifactStore) -> _Document:
    try:
        document = msgspec.json.decode(artifacts.get(digest), type=_Document)
    except msgspec.DecodeError as error:
        raise IntegrityError(
            f"Expected a profile in artifact {digest[:12]}, found another document ({error}).",
            hint="Write the dataset's version again to have it profiled anew.",
        ) from error
    if document.format != _FORMAT:
        raise IntegrityError(
            f"Expected a profile of format {_FORMAT}, found format {document.format}.",
            hint="Read it with the release that wrote it, or write the dataset's version again.",
        )
    return document


def _find(digest: Digest | None, artifacts: ArtifactStore) -> _Document | None:
    try:
        return None if digest is None else _get(digest, artifacts)
    except (NotFoundError, IntegrityError):
        return None
