"""The catalog of published contracts: versions with an owner, each compared with the one before it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.errors import AlreadyExistsError, ConflictError, InvalidInputError
from millwright.core.records.contract import ContractRecord
from millwright.data.contracts.change import Change, compare_contracts
from millwright.data.contracts.consumer import Consumers, find_consumers
from millwright.data.contracts.document import parse_contract
from millwright.data.contracts.file import load_contract
from millwright.data.contracts.terms import contract_digest

if TYPE_CHECKING:
    from millwright.core.clock import Clock
    from millwright.data.contracts.contract import Contract
    from millwright.storage.catalog import Stores

_ATTEMPTS = 5
_SHOWN = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """A contract compared with the version before it.

    Attributes:
        former: The version before it; None for a first one.
        changes: What is different.
        consumers: Who consumes the dataset.
    """

    former: ContractRecord | None
    changes: tuple[Change, ...]
    consumers: Consumers

    @property
    def breaking(self) -> tuple[str, ...]:
        """The changes that may break somebody, for people."""
        return tuple(str(change) for change in self.changes if change.is_breaking)


class ContractCatalog:
    """Published contracts of one workspace.

    Thread-safe and process-safe: of two that publish at once, the second is compared with what the first published.

    Args:
        stores: Where the records are.
        clock: Tells the time of records.
        actor: Who publishes, for the audit log.
    """

    def __init__(self, *, stores: Stores, clock: Clock, actor: str) -> None:
        self._stores = stores
        self._clock = clock
        self._actor = actor

    def publish(self, document: str, *, owner: str = "", allow_breaking: bool = False) -> ContractRecord:
        """Make a document the next version of its contract; one that demands the same as the latest makes none.

        Args:
            document: YAML; its `name` is the dataset's.
            owner: Who answers for the data; empty keeps the former owner.
            allow_breaking: Whether it may break producers or consumers.

        Raises:
            InvalidInputError: The document is no contract.
            ConflictError: It breaks somebody and may not; the message names the changes and the consumers. Or others
                kept publishing.
        """
        contract = parse_contract(document)
        digest = contract_digest(contract)
        for _ in range(_ATTEMPTS):
            compared = self.compare(contract)
            former = compared.former
            keeps_owner = former is not None and owner in {"", former.owner}
            if former is not None and keeps_owner and former.digest == digest:
                return former
            if compared.breaking and not allow_breaking:
                raise _refused(contract, compared)
            record = ContractRecord(
                name=contract.name,
                version=former.version + 1 if former else 1,
                digest=digest,
                document=document,
                owner=owner or (former.owner if former else ""),
                breaking=compared.breaking,
                created_at=self._clock.now(),
                actor=self._actor,
            )
            try:
                self._record(record, compared)
            except AlreadyExistsError:
                continue
            return record
        raise ConflictError(f"Others keep publishing the contract '{contract.name}'.", hint="Publish again.")

    def compare(self, contract: Contract) -> Comparison:
        """What publishing a contract would change, and who consumes its dataset."""
        former = self._stores.contracts.find_latest(contract.name)
        changes = [] if former is None else compare_contracts(parse_contract(former.document), contract)
        consumers = find_consumers(self._stores, contract.name)
        return Comparison(former=former, changes=tuple(changes), consumers=consumers)

    def get(self, ref: str) -> ContractRecord:
        """A published version.

        Args:
            ref: `name` for the latest, `name@3` for a certain one.

        Raises:
            InvalidInputError: The reference is malformed.
            NotFoundError: There is no such contract or version.
        """
        name, at, version = ref.partition("@")
        if at and not (version.isascii() and version.isdecimal()):
            raise InvalidInputError(
                f"Expected a contract as name or name@version, found '{ref}'.", hint="For example: schedules@2."
            )
        return self._stores.contracts.get(name, int(version) if at else None)

    def load(self, ref: str) -> Contract:
        """The contract of a published version.

        Raises:
            InvalidInputError: The reference is malformed.
            NotFoundError: There is no such contract or version.
        """
        record = self.get(ref)
        return parse_contract(record.document, source=record.ref)

    def open(self, given: str) -> tuple[Contract, ContractRecord | None]:
        """A contract from a file or a published one, as people name them, with its record when it is published.

        Args:
            given: A `.yaml`, `.yml` or `.py` file, or any other that is there; else `name` or `name@version`.

        Raises:
            InvalidInputError: The file holds no contract.
            NotFoundError: There is no such contract.
        """
        path = Path(given.partition(".py:")[0])
        if path.suffix in {".yaml", ".yml", ".py"} or path.is_file():
            contract = load_contract(given)
            return contract, self.find_published(contract)
        record = self.get(given)
        return parse_contract(record.document, source=record.ref), record

    def find_published(self, contract: Contract) -> ContractRecord | None:
        """The latest published version that demands what a contract demands; None when it was not published."""
        digest = contract_digest(contract)
        versions = self._stores.contracts.list_versions(contract.name)
        return next((record for record in versions if record.digest == digest), None)

    def versions(self, name: str) -> list[ContractRecord]:
        """All versions of a contract, newest first; empty when there is none."""
        return self._stores.contracts.list_versions(name)

    def list(self) -> list[ContractRecord]:
        """The latest version of every contract, by name."""
        return self._stores.contracts.list_latest()

    def _record(self, record: ContractRecord, compared: Comparison) -> None:
        with self._stores.transactions.transaction():
            self._stores.contracts.create(record)
            self._stores.audit.append(
                at=record.created_at,
                actor=self._actor,
                action="contract.publish",
                subject=record.ref,
                details={
                    "digest": record.digest,
                    "owner": record.owner,
                    "breaking": list(record.breaking),
                    "consumers": str(compared.consumers) if record.breaking else None,
                },
            )


def _refused(contract: Contract, compared: Comparison) -> ConflictError:
    shown = "; ".join(compared.breaking[:_SHOWN])
    left = len(compared.breaking) - _SHOWN
    more = f"; and {left} more" if left > 0 else ""
    consumers = compared.consumers
    former = compared.former.ref if compared.former else contract.name
    return ConflictError(
        f"The contract breaks what {former} says ({shown}{more}). Consumers: {consumers}.",
        hint="Tell them, then publish with --allow-breaking.",
        details={
            "breaking": list(compared.breaking),
            "consumers": {
                "features": list(consumers.features),
                "pipelines": list(consumers.pipelines),
                "models": list(consumers.models),
                "datasets": list(consumers.datasets),
            },
        },
    )
