from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import IntegrityError
from millwright.core.ids import Digest
from millwright.data.profiles import load_profile, load_summary, profile, store_profile, update_profile

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores

FRAME = pl.DataFrame(
    {"number": [1.5, None, 2.5], "day": [date(2024, 1, 1)] * 3, "at": [datetime(2024, 1, 1, tzinfo=UTC)] * 3,
     "word": ["a", "b", "b"]}
)  # fmt: skip


def test_profile_that_was_stored_is_loaded_as_it_was(stores: Stores) -> None:
    assert load_profile(store_profile(FRAME, stores.artifacts), stores.artifacts) == profile(FRAME)


def test_profile_of_a_table_without_rows_is_stored(stores: Stores) -> None:
    assert load_profile(store_profile(FRAME.head(0), stores.artifacts), stores.artifacts).rows == 0


def test_another_document_is_no_profile(stores: Stores) -> None:
    with pytest.raises(IntegrityError, match="Expected a profile"):
        load_profile(stores.artifacts.put(b"{}"), stores.artifacts)


def rows(count: int, *, shift: int = 0) -> pl.DataFrame:
    return pl.select(
        number=(pl.int_range(count) + shift) * 0.5,
        word=pl.format("w{}", pl.int_range(count) % 7),
        mail=pl.format("p{}@example.org", pl.int_range(count)),
    )


def never() -> pl.DataFrame:
    raise AssertionError("All rows were read.")


def test_added_rows_update_a_profile_without_reading_the_others(stores: Stores) -> None:
    first = rows(60_000)
    digest = store_profile(first, stores.artifacts)
    for number in range(3):
        digest = update_profile(digest, rows(1_000, shift=60_000 + number * 1_000), 0, stores.artifacts, never)
    found = load_profile(digest, stores.artifacts)
    numbers = found.column("number")
    assert (found.rows, numbers.minimum, numbers.maximum) == (63_000, 0.0, 62_999 / 2)
    assert numbers.mean == pytest.approx(62_999 / 4)
    assert numbers.quantiles["0.5"] == pytest.approx(62_999 / 4, abs=0.03 * 31_500)
    assert found.rank_error > 0
    assert (found.column("word").distinct, found.column("word").top[0].count) == (7, 8_572 + 3 * 143)
    assert load_summary(digest, stores.artifacts).rows == 63_000
    assert b"example.org" not in stores.artifacts.get(digest)


def test_correlations_are_carried_over_until_all_rows_are_read_again(stores: Stores) -> None:
    frame = rows(60_000).with_columns(twice=pl.col("number") * 2)
    digest = store_profile(frame, stores.artifacts)
    updated = update_profile(digest, frame.head(100), 0, stores.artifacts, never)
    expected = load_profile(digest, stores.artifacts)
    found = load_profile(updated, stores.artifacts)
    assert found.correlations == expected.correlations != ()
    assert found.correlated_rows == expected.correlated_rows == 10_000


def test_nothing_added_keeps_the_digest(stores: Stores) -> None:
    digest = store_profile(FRAME, stores.artifacts)
    assert update_profile(digest, FRAME.head(0), 0, stores.artifacts, never) == digest


@pytest.mark.parametrize("case", ["removed", "small", "grown", "columns", "absent", "damaged", "first"])
def test_all_rows_are_read_where_added_ones_do_not_tell(stores: Stores, case: str) -> None:
    former = rows(60_000 if case != "small" else 600)
    added = rows(20_000 if case == "grown" else 10)
    if case == "columns":
        added = added.with_columns(pl.col("number").cast(pl.Float32))
    digest: Digest | None = store_profile(former, stores.artifacts)
    if case == "absent":
        digest = Digest("0" * 64)
    if case == "damaged":
        digest = stores.artifacts.put(b"{}")
    if case == "first":
        digest = None
    whole = pl.concat([former, added], how="vertical_relaxed").tail(-5 if case == "removed" else former.height + 10**6)
    found = update_profile(digest, added, 5 if case == "removed" else 0, stores.artifacts, lambda: whole)
    assert load_profile(found, stores.artifacts) == profile(whole)


def test_profile_of_a_later_format_is_refused(stores: Stores) -> None:
    digest = store_profile(FRAME, stores.artifacts)
    later = stores.artifacts.get(digest).replace(b'{"format":1', b'{"format":2', 1)
    with pytest.raises(IntegrityError, match="format 2"):
        load_profile(stores.artifacts.put(later), stores.artifacts)
