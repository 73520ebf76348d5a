"""Several changes on the record stores as one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from millwright.storage.base.transactions import Transactions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from millwright.storage.backends.sql.database import Database


class SqlTransactions(Transactions):
    """Transactions of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See `Transactions.transaction`; an inner context is a savepoint."""
        with self._database.write():
            yield

    def after_commit(self, action: Callable[[], None]) -> None:
        """See `Transactions.after_commit`."""
        self._database.after_commit(action)
