from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from millwright.core.records.dataset import DatasetKind
from millwright.data.contracts.document import parse_contract
from millwright.data.contracts.validation import validate
from millwright.data.quarantine.checked import holds, record_contract, set_rows_aside

if TYPE_CHECKING:
    from millwright.data.datasets.dataset import Dataset

CONTRACT = parse_contract(
    "name: t\nmin_rows: 0\nvolume: {max_rows: 2}\ncolumns: {a: {type: integer, min: 0}, "
    "b: {type: integer, min: 0, severity: warn, required: no}}\n"
)


def test_contract_is_recorded_only_where_every_row_holds(datasets, stores) -> None:
    for values, recorded in (([1], True), ([1, -1], False), ([1, 2, 3], False)):
        record = datasets.write(pl.DataFrame({"a": values, "b": values}), "t", kind=DatasetKind.TABLE).record
        result = validate(datasets.get(record.ref).read(), CONTRACT)
        assert holds(result) is recorded
        assert record_contract(stores.datasets, record, result, None) is False
        assert record_contract(stores.datasets, record, result, "t@1") is recorded
        assert datasets.get(record.ref).record.contract == ("t@1" if recorded else None)


def test_warnings_set_nothing_aside(datasets) -> None:
    record = datasets.write(pl.DataFrame({"a": [1], "b": [-1]}), "t", kind=DatasetKind.TABLE).record
    result = validate(datasets.get("t").read(), CONTRACT)
    assert len(result.findings) == 1
    assert holds(result)
    assert set_rows_aside(datasets, result, record) is None


def test_quarantine_says_what_it_is_of(datasets) -> None:
    record = datasets.write(pl.DataFrame({"a": [1, -1]}), "t", kind=DatasetKind.TABLE).record
    written = set_rows_aside(datasets, validate(datasets.get("t").read(), CONTRACT), record, contract="t@1")
    assert written is not None
    assert (written.record.ref, written.record.kind) == ("t.quarantine@1", DatasetKind.QUARANTINE)
    assert written.record.details.items() >= {"of": "t@1", "reasons": {"a: below 0": 1}, "contract": "t@1"}.items()


def test_an_older_version_that_is_judged_again_leaves_the_newest_quarantine_as_it_is(datasets) -> None:
    def judged(table: Dataset) -> str:
        written = set_rows_aside(datasets, validate(table.read(), CONTRACT), table.record)
        assert written is not None
        return written.record.ref

    first, second = (datasets.write(pl.DataFrame({"a": [n]}), "t", kind=DatasetKind.TABLE) for n in (-1, -2))
    assert [judged(first), judged(second), judged(first)] == [f"t.quarantine@{n}" for n in (1, 2, 1)]
    assert datasets.get("t.quarantine").read()["a"].to_list() == [-2]
    again = datasets.restore(first.record.ref)  # now the first table's rows are the newest
    assert judged(again) == "t.quarantine@3"
    assert datasets.get("t.quarantine").read()["a"].to_list() == [-1]
