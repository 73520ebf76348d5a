from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import exc

from millwright.core.errors import InvalidInputError, StorageError
from millwright.storage.backends.sql.failure import driver_errors, explained, hint, lacks_reference, lost_race, refused


class DeadlockDetected(sqlite3.OperationalError):
    sqlstate = "40P01"


def test_deadlock_is_a_lost_race_whoever_reports_it() -> None:
    for error in (DeadlockDetected("deadlock"), exc.DBAPIError("SELECT", {}, DeadlockDetected("deadlock"))):
        found = explained(error, "x.db")
        assert found is not None
        assert lost_race(found)


def test_other_drivers_errors_name_the_place_and_give_a_hint() -> None:
    found = explained(sqlite3.OperationalError("database or disk is full\nmore"), "x.db")
    assert isinstance(found, StorageError)
    assert str(found).startswith("Cannot use the store x.db: database or disk is full.")
    assert "room" in found.hint
    assert hint("something new") == ""


@pytest.mark.parametrize(
    "error", [UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates"), OverflowError("too large: SQLite INTEGER")]
)
def test_values_without_a_form_are_bad_input(error: Exception) -> None:
    assert isinstance(refused(error), InvalidInputError)
    assert explained(error, "x.db") is None  # may come from anywhere


def test_errors_of_others_are_left_alone() -> None:
    assert explained(ValueError("x"), "x.db") is None
    assert refused(ValueError("x")) is None
    assert sqlite3.Error in driver_errors()


class ForeignKeyViolation(Exception):  # noqa: N818 - as psycopg calls it
    sqlstate = "23503"


def test_row_that_names_another_one_that_is_not_there_is_told_from_other_mistakes() -> None:
    assert lacks_reference(sqlite3.IntegrityError("FOREIGN KEY constraint failed"))
    assert lacks_reference(ForeignKeyViolation("violates foreign key constraint"))
    assert not lacks_reference(sqlite3.IntegrityError("NOT NULL constraint failed: step_runs.step"))
    assert not lacks_reference(DeadlockDetected("deadlock"))
    assert not lacks_reference(ValueError("x"))
