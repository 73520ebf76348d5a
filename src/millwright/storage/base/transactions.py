"""Several changes as one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager


class Transactions(ABC):
    """Makes several calls on the record stores one change."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Everything written by this thread inside the context is committed at its end, or not at all if it raises.

        Contexts may be nested; the outermost one commits. An inner one that raises takes back what was written inside
        it, and nothing else when its error is caught. Artifact and prediction stores take no part.
        """

    @abstractmethod
    def after_commit(self, action: Callable[[], None]) -> None:
        """Call something once what this thread has written is durable; at once when no transaction is open.

        Actions are called in the order given, outside any transaction. Those given inside a context that raises are
        forgotten with its changes. An action must not raise.
        """
