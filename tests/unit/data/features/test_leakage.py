from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from millwright.core.errors import InvalidInputError, LeakageError
from millwright.data.features.leakage import check_known_at_prediction, overlapping_ids, suspicious_columns

UNKNOWN = {"spending": "only known when the phase is over", "ended": "in the future"}
RNG = np.random.default_rng(3)
N = 500


def frame() -> pl.DataFrame:
    late = RNG.integers(0, 2, N)
    return pl.DataFrame(
        {
            "late": late,
            "ended": [None if y else 5 for y in late],
            "cost": late * 10 + RNG.normal(size=N),
            "status": ["over" if y else "on time" for y in late],
            "budget": RNG.normal(size=N) + late,
            "name": [f"phase {number}" for number in range(N)],
            "tags": [["x"]] * N,
        }
    )


def test_features_that_are_known_pass() -> None:
    check_known_at_prediction(["budget", "phase"], unknown=UNKNOWN, derived_from={"phase": ["name"]})


def test_feature_that_is_not_known_is_named_with_the_reason() -> None:
    with pytest.raises(LeakageError) as caught:
        check_known_at_prediction(["budget", "spending", "ended"], unknown=UNKNOWN)
    assert caught.value.message == (
        "Not known at the moment of prediction: 'spending': only known when the phase is over; 'ended': in the future."
    )
    assert caught.value.details["columns"] == UNKNOWN
    assert caught.value.hint


def test_feature_made_of_something_unknown_is_followed_to_it() -> None:
    derived = {"overrun_share": ["overrun", "budget"], "overrun": ["spending", "overrun"], "budget": []}
    with pytest.raises(LeakageError) as caught:
        check_known_at_prediction(["overrun_share"], unknown=UNKNOWN, derived_from=derived)
    assert "'overrun_share' (made of 'overrun' (made of 'spending')): only known" in caught.value.message


def test_columns_that_tell_the_target_alone_are_reported_the_worst_first() -> None:
    found = suspicious_columns(frame(), "late")
    assert [(one.column, one.measure) for one in found] == [
        ("cost", "roc_auc"),
        ("ended", "missing roc_auc"),
        ("status", "roc_auc"),
    ]
    assert str(found[1]) == "ended: missing roc_auc 1.000 by itself"


def test_copies_of_a_number_and_of_classes_are_reported() -> None:
    table = frame().with_columns(copy=pl.col("budget") * 2 + 1, class_name=pl.col("late").cast(pl.String))
    assert [one.column for one in suspicious_columns(table, "budget")] == ["copy"]
    three = pl.DataFrame({"y": ["u", "v", "w"] * 100, "x": [1, 2, 3] * 100, "z": [1, 1, 2] * 100})
    assert [(one.column, one.measure) for one in suspicious_columns(three, "y")] == [("x", "accuracy")]


@pytest.mark.parametrize("rows", [0, 29])
def test_table_with_few_rows_is_not_judged(rows: int) -> None:
    assert suspicious_columns(frame()[:rows], "late") == []


def test_target_that_cannot_be_told_gives_nothing() -> None:
    table = frame()
    assert suspicious_columns(table.with_columns(late=pl.lit(1)), "late") == []
    assert suspicious_columns(table, "name") == []
    assert suspicious_columns(table.with_columns(late=pl.lit(None)), "late") == []
    with pytest.raises(InvalidInputError, match="Did you mean 'late'"):
        suspicious_columns(table, "lat")


def test_ids_in_both_parts_are_counted() -> None:
    train = pl.DataFrame({"id": ["a", "b", None], "group": [1, 1, 2]})
    test = pl.DataFrame({"id": ["b", "c", None, "b"], "group": [3, 3, 3, 1]})
    assert overlapping_ids(train, test, ["id", "group"]) == {"id": 0.5, "group": 0.25}
    assert overlapping_ids(train, test.clear(), ["id"]) == {"id": 0}
    with pytest.raises(InvalidInputError, match="no column 'ids'"):
        overlapping_ids(train, test, ["ids"])
