"""Several changes as one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from contextlib import AbstractContextManager

T = TypeVar("T")


class Transactions(ABC):
    """Makes several calls on the record stores one change."""

    @abstractmethod
    def transaction(self, *, durable: bool = True) -> AbstractContextManager[None]:
        """Everything written by this thread inside the context is committed at its end, or not at all if it raises.

        Args:
            durable: Whether the commit waits for the disk. Otherwise it is seen by all and survives this process, but
                may be lost when the machine loses power: for what is worth nothing then, such as who is computing
                what. An outer context decides for those inside it.

        Contexts may be nested; the outermost one commits. An inner one that raises takes back what was written inside
        it, and nothing else when its error is caught. Artifact and prediction stores take no part.
        """

    @abstractmethod
    def after_commit(self, action: Callable[[], None]) -> None:
        """Call something once what this thread has written is durable; at once when no transaction is open.

        Actions are called in the order given, outside any transaction. Those given inside a context that raises are
        forgotten with its changes. An action must not raise.
        """

    @abstractmethod
    def group(self, action: Callable[[], T]) -> Future[T]:
        """Run an action that writes, in one transaction with others that threads of this process submit meanwhile.

        The future ends once that transaction is durable, or with the error that the action raised, whose own changes
        only are taken back. When the transaction itself cannot be committed, all its actions end with that error;
        when it only had to give way to another one, each action is called once more, alone: an action must bear that.
        Actions run one after the other on a background thread, in the order of submission; `after_commit` works
        inside, and its actions are called before the future ends. Submitting blocks while thousands wait. Inside a
        transaction of the calling thread the action is called at once, as a part of it.
        """
