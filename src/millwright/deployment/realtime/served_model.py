"""A model version ready to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from millwright.deployment.realtime.log_entry import LogSource, LogSources
from millwright.deployment.realtime.row_decoder import RowDecoder
from millwright.deployment.realtime.row_table import RowTables, row_tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future

    from millwright.core.records.model import ModelVersionRecord
    from millwright.models.column import SignatureColumn
    from millwright.models.explanation.contribution import Contributions
    from millwright.models.predictor import Predictor
    from millwright.models.single_row import SingleRow


class Enrichment(Protocol):
    """Adds to rows what the caller left to the server. It may block: such calls are answered in a thread."""

    @property
    def asked(self) -> tuple[SignatureColumn, ...]:
        """The columns that a caller may give, each as far as the server does not add it."""
        ...

    def rows(self, rows: Sequence[Any]) -> Sequence[Any]:
        """The rows with what was added; rows that are no objects, or lack nothing, are given back as they are.

        Args:
            rows: As the caller wrote them, not checked yet.

        Raises:
            InvalidInputError: A row does not say what to look up.
            ServiceUnavailableError: The store of features does not answer.
        """
        ...


class Batcher(Protocol):
    """Predicts the rows of several requests in one call of the model."""

    def submit(self, rows: Sequence[Mapping[str, Any]]) -> Future[list[dict[str, Any]]]:
        """Take checked rows of one request; never blocks.

        Returns:
            Their outputs, one mapping per row.

        Raises:
            TooManyRequestsError: More waits than may wait.
        """
        ...

    def close(self) -> None:
        """Predict what waits, then end; called when nothing is submitted any more."""
        ...


class Explains(Protocol):
    """Tells what each column contributed to predictions; `models.explanation.Explainer` does."""

    def explain(self, rows: Sequence[Mapping[str, Any]]) -> list[Contributions]:
        """The contributions to each row's answer, for rows that passed the signature's check."""
        ...


class ServedModel:
    """One model version with all that a request needs, made once and never changed.

    Its attribute `asked` holds the columns that a caller may give: the signature's, unless the server adds some.

    Args:
        record: The version.
        predictor: Predicts rows; thread-safe.
        example: Raw rows recorded with the package, possibly none.
        enrichment: Adds what requests may leave out, such as looked-up features; None for nothing.
        batcher: Predicts rows of several requests in one go, where that pays; None where single calls are quicker.
        explainer: Tells what each column contributed to a prediction; None when it cannot be told.
    """

    __slots__ = (
        "asked",
        "batcher",
        "enrichment",
        "example",
        "explainer",
        "input_names",
        "is_quick",
        "log_sources",
        "name",
        "output_names",
        "predictor",
        "record",
        "ref",
        "ref_header",
        "rows",
        "signature",
        "single",
        "tables",
        "version",
    )

    def __init__(
        self,
        record: ModelVersionRecord,
        predictor: Predictor,
        *,
        example: tuple[Mapping[str, Any], ...] = (),
        enrichment: Enrichment | None = None,
        batcher: Batcher | None = None,
        explainer: Explains | None = None,
    ) -> None:
        self.record = record
        self.predictor = predictor
        self.signature = predictor.signature
        self.example = example
        self.enrichment = enrichment
        self.asked = self.signature.inputs if enrichment is None else enrichment.asked
        self.batcher = batcher
        self.explainer = explainer
        # Answers one row in the signature's order of columns; None where the engine has no short way for that.
        self.single: SingleRow | None = getattr(predictor, "single", None)
        # Whether a small request is answered at once, in the event loop.
        self.is_quick = enrichment is None and batcher is None
        self.name = record.name
        self.version = record.version
        self.ref = record.ref
        self.ref_header = record.ref.encode("ascii", "backslashreplace")
        self.rows = RowDecoder(self.signature)
        self.input_names = self.rows.names
        self.output_names = tuple(column.name for column in self.signature.outputs)
        # Reads many rows as one table; None where rows are what has to be there.
        is_tabular = enrichment is None and getattr(predictor, "is_tabular", False)
        self.tables: RowTables | None = row_tables(self.signature) if is_tabular else None
        # By endpoint, what the log keeps of this version's predictions beside what differs from row to row.
        self.log_sources: Mapping[str, LogSource] = LogSources(self.record, self.signature)

    def with_batcher(self, batcher: Batcher) -> ServedModel:
        """The same version, predicting through a batcher."""
        return ServedModel(
            self.record,
            self.predictor,
            example=self.example,
            enrichment=self.enrichment,
            batcher=batcher,
            explainer=self.explainer,
        )
