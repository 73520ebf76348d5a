from __future__ import annotations

import pytest

from millwright.core.digest import digest_bytes
from millwright.core.errors import IntegrityError
from millwright.pipelines.runner.items import LONGEST_INSIDE, StoredItem, read_items, write_items


def item(data: bytes) -> StoredItem:
    inside = data if len(data) <= LONGEST_INSIDE else None
    return StoredItem("bytes", digest_bytes(data), len(data), inside)


def test_items_come_back_with_the_bytes_of_the_short_ones() -> None:
    items = [item(b"one"), item(b""), item(b"x" * (LONGEST_INSIDE + 1)), item(b"two\nlines")]
    assert read_items(write_items(items)) == items
    assert read_items(write_items([])) == []


def test_equal_items_give_equal_bytes() -> None:
    assert write_items([item(b"a"), item(b"b")]) == write_items([item(b"a"), item(b"b")])
    assert write_items([item(b"a"), item(b"b")]) != write_items([item(b"b"), item(b"a")])


@pytest.mark.parametrize("data", [b"", b"[1, 2]", b"millwright-items 1\n[]"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(IntegrityError, match="another form"):
        read_items(data)
