from __future__ import annotations

import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from millwright.core.clock import ManualClock
from millwright.core.errors import ConflictError, InvalidInputError, NotFoundError
from millwright.core.records.dataset import DatasetKind
from millwright.data.contracts.document import parse_contract
from millwright.data.contracts.validation import validate
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions
from millwright.data.quarantine.catalog import QuarantineCatalog
from millwright.data.quarantine.checked import set_rows_aside
from millwright.data.quarantine.repair import by_expressions, by_rows
from millwright.storage.catalog import open_stores

if TYPE_CHECKING:
    from millwright.core.records.dataset import DatasetVersionRecord

CONTRACT = parse_contract(
    "name: costs\nmax_quarantined: 100%\nmin_rows: 0\nkey: id\ncolumns: {id: integer, cost: {type: number, min: 0}}\n"
)
NO_KEY = parse_contract("name: costs\nmax_quarantined: 100%\ncolumns: {id: integer, cost: {type: number, min: 0}}\n")
RAW = pl.DataFrame({"id": ["1", "2", "3", "2", "5"], "cost": ["1", "$2", "-3", "4", "5"]})


def set_aside(datasets: DatasetCatalog, raw: pl.DataFrame = RAW, contract=CONTRACT) -> DatasetVersionRecord:
    """Write the table and quarantine what breaks the contract; the dataset's record."""
    record = datasets.write(raw, "costs", kind=DatasetKind.SOURCE).record
    set_rows_aside(datasets, validate(raw, contract), record, contract="costs@1")
    return record


def test_quarantine_is_shown_with_its_reasons_counted(datasets: DatasetCatalog, quarantine: QuarantineCatalog) -> None:
    set_aside(datasets)
    (found,) = quarantine.list()
    assert found == quarantine.get("costs") == quarantine.get("costs.quarantine")
    assert (found.dataset, found.of, found.contract, found.rows) == ("costs", "costs@1", "costs@1", 2)
    assert dict(found.reasons) == {"cost: not a number": 1, "cost: below 0": 1}


def test_repaired_rows_go_back_into_their_places_and_the_others_stay(
    datasets: DatasetCatalog, quarantine: QuarantineCatalog
) -> None:
    set_aside(datasets)
    quarantine.repair("costs", lambda rows: by_expressions(rows, {"cost": "REPLACE(cost, '-', '')"}), by="test")
    result = quarantine.replay("costs", CONTRACT, contract_ref="costs@1")
    assert (result.accepted, result.left, result.dataset) == (1, 1, "costs@2")
    assert datasets.get("costs").read().rows() == [("1", "1"), ("2", "$2"), ("3", "3"), ("2", "4"), ("5", "5")]
    assert datasets.get("costs").record.contract is None
    assert quarantine.get("costs").version.read().rows() == [("2", "$2", ["cost: not a number"], 2)]
    again = quarantine.replay("costs", CONTRACT)
    assert (again.accepted, again.left, again.dataset) == (0, 1, "costs@2")
    assert quarantine.get("costs").version.record.ref == result.quarantine


def test_key_of_a_repaired_row_is_judged_among_all_rows(
    datasets: DatasetCatalog, quarantine: QuarantineCatalog
) -> None:
    """A repaired row that comes first makes another one repeat its key: that one is set aside, nothing is lost."""
    set_aside(datasets)
    quarantine.repair("costs", lambda rows: by_expressions(rows, {"cost": "'7'"}), by="test")
    result = quarantine.replay("costs", CONTRACT)
    assert (result.accepted, result.left) == (2, 1)
    assert quarantine.get("costs").version.read().rows() == [("2", "4", ["key (id): repeats"], 4)]
    assert datasets.get("costs").record.rows == 5


def test_dataset_that_holds_after_a_replay_says_so(datasets: DatasetCatalog, quarantine: QuarantineCatalog) -> None:
    set_aside(datasets, RAW.head(3))
    quarantine.repair("costs", lambda rows: by_expressions(rows, {"cost": "'7'"}), by="test")
    result = quarantine.replay("costs", CONTRACT, contract_ref="costs@1")
    assert (result.left, datasets.get(result.dataset).record.contract) == (0, "costs@1")
    assert quarantine.list() == []
    assert quarantine.get("costs").rows == 0
    nothing = quarantine.replay("costs", CONTRACT)
    assert (nothing.accepted, nothing.left) == (0, 0)


def test_repair_that_is_taken_back_is_the_latest_again(datasets: DatasetCatalog, quarantine: QuarantineCatalog) -> None:
    set_aside(datasets)
    first = quarantine.get("costs").version.read()
    quarantine.repair("costs", lambda rows: by_expressions(rows, {"cost": "'7'"}), by="test")
    back = quarantine.repair("costs", lambda rows: by_rows(rows, first.select("_row", "cost")), by="test")
    assert back.record.version == 3
    assert quarantine.get("costs").version.read().equals(first)
    assert quarantine.get("costs").of == "costs@1"


def test_repair_may_not_drop_rows(datasets: DatasetCatalog, quarantine: QuarantineCatalog) -> None:
    set_aside(datasets)
    with pytest.raises(InvalidInputError, match="Expected 2 corrected rows"):
        quarantine.repair("costs", lambda rows: rows.head(1), by="test")


def test_rows_are_found_where_a_later_version_has_them(datasets: DatasetCatalog, quarantine: QuarantineCatalog) -> None:
    set_aside(datasets, RAW.head(3), NO_KEY)
    more = pl.DataFrame({"id": ["8", "9"], "cost": ["8", "bad"]})
    datasets.write(more, "costs", kind=DatasetKind.SOURCE, options=WriteOptions(mode="append"))
    quarantine.repair("costs", lambda rows: by_expressions(rows, {"cost": "'7'"}), by="test")
    result = quarantine.replay("costs", NO_KEY)
    assert datasets.get("costs").read()["cost"].to_list() == ["1", "7", "7", "8", "bad"]
    assert (result.accepted, result.left) == (2, 1)  # the row that was appended and is bad is accounted for, too


def test_rows_that_stand_elsewhere_are_merged_by_their_key(
    datasets: DatasetCatalog, quarantine: QuarantineCatalog
) -> None:
    set_aside(datasets, RAW.head(3))
    datasets.write(RAW.head(3).reverse(), "costs", kind=DatasetKind.SOURCE)
    quarantine.repair("costs", lambda rows: by_expressions(rows, {"cost": "'7'"}, "id = '3'"), by="test")
    with pytest.raises(ConflictError, match="are not where they were when these were set aside"):
        quarantine.replay("costs", NO_KEY)
    result = quarantine.replay("costs", CONTRACT)
    assert (result.accepted, result.left) == (1, 1)
    assert datasets.get("costs").read().rows() == [("3", "7"), ("2", "$2"), ("1", "1")]
    assert quarantine.get("costs").version.read()["_row"].to_list() == [2]
    again = quarantine.replay("costs", CONTRACT)
    assert (again.accepted, again.left, again.quarantine) == (0, 1, result.quarantine)


def test_dataset_of_which_nothing_was_set_aside_is_named(
    datasets: DatasetCatalog, quarantine: QuarantineCatalog
) -> None:
    set_aside(datasets)
    with pytest.raises(NotFoundError, match=r"Nothing of the dataset 'cots' .*Did you mean 'costs'"):
        quarantine.get("cots")


VALUES = st.sampled_from(["1", "2", "-3", "x", "4", ""])


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), VALUES), max_size=3),
)
def test_every_row_is_accounted_for_whatever_is_repaired(
    rows: list[tuple[str, str]], repairs: list[tuple[int, str]]
) -> None:
    raw = pl.DataFrame(rows, schema={"id": pl.String, "cost": pl.String}, orient="row")
    clock = ManualClock(datetime(2026, 1, 5, tzinfo=UTC))
    with tempfile.TemporaryDirectory() as folder:
        urls = {f"{name}_url": str(Path(folder) / name) for name in ("artifacts", "predictions")}
        with closing(open_stores(records_url=f"sqlite:///{folder}/records.db", **urls)) as stores:
            datasets = DatasetCatalog(stores=stores, root_url=f"{folder}/datasets", clock=clock, actor="ada")
            quarantine = QuarantineCatalog(datasets=datasets, clock=clock)
            set_aside(datasets, raw)
            if validate(raw, CONTRACT).quarantined.is_empty():
                return
            for number, value in repairs:
                aside = quarantine.get("costs").version.read()
                if aside.height:
                    row = aside["_row"][number % aside.height]
                    edited = pl.DataFrame({"_row": [row], "cost": [value]})
                    quarantine.repair("costs", lambda rows, edited=edited: by_rows(rows, edited), by="test")
                result = quarantine.replay("costs", CONTRACT)
                table, left = datasets.get("costs").read(), quarantine.get("costs").version.read()
                assert (table.height, result.left) == (raw.height, left.height)
                good = table.filter(~pl.int_range(1, pl.len() + 1).is_in(left["_row"].implode()))
                assert validate(good, CONTRACT).quarantined.is_empty()
                again = quarantine.replay("costs", CONTRACT)
                assert (again.left, again.dataset, again.quarantine) == (left.height, result.dataset, result.quarantine)
