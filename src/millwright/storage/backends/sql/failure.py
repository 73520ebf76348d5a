"""Errors of the drivers, in words that say what to do."""

from __future__ import annotations

import sqlite3
import sys
from typing import Any

from sqlalchemy import exc

from millwright.core.errors import ConflictError, InvalidInputError, MillwrightError, StorageError

BUSY_TIMEOUT_S = 30
_DEADLOCKED = ("40P01", "40001")  # PostgreSQL: deadlock_detected, serialization_failure
_FOREIGN_KEY = "23503"  # PostgreSQL: foreign_key_violation


def explained(error: BaseException, place: str) -> MillwrightError | None:
    """What an error of SQLAlchemy or of a driver means; None when it is none of theirs.

    Args:
        error: What was raised.
        place: The database, as messages call it.
    """
    if isinstance(error, exc.TimeoutError):
        return StorageError(
            f"No connection to {place} became free within {BUSY_TIMEOUT_S} s.",
            hint="Use fewer threads, or look for a transaction that is kept open.",
        )
    if isinstance(error, exc.DBAPIError):
        return _of_driver(error.orig, place)
    return _of_driver(error, place) if isinstance(error, driver_errors()) else None


def refused(error: BaseException) -> InvalidInputError | None:
    """What an error means that a driver raises of Python's own kinds, for a value that it has no form for; or None.

    Only for what is known to come from a driver: the same kinds come from anywhere else.
    """
    if isinstance(error, UnicodeError):
        return InvalidInputError(
            f"Text that is not valid Unicode cannot be stored: {error}.",
            hint="Remove lone surrogates from names and values.",
        )
    if isinstance(error, OverflowError) and "SQLite INTEGER" in str(error):
        return InvalidInputError(
            f"A whole number cannot be stored: {error}.", hint="Use numbers between -2**63 and 2**63 - 1."
        )
    return None


def lost_race(error: BaseException) -> bool:
    """Whether the database chose a transaction to give way to another one: it may be tried again as it is."""
    return isinstance(error, ConflictError) and error.details.get("sqlstate") in _DEADLOCKED


def lacks_reference(error: BaseException) -> bool:
    """Whether a row was refused because it names another one that is not there."""
    if isinstance(error, sqlite3.IntegrityError):
        return "FOREIGN KEY" in str(error)
    return getattr(error, "sqlstate", None) == _FOREIGN_KEY


def driver_errors() -> tuple[type[BaseException], ...]:
    """The base errors of the drivers that are loaded."""
    psycopg = sys.modules.get("psycopg")
    return (sqlite3.Error,) if psycopg is None else (sqlite3.Error, psycopg.Error)


def _of_driver(error: Any, place: str) -> MillwrightError:
    text = str(error).strip()
    reason = text.splitlines()[0] if text else type(error).__name__
    state = getattr(error, "sqlstate", None) or ""
    if state in _DEADLOCKED:
        return ConflictError(
            f"Another process changed the same records at the same moment in {place}: {reason}.",
            hint="Try again.",
            details={"sqlstate": state},
        )
    if state.startswith("22") or "NUL (0x00)" in reason or type(error).__name__ == "DataError":
        return InvalidInputError(f"A value cannot be stored: {reason}.", hint="Remove it or write it differently.")
    return StorageError(f"Cannot use the store {place}: {reason}.", hint=hint(reason))


def hint(reason: str) -> str:
    """What to do about a driver's message; empty when nothing better is known than the message itself."""
    hints = {
        "not a database": "The file is not an SQLite database; choose another path or restore it from a backup.",
        "malformed": "The file is damaged; restore it from a backup.",
        "unable to open": "Check that the folder exists and that you may read and write it.",
        "readonly": "Check that you may write the file and its folder.",
        "is locked": f"Another process kept it locked for more than {BUSY_TIMEOUT_S} s; look for it and try again.",
        "full": "Make room on the disk and try again.",
        "connection": "Check that the server runs, and the host, port, user and password in the URL.",
    }
    return next((text for part, text in hints.items() if part in reason), "")
