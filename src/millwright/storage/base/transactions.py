"""Several changes as one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


class Transactions(ABC):
    """Makes several calls on the record stores one change."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Everything written by this thread inside the context is committed at its end, or not at all if it raises.

        Contexts may be nested; the outermost one commits. Artifact and prediction stores take no part.
        """
