"""Which online store a URL names; the stores' own tests are in `test_lmdb`, `test_redis` and `test_postgres`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import ConfigurationError
from millwright.storage.base.online import OnlineRow, newest_rows, order_of
from millwright.storage.catalog import open_online

if TYPE_CHECKING:
    from pathlib import Path

_MOMENT = st.integers(-(1 << 63) + 1, (1 << 63) - 1)


@pytest.mark.parametrize("url", ["mysql://host/db", "redis://host/0?prefix=A-b", "postgresql://host/db?prefix="])
def test_url_that_names_no_store_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        open_online(url)


def test_folder_is_named_with_or_without_a_scheme(tmp_path: Path) -> None:
    one, other = open_online(str(tmp_path / "on")), open_online(f"file://{tmp_path / 'on'}")
    one.put("v", [OnlineRow(b"k", 1, None, b"value")])
    assert other.get([("v", [b"k"])]) == [[b"value"]]
    one.close()
    other.close()


@given(st.tuples(_MOMENT, st.none() | _MOMENT), st.tuples(_MOMENT, st.none() | _MOMENT))
def test_order_compares_as_the_moments_do(one: tuple[int, int | None], other: tuple[int, int | None]) -> None:
    def plain(moments: tuple[int, int | None]) -> tuple[int, int]:
        return (moments[0], -(1 << 64) if moments[1] is None else moments[1])

    bytes_of_one, bytes_of_other = (order_of(OnlineRow(b"k", *each, b"")) for each in (one, other))
    assert (bytes_of_one < bytes_of_other) == (plain(one) < plain(other))
    assert (bytes_of_one == bytes_of_other) == (plain(one) == plain(other))


def test_newest_row_of_each_key_is_kept_sorted_by_key() -> None:
    rows = [OnlineRow(b"b", 1, None, b"1"), OnlineRow(b"a", 2, 1, b"2"), OnlineRow(b"a", 2, None, b"3")]
    rows.append(OnlineRow(b"b", 1, None, b"4"))
    assert [(key, value) for key, _, value in newest_rows(rows, replace=False)] == [(b"a", b"2"), (b"b", b"4")]
    assert [(key, value) for key, _, value in newest_rows(rows, replace=True)] == [(b"a", b"3"), (b"b", b"4")]
