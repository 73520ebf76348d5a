"""Conformance of `PredictionStore`."""
# ruff: noqa: S101

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.ids import PredictionId, new_id
from millwright.testing import sample
from millwright.testing.prediction_columns import PredictionColumnsConformance, prediction_columns
from millwright.testing.prediction_tables import PredictionTablesConformance
from millwright.testing.process import in_killed_process, in_processes, in_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.storage.base.predictions import PredictionStore
    from millwright.testing.conformance import Opener

_HOUR_S = 3600
_ODD_NAMES = (*sample.NAMES[:-1], ".", "..", "a/b", "../up", "c:\\x", "labels", "date=2026-03-29")


class PredictionStoreConformance(PredictionColumnsConformance, PredictionTablesConformance):
    """What was predicted, and what turned out to be true."""

    def test_prediction_comes_back_as_it_was_appended(self, store: PredictionStore) -> None:
        """With every field, filled or empty."""
        full = sample.prediction()
        empty = sample.prediction(features={}, outputs={}, request_id="", key=None, seconds=1)
        store.append([full, empty])
        assert list(store.iter("delay")) == [full, empty]
        assert store.find(full.id) == full
        assert store.find(empty.id) == empty

    def test_rows_of_models_with_other_columns_and_types_stand_side_by_side(self, store: PredictionStore) -> None:
        """A column may be a number today and text tomorrow."""
        rows = [
            sample.prediction(seconds=0, features={"a": 1}, outputs={"prediction": 1.5}),
            sample.prediction(seconds=1, features={"a": "x", "b": [1, {"c": None}]}, outputs={"prediction": True}),
        ]
        store.append(rows)
        assert list(store.iter("delay")) == rows

    @pytest.mark.parametrize("name", _ODD_NAMES)
    def test_endpoint_may_have_any_name(self, store: PredictionStore, name: str) -> None:
        """It never leads out of the store."""
        prediction = sample.prediction(name)
        store.append([prediction])
        store.append_labels(name, [sample.label(prediction.id, 1)])
        assert store.list_endpoints() == [name]
        assert list(store.iter(name)) == [prediction]
        assert store.find(prediction.id) == prediction
        assert [label.value for label in store.iter_labels(name)] == [1]

    def test_nothing_is_there_at_first(self, store: PredictionStore) -> None:
        """No endpoint, no row, no label; nothing appended is nothing."""
        store.append([])
        store.append_labels("delay", [])
        assert store.list_endpoints() == []
        assert list(store.iter("delay")) == []
        assert list(store.iter_labels("delay")) == []
        assert store.label_table("delay").is_empty()
        assert store.find(PredictionId(new_id())) is None

    def test_prediction_is_found_among_endpoints_and_hours(self, store: PredictionStore) -> None:
        """By its id alone."""
        rows = [sample.prediction(name, seconds=hour * _HOUR_S) for name in "ab" for hour in (-30, -1, 0, 1)]
        for row in rows:
            store.append([row])
        assert [store.find(row.id) for row in rows] == rows

    @pytest.mark.parametrize("text", ["", "nowhere", "f" * 32, "../../x", "0" * 32, "z" * 12 + "7" + "z" * 19])
    def test_text_that_is_no_id_is_found_nowhere(self, store: PredictionStore, text: str) -> None:
        """Finding is no error."""
        store.append([sample.prediction()])
        assert store.find(PredictionId(text)) is None

    @pytest.mark.parametrize("text", ["", "nowhere", "z" * 12 + "7" + "z" * 19])
    def test_prediction_is_refused_when_its_id_is_not_ours(self, store: PredictionStore, text: str) -> None:
        """Its partition could not be told; nothing of the batch is written, be it records or columns."""
        rows = [sample.prediction(), sample.prediction(id=PredictionId(text))]
        for batch in (rows, prediction_columns(rows), prediction_columns(rows, as_texts=False)):
            with pytest.raises(InvalidInputError, match="id"):
                store.append(batch)
        assert store.list_endpoints() == []

    def test_prediction_is_refused_when_its_time_is_far_from_that_of_its_id(self, store: PredictionStore) -> None:
        """Else a range of time would miss it."""
        rows = [sample.prediction(at=sample.moment(2 * _HOUR_S))]
        for batch in (rows, prediction_columns(rows)):
            with pytest.raises(InvalidInputError, match="time"):
                store.append(batch)

    def test_value_that_is_no_json_is_refused(self, store: PredictionStore) -> None:
        """Nothing is written."""
        with pytest.raises(InvalidInputError, match="JSON"):
            store.append([sample.prediction(features={"when": sample.NOON})])
        with pytest.raises(InvalidInputError, match="JSON"):
            store.append_labels("delay", [sample.label(PredictionId(new_id()), {1, 2})])
        assert store.list_endpoints() == []

    def test_range_of_time_holds_its_start_and_not_its_end(self, store: PredictionStore) -> None:
        """To the microsecond, over hours and days."""
        rows = [sample.prediction(seconds=hours * _HOUR_S) for hours in (-25, -1, 0, 0.5, 1, 26)]
        store.append(rows)
        assert list(store.iter("delay", start=rows[1].at, end=rows[4].at)) == rows[1:4]
        assert list(store.iter("delay", start=sample.moment(1e-6))) == rows[3:]
        assert list(store.iter("delay", end=sample.moment(1e-6))) == rows[:3]
        assert list(store.iter("delay", start=rows[2].at, end=rows[2].at)) == []

    def test_row_is_in_its_range_when_its_id_is_of_another_hour(self, store: PredictionStore) -> None:
        """An id may be made a little before or after the time that counts."""
        early = sample.prediction(at=sample.moment(0), id=PredictionId(new_id(_milliseconds(-0.9 * _HOUR_S))))
        late = sample.prediction(at=sample.moment(1), id=PredictionId(new_id(_milliseconds(0.9 * _HOUR_S))))
        store.append([early, late])
        assert list(store.iter("delay", start=sample.moment(0), end=sample.moment(2))) == [early, late]

    def test_rows_are_in_order_of_time_within_an_hour(self, store: PredictionStore) -> None:
        """Whatever the order they came in."""
        rows = [sample.prediction(seconds=second) for second in range(6)]
        store.append([rows[4], rows[1]])
        store.append([rows[5], rows[0], rows[3], rows[2]])
        assert list(store.iter("delay")) == rows

    def test_rows_of_one_model_version_are_given_when_asked_for(self, store: PredictionStore) -> None:
        """And none of another."""
        rows = [sample.prediction(seconds=second, version=second % 2) for second in range(4)]
        store.append(rows)
        assert list(store.iter("delay", version=1)) == [rows[1], rows[3]]
        assert list(store.iter("delay", version=9)) == []

    def test_endpoints_with_predictions_are_listed(self, store: PredictionStore) -> None:
        """By name; one with labels alone has none."""
        store.append([sample.prediction("b"), sample.prediction("a")])
        store.append_labels("c", [sample.label(PredictionId(new_id()), 1)])
        assert store.list_endpoints() == ["a", "b"]

    @pytest.mark.parametrize("value", [1, 1.5, "spät", True, None, [1, "x"]])
    def test_label_comes_back_as_it_was_appended(self, store: PredictionStore, value: Any) -> None:
        """Any JSON value."""
        label = sample.label(PredictionId(new_id()), value)
        store.append_labels("delay", [label])
        assert list(store.iter_labels("delay")) == [label]
        assert list(store.iter_labels("other")) == []

    def test_labels_are_read_by_segment(self, store: PredictionStore) -> None:
        """Segments come in the order in which they were appended, and each can be read alone."""
        ids = [PredictionId(new_id()) for _ in range(3)]
        store.append_labels("delay", [sample.label(ids[0], "a"), sample.label(ids[1], "b")])
        [first] = store.label_segments("delay")
        store.append_labels("delay", [sample.label(ids[0], "c", seconds=5), sample.label(ids[2], "d")])
        names = store.label_segments("delay")
        assert names[0] == first
        assert len(names) == 2
        tables = [store.label_table("delay", segments=part) for part in ([names[0]], [names[1]], names, [])]
        found = [dict(table.select("prediction_id", "value").iter_rows()) for table in tables]
        assert found[:2] == [{ids[0]: '"a"', ids[1]: '"b"'}, {ids[0]: '"c"', ids[2]: '"d"'}]
        assert found[2] == {ids[0]: '"c"', ids[1]: '"b"', ids[2]: '"d"'}
        assert found[3] == {}
        assert store.label_segments("other") == []
        # One that is gone holds nothing, and a name becomes no path.
        assert store.label_table("delay", segments=[f"{new_id()}.parquet"]).is_empty()
        for name in ("../labels", "", "date=2026-03-29/hour=10"):
            with pytest.raises(InvalidInputError, match="segment of labels"):
                store.label_table("delay", segments=[name])

    def test_later_label_replaces_the_earlier(self, store: PredictionStore) -> None:
        """By the time we were told; of equal times, the later call or row."""
        one, two = PredictionId(new_id()), PredictionId(new_id())
        store.append_labels("delay", [sample.label(one, "late", seconds=5), sample.label(two, "a")])
        store.append_labels("delay", [sample.label(one, "early", seconds=1), sample.label(two, "b")])
        store.append_labels("delay", [sample.label(two, "c"), sample.label(two, "d")])
        values = {label.prediction_id: label.value for label in store.iter_labels("delay")}
        table = store.label_table("delay")
        assert dict(zip(table["prediction_id"], map(json.loads, table["value"]), strict=True)) == values
        assert values == {one: "late", two: "d"}

    def test_rows_of_many_threads_are_all_there(self, store: PredictionStore) -> None:
        """And reading meanwhile does not fail."""

        def write_and_read(number: int) -> int:
            store.append([sample.prediction(seconds=number + row / 10) for row in range(5)])
            return len(list(store.iter("delay")))

        assert all(count >= 5 for count in in_threads(write_and_read))
        assert len(list(store.iter("delay"))) == 40

    def test_rows_of_many_processes_are_all_there(self, shared_opener: Opener) -> None:
        """Each of them once."""
        ids = in_processes(shared_opener, _append_ten)
        with shared_opener() as store:
            assert sorted(row.id for row in store.iter("delay")) == sorted(chain.from_iterable(ids))

    def test_rows_survive_sigkill_once_appended(self, shared_opener: Opener) -> None:
        """All of the acknowledged segment."""
        ids = in_killed_process(shared_opener, _append_and_tell)
        with shared_opener() as store:
            assert sorted(row.id for row in store.iter("delay")) == sorted(ids)


def _milliseconds(seconds: float) -> int:
    return int(sample.moment(seconds).timestamp() * 1000)


def _append_ten(store: PredictionStore, number: int) -> list[PredictionId]:
    rows = [sample.prediction(seconds=10 * number + row) for row in range(10)]
    for row in rows:
        store.append([row])
    return [row.id for row in rows]


def _append_and_tell(store: PredictionStore, acknowledge: Callable[[Any], None]) -> None:
    rows = [sample.prediction(seconds=row) for row in range(50)]
    store.append(rows)
    acknowledge([row.id for row in rows])
