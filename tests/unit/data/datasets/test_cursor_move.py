from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConflictError
from millwright.core.records.dataset import SourceCursorRecord
from millwright.data.datasets.cursor_move import CursorMove

if TYPE_CHECKING:
    from millwright.core.clock import ManualClock
    from millwright.storage.catalog import Stores


def test_cursor_moves_only_from_where_the_reader_found_it(stores: Stores, clock: ManualClock) -> None:
    first = SourceCursorRecord(dataset="t", source="s", kind="files", position={"n": [1]}, updated_at=clock.now())
    CursorMove(before=None, after=first).put(stores.datasets)
    found = stores.datasets.find_cursor("t", "s")
    assert found == first
    second = replace(first, position={"n": [1, 2]}, updated_at=clock.now() + timedelta(seconds=1))
    with pytest.raises(ConflictError, match="has read on from s into 't'"):
        CursorMove(before=None, after=second).put(stores.datasets)
    CursorMove(before=found, after=second).put(stores.datasets)
    assert stores.datasets.find_cursor("t", "s") == second
