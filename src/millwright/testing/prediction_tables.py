"""Conformance of `PredictionStore` with reading by segment and by column."""
# ruff: noqa: S101

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.ids import PredictionId, new_id
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.prediction_columns import prediction_columns

if TYPE_CHECKING:
    from millwright.core.records.prediction import PredictionRecord
    from millwright.storage.base.prediction_table import PredictionTable
    from millwright.storage.base.predictions import PredictionStore

_HOUR_S = 3600


class PredictionTablesConformance(StoreConformance):
    """What those who count get."""

    @pytest.mark.parametrize("form", ["records", "texts", "columns"])
    def test_table_holds_what_was_appended(self, store: PredictionStore, form: str) -> None:
        """In whichever form it came, with types and times."""
        rows = [
            sample.prediction(
                seconds=number,
                features={"a": 1.5 * number, "b": None if number else "ä", "c": number, "d": [0.5, number + 0.5]},
                outputs={"prediction": number > 1},
                key=None if number else "k",
            )
            for number in range(3)
        ]
        store.append(rows if form == "records" else prediction_columns(rows, as_texts=form == "texts"))
        (table,) = store.iter_tables("delay")
        assert (table.endpoint, table.model, table.version, len(table)) == ("delay", rows[0].model, rows[0].version, 3)
        assert _rows(table) == [_row(row) for row in rows]
        assert table.features.dtypes == [pl.Float64, pl.String, pl.Int64, pl.List(pl.Float64)]
        assert table.outputs.dtypes == [pl.Boolean]
        assert table.rows["at"].dtype == pl.Datetime("us", "UTC")

    def test_column_of_several_types_is_text(self, store: PredictionStore) -> None:
        """And whole numbers beside fractions are numbers; a row without a value has none."""
        features: list[dict[str, Any]] = [
            {"a": 1, "b": 1, "c": {"d": 1}},
            {"a": "x", "b": 0.5},
            {"a": True, "e": [1, "x"]},
        ]
        store.append([sample.prediction(seconds=second, features=each) for second, each in enumerate(features)])
        (table,) = store.iter_tables("delay")
        assert table.features.to_dict(as_series=False) == {
            "a": ["1", "x", "true"],
            "b": [1.0, 0.5, None],
            "c": ['{"d":1}', None, None],
            "e": [None, None, '[1,"x"]'],
        }

    def test_rows_without_any_feature_are_rows(self, store: PredictionStore) -> None:
        """Their table of features has no column."""
        store.append([sample.prediction(features={}, outputs={}, seconds=second) for second in range(2)])
        (table,) = store.iter_tables("delay", start=sample.moment(1))
        assert (len(table), table.features.width, table.outputs.width) == (1, 0, 0)

    def test_versions_of_a_segment_are_tables_of_their_own(self, store: PredictionStore) -> None:
        """Or one of them is given when asked for."""
        rows = [sample.prediction(seconds=n, version=n % 2, features={f"f{n % 2}": n}) for n in range(4)]
        store.append(rows)
        assert [(table.version, table.features.columns) for table in store.iter_tables("delay")] == [
            (0, ["f0"]),
            (1, ["f1"]),
        ]
        (table,) = store.iter_tables("delay", version=1)
        assert _rows(table) == [_row(rows[1]), _row(rows[3])]
        assert list(store.iter_tables("delay", version=9)) == []

    def test_tables_of_a_range_hold_its_start_and_not_its_end(self, store: PredictionStore) -> None:
        """As the records do, also those whose id is of another hour."""
        rows = [sample.prediction(seconds=hours * _HOUR_S) for hours in (-25, -1, 0, 0.5, 1, 26)]
        early = sample.prediction(at=sample.moment(0), id=PredictionId(new_id(_milliseconds(-0.9 * _HOUR_S))))
        store.append([*rows, early])
        for start, end in ((rows[1].at, rows[4].at), (sample.moment(1e-6), None), (None, rows[2].at), (None, None)):
            found = [row["id"] for table in store.iter_tables("delay", start=start, end=end) for row in _rows(table)]
            assert sorted(found) == sorted(row.id for row in store.iter("delay", start=start, end=end))

    def test_segments_never_change_and_hold_every_row_once(self, store: PredictionStore) -> None:
        """Older hours first; what is appended later, also to an older hour, is another segment."""
        rows = [sample.prediction(seconds=hours * _HOUR_S) for hours in (3, 1, 1)]
        store.append(rows[:1])
        first = list(store.segments("delay"))
        store.append(rows[1:2])
        store.append(rows[2:])
        names = list(store.segments("delay"))
        assert len(set(names)) == 3
        assert names[2:] == first
        tables = [table for name in names for table in store.read_segment("delay", name)]
        assert sorted(row["id"] for table in tables for row in _rows(table)) == sorted(row.id for row in rows)

    def test_segments_of_a_range_are_those_that_may_hold_its_rows(self, store: PredictionStore) -> None:
        """None that is days away, whose reading would be in vain."""
        rows = [sample.prediction(seconds=hours * _HOUR_S) for hours in (-48, 0, 48)]
        store.append(rows)
        names = list(store.segments("delay"))
        assert list(store.segments("delay", start=sample.moment(-1), end=sample.moment(1))) == names[1:2]
        assert list(store.segments("nowhere")) == []

    def test_segments_before_a_moment_are_told_by_their_names(self, store: PredictionStore) -> None:
        """All whose rows may be of the moment or later sort behind its end, as do no others of three hours before."""
        store.append([sample.prediction(seconds=quarter * _HOUR_S / 4) for quarter in range(-28, 28)])
        for minutes in range(-120, 120, 15):
            moment = sample.moment(60 * minutes)
            end = store.segments_end(moment)
            before = {name for name in store.segments("delay") if name < end}
            for name in store.segments("delay"):
                newest = store.segment_times(name)[1] + timedelta(hours=1)
                assert name not in before or newest < moment
                assert name in before or newest > moment - timedelta(hours=2)

    def test_segment_tells_when_its_ids_were_made(self, store: PredictionStore) -> None:
        """To the millisecond."""
        store.append([sample.prediction(seconds=second) for second in (5, 1, 3)])
        (name,) = store.segments("delay")
        first, last = store.segment_times(name)
        assert abs(first - sample.moment(1)) < timedelta(milliseconds=1)
        assert abs(last - sample.moment(5)) < timedelta(milliseconds=1)

    @pytest.mark.parametrize("name", ["", "x", "../up", "labels/x.parquet", "date=2026-03-29/hour=12/../x"])
    def test_name_of_no_segment_is_refused(self, store: PredictionStore, name: str) -> None:
        """It leads nowhere."""
        with pytest.raises(InvalidInputError, match="segment"):
            store.read_segment("delay", name)

    def test_segment_of_another_endpoint_is_not_there(self, store: PredictionStore) -> None:
        """As one that was removed is not."""
        store.append([sample.prediction()])
        (name,) = store.segments("delay")
        assert store.read_segment("other", name) == []


def _rows(table: PredictionTable) -> list[dict[str, Any]]:
    def dicts(side: pl.DataFrame) -> list[dict[str, Any]]:
        return side.to_dicts() if side.width else [{}] * len(table)

    sides = zip(table.rows.to_dicts(), dicts(table.features), dicts(table.outputs), strict=True)
    return [row | {"f": features, "o": outputs} for row, features, outputs in sides]


def _row(record: PredictionRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "at": record.at,
        "latency_ms": record.latency_ms,
        "request_id": record.request_id,
        "key": record.key,
        "f": dict(record.features),
        "o": dict(record.outputs),
    }


def _milliseconds(seconds: float) -> int:
    return int(sample.moment(seconds).timestamp() * 1000)
