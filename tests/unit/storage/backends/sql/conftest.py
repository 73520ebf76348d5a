"""A database of three runs, the last of which is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.records.experiment import Lifecycle
from millwright.storage.backends.sql.database import connect
from millwright.storage.catalog import open_stores
from millwright.testing import sample
from millwright.testing.runs import stored_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.core.records.run import RunRecord
    from millwright.storage.backends.sql.database import Database


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Database, list[RunRecord]]]:
    """The database, and the records of its runs."""
    url = f"sqlite:///{tmp_path}/x.db"
    stores = open_stores(records_url=url, artifacts_url="memory://a", predictions_url="memory://b")
    runs = [stored_run(stores) for _ in range(3)]
    stores.runs.set_lifecycle(runs[2].id, Lifecycle.DELETED, sample.NOON)
    stores.close()
    database = connect(url)
    yield database, runs
    database.close()
