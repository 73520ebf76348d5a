"""Published contracts of datasets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from millwright.core.records.contract import ContractRecord


class ContractStore(ABC):
    """Versions of contracts; a version never changes once it is there.

    Threads and processes may share it; what a call wrote is durable when it returns, or when the transaction that it
    is a part of ends.
    """

    @abstractmethod
    def create(self, record: ContractRecord) -> None:
        """Add a version.

        Raises:
            AlreadyExistsError: The name has this version already: somebody else published meanwhile.
        """

    @abstractmethod
    def get(self, name: str, version: int | None = None) -> ContractRecord:
        """A version of a contract, the latest when None.

        Raises:
            NotFoundError: No such contract or version; the message names the closest contract.
        """

    @abstractmethod
    def find_latest(self, name: str) -> ContractRecord | None:
        """The latest version of a contract; None when there is none."""

    @abstractmethod
    def list_versions(self, name: str) -> list[ContractRecord]:
        """All versions of a contract, newest first; empty when there is none."""

    @abstractmethod
    def list_latest(self) -> list[ContractRecord]:
        """The latest version of every contract, by name."""
