"""The quarantines of a workspace: what was set aside, and how it comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError, NotFoundError, closest
from millwright.core.records.dataset import DatasetKind
from millwright.data.contracts.validation import REASONS_COLUMN
from millwright.data.datasets.dataset import Dataset
from millwright.data.datasets.write_options import WriteOptions
from millwright.data.quarantine.checked import SUFFIX, quarantine_name
from millwright.data.quarantine.context import context_of
from millwright.data.quarantine.latest import write_latest
from millwright.data.quarantine.replay import Replayed, judge, origin_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from millwright.core.clock import Clock
    from millwright.data.contracts.contract import Contract
    from millwright.data.datasets.catalog import DatasetCatalog


@dataclass(frozen=True, kw_only=True, slots=True)
class Quarantined:
    """What is set aside of a dataset now.

    Attributes:
        dataset: The dataset's name.
        version: The quarantine's latest version.
        of: The dataset version that the rows were set aside from.
        contract: The contract that they broke, as `name@2` or as it was called; None when that was not recorded.
        rows: How many there are.
        reasons: Reason → number of rows, the most frequent first; a row may have several.
    """

    dataset: str
    version: Dataset
    of: str
    contract: str | None
    rows: int
    reasons: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplayResult:
    """How a replay ended; `accepted` and `left` are all rows that were set aside, and those newly broken.

    Attributes:
        accepted: How many rows hold now and are in the dataset.
        left: How many rows are set aside after it.
        dataset: The dataset's version that has the accepted rows, as `name@3`.
        quarantine: The quarantine's version with what is left.
        reasons: Reason → number of rows that are left for it.
    """

    accepted: int
    left: int
    dataset: str
    quarantine: str
    reasons: Mapping[str, int]


class QuarantineCatalog:
    """Shows, repairs and replays the rows that broke a contract.

    Nothing is lost: every step writes a new version, and a row leaves the quarantine only when the dataset has it.

    Args:
        datasets: Where datasets and their quarantines are.
        clock: Tells the moment of validation.
    """

    def __init__(self, *, datasets: DatasetCatalog, clock: Clock) -> None:
        self._datasets = datasets
        self._clock = clock

    def list(self) -> list[Quarantined]:
        """Every quarantine with rows, by the dataset's name."""
        found = [one for one in self._datasets.list() if one.record.kind is DatasetKind.QUARANTINE and one.record.rows]
        return [self._described(one) for one in found]

    def get(self, dataset: str) -> Quarantined:
        """What is set aside of a dataset.

        Args:
            dataset: The dataset's name, or the quarantine's own.

        Raises:
            NotFoundError: Nothing was ever set aside of it.
        """
        return self._described(self._latest(dataset))

    def repair(self, dataset: str, correct: Callable[[pl.DataFrame], pl.DataFrame], *, by: str) -> Dataset:
        """Write a corrected version of a quarantine.

        Args:
            dataset: The dataset's name.
            correct: From the rows to as many corrected ones, such as `by_rows` with an edited table.
            by: How they were corrected, for the record.

        Raises:
            NotFoundError: Nothing was ever set aside of it.
            InvalidInputError: The corrections do not fit.
        """
        version = self._latest(dataset)
        rows = version.read()
        corrected = correct(rows)
        if corrected.height != rows.height or corrected.schema != rows.schema:
            raise InvalidInputError(
                f"Expected {rows.height:,} corrected rows of the same columns, found {corrected.height:,}.",
                hint="Rows cannot be dropped by a repair; they stay until they hold.",
            )
        details = {**_facts(version), "repaired": version.record.ref, "by": by}
        return self._write(version, corrected, details)

    def replay(self, dataset: str, contract: Contract, *, contract_ref: str | None = None) -> ReplayResult:
        """Judge the rows again; those that hold go into the dataset, the others stay with their new reasons.

        Doing it again changes nothing more.

        Args:
            dataset: The dataset's name.
            contract: What must hold.
            contract_ref: The contract as `name@2`; recorded with the dataset when every row holds.

        Raises:
            NotFoundError: Nothing was ever set aside of it.
            ConflictError: The rows cannot be found in the dataset any more, or others kept writing it.
        """
        version = self._latest(dataset)
        base = self._datasets.get(version.record.dataset.removesuffix(SUFFIX))
        rows = version.read()
        if rows.is_empty():
            return _nothing(base, version)
        context = context_of(self._datasets, base.record, now=self._clock.now())
        facts = _facts(version)
        judged = judge(rows, contract, base, origin_rows(self._datasets, facts["of"]), context)
        written = self._accept(judged, base, version, contract, contract_ref)
        of = facts["of"] if judged.table is None else written.record.ref
        details = {**facts, "of": of, "reasons": dict(judged.reasons), "replayed": version.record.ref}
        left = self._write(version, judged.quarantined, {**details, "contract": contract_ref or facts["contract"]})
        return ReplayResult(
            accepted=judged.accepted.height,
            left=judged.quarantined.height,
            dataset=written.record.ref,
            quarantine=left.record.ref,
            reasons=judged.reasons,
        )

    def _accept(
        self, judged: Replayed, base: Dataset, version: Dataset, contract: Contract, contract_ref: str | None
    ) -> Dataset:
        """Write the rows that hold into the dataset."""
        if judged.accepted.is_empty():
            return base
        options = WriteOptions(
            source_uri=base.record.source_uri,
            derived_from=(base.record.ref, version.record.ref),
            details={"replayed": version.record.ref, "accepted": judged.accepted.height},
            contract_ref=contract_ref if judged.whole else None,
            expected=base.record.version,
            mode="overwrite" if judged.table is not None else "merge",
            key=contract.key.columns if judged.table is None and contract.key else (),
        )
        name, kind = base.record.dataset, base.record.kind
        if judged.table is None:
            return self._datasets.write(judged.accepted, name, kind=kind, options=options)
        if judged.table.equals(base.read()):
            return base
        return write_latest(self._datasets, judged.table, name, kind=kind, options=options)

    def _write(self, version: Dataset, rows: pl.DataFrame, details: Mapping[str, Any]) -> Dataset:
        options = WriteOptions(
            source_uri=version.record.source_uri,
            derived_from=(version.record.ref,),
            details=dict(details),
            expected=version.record.version,
        )
        name = version.record.dataset
        return write_latest(self._datasets, rows, name, kind=DatasetKind.QUARANTINE, options=options)

    def _latest(self, dataset: str) -> Dataset:
        name = dataset if dataset.endswith(SUFFIX) else quarantine_name(dataset)
        try:
            return self._datasets.get(name)
        except NotFoundError as error:
            known = [one.dataset for one in self.list()]
            raise NotFoundError(
                f"Nothing of the dataset '{dataset}' was set aside.", hint=closest(dataset, known) or error.hint
            ) from error

    def _described(self, version: Dataset) -> Quarantined:
        facts = _facts(version)
        reasons = version.read([REASONS_COLUMN]).explode(REASONS_COLUMN).drop_nulls()
        counted = reasons.group_by(REASONS_COLUMN).len().sort("len", REASONS_COLUMN, descending=[True, False])
        return Quarantined(
            dataset=version.record.dataset.removesuffix(SUFFIX),
            version=version,
            of=facts["of"],
            contract=facts["contract"],
            rows=version.record.rows,
            reasons=dict(counted.iter_rows()),
        )


def _facts(version: Dataset) -> dict[str, Any]:
    """What every version of a quarantine tells of where its rows are from."""
    details = version.record.details
    return {"of": details.get("of", ""), "contract": details.get("contract")}


def _nothing(base: Dataset, version: Dataset) -> ReplayResult:
    return ReplayResult(accepted=0, left=0, dataset=base.record.ref, quarantine=version.record.ref, reasons={})
