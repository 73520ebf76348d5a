from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.label import LabelResult, LabelService

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def service(world: Any) -> LabelService:
    world.register(reference=False)
    return LabelService(stores=world.stores, clock=world.clock, actor="user:ada")


def stored(world: Any) -> dict[str, Any]:
    return {label.prediction_id: label.value for label in world.stores.predictions.iter_labels("delay")}


@pytest.mark.parametrize("rows", [5, 100])  # looked up one by one, and in one pass
def test_labels_are_stored_by_prediction_id(world: Any, service: LabelService, draw_rows: Any, rows: int):
    records = world.log(draw_rows(rows))
    result = service.add("delay", [{"prediction_id": r.id, "label": "1"} for r in records], source="mail")
    assert result == LabelResult(added=rows)
    assert stored(world) == {record.id: 1 for record in records}
    entry = world.stores.audit.list(subject="endpoint:delay")[0]
    assert (entry.action, entry.details["added"], entry.details["source"]) == ("labels.add", rows, "mail")


def test_labels_are_stored_by_the_callers_key_for_every_prediction_under_it(
    world: Any, service: LabelService, draw_rows: Any
):
    first, second = world.log(draw_rows(2), keys=True), world.log(draw_rows(2), keys=True)
    assert service.add("delay", [{"key": "row-1", "label": 0}]).added == 2
    assert stored(world) == {first[1].id: 0, second[1].id: 0}


def test_labels_of_unknown_predictions_are_counted_and_the_rest_is_stored(
    world: Any, service: LabelService, draw_rows: Any
):
    record = world.log(draw_rows(1), keys=True)[0]
    rows = [
        {"prediction_id": record.id, "label": 1},
        {"prediction_id": "no id", "label": 1},
        {"prediction_id": record.id[:-1] + ("0" if record.id[-1] != "0" else "1"), "label": 1},
        {"key": "row-9", "label": 1},
    ]
    result = service.add("delay", rows)
    assert (result.added, result.unknown) == (1, 3)
    assert "row-9" in result.unknown_examples
    assert service.add("other", rows[:1]).unknown == 1


def test_labels_given_again_change_nothing(world: Any, service: LabelService, draw_rows: Any):
    rows = [{"prediction_id": record.id, "label": 1} for record in world.log(draw_rows(3))]
    service.add("delay", rows)
    before = len(world.stores.audit.list())
    assert service.add("delay", rows) == LabelResult(unchanged=3)
    assert len(world.stores.audit.list()) == before


def test_label_that_was_corrected_replaces_the_earlier_one(world: Any, service: LabelService, draw_rows: Any):
    record = world.log(draw_rows(1))[0]
    service.add("delay", [{"prediction_id": record.id, "label": 1}])
    assert service.add("delay", [{"prediction_id": record.id, "label": 0}]) == LabelResult(changed=1)
    assert stored(world) == {record.id: 0}


def test_labels_said_twice_are_counted_as_duplicates(world: Any, service: LabelService, draw_rows: Any):
    record = world.log(draw_rows(1))[0]
    row = {"prediction_id": record.id, "label": 1}
    assert service.add("delay", [row, row]) == LabelResult(added=1, duplicates=1)


def test_labels_that_contradict_each_other_are_refused_unless_times_tell_them_apart(
    world: Any, service: LabelService, draw_rows: Any
):
    record = world.log(draw_rows(1))[0]
    one, two = {"prediction_id": record.id, "label": 0}, {"prediction_id": record.id, "label": 1}
    with pytest.raises(InvalidInputError, match=r"Rows 1 and 2 give prediction .* different labels: 0 and 1"):
        service.add("delay", [one, two])
    assert stored(world) == {}
    service.add("delay", [{**two, "observed_at": "2026-01-02"}, {**one, "observed_at": "2026-01-01T00:00:00Z"}])
    label = next(world.stores.predictions.iter_labels("delay"))
    assert (label.value, label.observed_at) == (1, datetime(2026, 1, 2, tzinfo=UTC))


def test_labels_are_refused_as_a_whole_when_one_is_no_class(world: Any, service: LabelService, draw_rows: Any):
    records = world.log(draw_rows(2))
    rows = [{"prediction_id": records[0].id, "label": 1}, {"prediction_id": records[1].id, "label": "late"}]
    with pytest.raises(InvalidInputError, match=r"Row 2: expected one of the model's classes \(0, 1\).*'late'"):
        service.add("delay", rows)
    assert stored(world) == {}


def test_rows_without_a_label_are_counted_and_left_out(world: Any, service: LabelService, draw_rows: Any):
    records = world.log(draw_rows(2))
    rows = [{"prediction_id": records[0].id, "label": None}, {"prediction_id": records[1].id, "label": " "}]
    assert service.add("delay", rows) == LabelResult(without_label=2)


def test_row_that_names_no_prediction_is_refused(service: LabelService):
    with pytest.raises(InvalidInputError, match="Row 1: expected a prediction_id or a key, found neither"):
        service.add("delay", [{"label": 1}])


def test_row_with_a_time_that_is_none_is_refused(service: LabelService):
    with pytest.raises(InvalidInputError, match="Row 1: expected observed_at in ISO 8601, found 'soon'"):
        service.add("delay", [{"key": "a", "label": 1, "observed_at": "soon"}])


def test_file_of_labels_is_read_as_text(world: Any, service: LabelService, draw_rows: Any, tmp_path: Path):
    records = world.log(draw_rows(2), keys=True)
    path = tmp_path / "labels.csv"
    path.write_text(f"prediction_id, label ,key\n{records[0].id},1,\n,0,row-1\n")
    assert service.add_file("delay", path).added == 2
    assert stored(world) == {records[0].id: 1, records[1].id: 0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prediction_id,labels\na,1\n", "Expected a column 'label', found prediction_id, labels"),
        ("id,label\na,1\n", "Expected a column 'prediction_id' or 'key', found id, label"),
        ("", "Expected a CSV file with a header"),
    ],
)
def test_file_of_something_else_is_refused(service: LabelService, tmp_path: Path, text: str, message: str):
    path = tmp_path / "labels.csv"
    path.write_text(text)
    with pytest.raises(InvalidInputError, match=message):
        service.add_file("delay", path)


def test_file_that_is_not_there_is_refused(service: LabelService, tmp_path: Path):
    with pytest.raises(InvalidInputError, match="There is no file"):
        service.add_file("delay", tmp_path / "labels.csv")


def test_labels_of_a_key_and_a_time_answer_the_predictions_before_them(
    world: Any, service: LabelService, draw_rows: Any
):
    first = world.log(draw_rows(1), keys=True)[0]
    world.clock.advance(timedelta(days=5))
    second = world.log(draw_rows(1), keys=True)[0]
    world.clock.advance(timedelta(days=20))
    third = world.log(draw_rows(1), keys=True)[0]
    rows = [
        {"key": "row-0", "label": 1, "observed_at": first.at + timedelta(days=6)},
        {"key": "row-0", "label": 0, "observed_at": third.at + timedelta(days=1)},
        {"key": "row-0", "label": 0, "observed_at": third.at + timedelta(days=100)},
    ]
    result = service.add("delay", rows, within=timedelta(days=10))
    assert stored(world) == {first.id: 1, second.id: 1, third.id: 0}
    assert (result.added, result.unknown) == (3, 1)


def test_labels_of_a_key_need_a_time_where_time_counts(world: Any, service: LabelService, draw_rows: Any):
    world.log(draw_rows(1), keys=True)
    with pytest.raises(InvalidInputError, match="Row 1: expected observed_at beside the key"):
        service.add("delay", [{"key": "row-0", "label": 1}], within=timedelta(days=10))
