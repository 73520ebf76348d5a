"""Any sequence of writes gives what a list of rows in memory gives."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from millwright.core.clock import ManualClock
from millwright.core.records.dataset import DatasetKind, DatasetOperation, DatasetVersionRecord
from millwright.data.datasets import layout, version_profile
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores

SCHEMA = {"id": pl.Int64, "name": pl.String, "cost": pl.Float64}
Row = tuple[Any, ...]

rows_of = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.sampled_from(["a", "b", "", None]),
        st.sampled_from([0.0, -1.5, float("nan"), float("inf"), None]),
    ),
    max_size=8,
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("overwrite"), rows_of),
        st.tuples(st.just("clustered"), rows_of),
        st.tuples(st.just("append"), rows_of),
        st.tuples(st.just("merge"), rows_of),
        st.tuples(st.just("delete"), st.integers(0, 12)),
        st.tuples(st.just("restore"), st.integers(0, 5)),
    ),
    min_size=1,
    max_size=7,
)


@dataclass
class Model:
    """What the versions should be; a version is its kind of operation and its rows."""

    versions: list[list[Row]] = field(default_factory=list)
    whole: set[int] = field(default_factory=set)  # places of versions that were written whole

    def add(self, rows: list[Row], *, whole: bool = False) -> bool:
        if whole:
            if any(same(self.versions[place], rows) for place in self.whole) or (
                self.versions and same(self.versions[-1], rows)
            ):
                return False
            self.whole.add(len(self.versions))
        elif same(self.versions[-1], rows):
            return False
        self.versions.append(rows)
        return True


def same(left: list[Row], right: list[Row]) -> bool:
    return repr(left) == repr(right)


def once(rows: list[Row]) -> list[Row]:
    return list({row[0]: row for row in rows}.values())


def apply(model: Model, catalog: DatasetCatalog, dataset: str, step: tuple[str, Any]) -> bool:
    """Do a step in both; whether it should have made a version."""
    name, value = step
    latest = model.versions[-1] if model.versions else None
    if name in {"delete", "restore"}:
        if latest is None:
            return False
        if name == "delete":
            catalog.delete(dataset, f"id >= {value} AND cost IS NOT NULL")
            return model.add([row for row in latest if not (row[0] >= value and row[2] is not None)])
        place = value % len(model.versions)
        catalog.restore(f"{dataset}@{place + 1}")
        made = model.add(model.versions[place])
        if made and place in model.whole:
            model.whole.add(len(model.versions) - 1)
        return made
    rows = once(value) if name in {"merge", "clustered"} else value
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    mode = "overwrite" if name == "clustered" else name
    key = ("id",) if name in {"merge", "clustered"} else ()
    catalog.write(frame, dataset, kind=DatasetKind.TABLE, options=WriteOptions(mode=mode, key=key))  # type: ignore[arg-type]
    if latest is None or mode == "overwrite":
        return model.add(sorted(rows, key=lambda row: row[0]) if name == "clustered" else rows, whole=True)
    if name == "append":
        if rows:
            model.versions.append([*latest, *rows])
        return bool(rows)
    by_key = {row[0]: row for row in rows}
    known = {row[0] for row in latest}
    return model.add([*(by_key.get(row[0], row) for row in latest), *(row for row in rows if row[0] not in known)])


@pytest.fixture
def tiny_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "rows_per_file", lambda _: 3)
    monkeypatch.setattr(layout, "_TAIL", 4)
    monkeypatch.setattr(version_profile, "CELLS", 0)  # profiles have tests of their own


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
@pytest.mark.usefixtures("tiny_files")
def test_any_sequence_of_writes_gives_what_a_list_of_rows_gives(stores: Stores, steps: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clock = ManualClock(datetime(2026, 1, 5, tzinfo=UTC))
        catalog = DatasetCatalog(stores=stores, root_url=folder, clock=clock, actor="ada")
        dataset, model = f"d-{Path(folder).name.replace('_', '')}", Model()
        for step in steps:
            before = len(model.versions)
            assert apply(model, catalog, dataset, step) == (len(model.versions) > before)
            assert len(catalog.versions(dataset)) == len(model.versions), step
        for number, rows in enumerate(model.versions, start=1):
            version = catalog.get(f"{dataset}@{number}")
            assert same(version.verify().rows(), rows)
            assert same(version.scan().collect().rows(), rows)
            assert same(version.read(["cost"]).rows(), [row[2:] for row in rows])
            check_counts(version.record.details, version.record, model)


def check_counts(details: Any, record: DatasetVersionRecord, model: Model) -> None:
    stayed = details["updated"] + details["unchanged"]
    assert details["added"] + stayed == record.rows
    if record.operation in {DatasetOperation.APPEND, DatasetOperation.MERGE, DatasetOperation.DELETE} and record.parent:
        assert details["removed"] + stayed == len(model.versions[record.parent - 1])
