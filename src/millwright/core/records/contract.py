"""Contracts of datasets, as they were agreed on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from millwright.core.ids import Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class ContractRecord:
    """One version of one contract; immutable.

    Attributes:
        name: The dataset's name that it is about.
        version: 1, 2, 3 … per name.
        digest: Of what it demands, the same for documents that differ in comments and order only.
        document: The YAML text as it was given.
        owner: Who answers for the data; empty when nobody was named.
        breaking: What it demands or promises otherwise than the version before it, so that consumers may break; for
            people.
        actor: Who published it.
    """

    name: str
    version: int
    digest: Digest
    document: str
    owner: str
    breaking: tuple[str, ...]
    created_at: datetime
    actor: str

    @property
    def ref(self) -> str:
        """How people write it: `schedules@3`."""
        return f"{self.name}@{self.version}"
