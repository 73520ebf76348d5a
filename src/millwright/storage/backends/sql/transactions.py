"""Several changes on the record stores as one."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar, cast

from millwright.storage.base.transactions import Transactions

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from millwright.storage.backends.sql.database import Database

T = TypeVar("T")


class SqlTransactions(Transactions):
    """Transactions of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def transaction(self, *, durable: bool = True) -> AbstractContextManager[None]:
        """See `Transactions.transaction`; an inner context is a savepoint."""
        return cast("AbstractContextManager[None]", self._database.write(durable=durable))

    def after_commit(self, action: Callable[[], None]) -> None:
        """See `Transactions.after_commit`."""
        self._database.after_commit(action)

    def group(self, action: Callable[[], T]) -> Future[T]:
        """See `Transactions.group`."""
        if not self._database.is_writing:
            return self._database.group(action)
        done: Future[T] = Future()
        try:
            with self._database.write():
                done.set_result(action())
        except Exception as error:  # noqa: BLE001 - the caller asks the future
            done.set_exception(error)
        return done
