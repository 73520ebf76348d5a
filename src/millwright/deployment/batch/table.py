"""Predicting a whole table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.core.progress import SilentProgress
from millwright.data.contracts.contract import Contract
from millwright.deployment.batch.contract import ContractReader
from millwright.deployment.batch.screen import REASONS, ROW, Screen, Screened
from millwright.deployment.batch.sink import open_sink
from millwright.deployment.batch.source import open_chunks
from millwright.deployment.violation import reason

if TYPE_CHECKING:
    from millwright.core.progress import Progress
    from millwright.deployment.batch.sink import FileSink
    from millwright.models.predictor import Predictor
    from millwright.models.signature import Signature

MODEL_VERSION = "model_version"
_REASONS_KEPT = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchOptions:
    """How a table is predicted.

    Attributes:
        chunk_rows: Rows in memory at a time.
        rejected: Where rows go that do not fit; beside the output, as `<name>.rejected.<ending>`, when empty.
        prefer_onnx: Use the compiled model where the package holds a proven one.
        contract: Of the table that the model was trained on: says how raw values are read, and what rows must be.
    """

    chunk_rows: int = 50_000
    rejected: str = ""
    prefer_onnx: bool = True
    contract: Contract | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchResult:
    """What became of a table.

    Attributes:
        rows: Rows predicted.
        rejected: Rows that did not fit the signature, or broke the contract.
        output: The file with the predictions.
        rejected_path: The file with the other rows; empty when all fit.
        model: What predicted, as `name@version`.
        reasons: How many values were refused, by reason; the 20 most frequent.
    """

    rows: int
    rejected: int
    output: str
    rejected_path: str
    model: str
    reasons: Mapping[str, int] = field(default_factory=dict)


def predict_table(
    package: bytes,
    source: str | pl.DataFrame,
    output: str | Path,
    *,
    model_ref: str,
    options: BatchOptions | None = None,
    progress: Progress | None = None,
) -> BatchResult:
    """Predict every row of a table that fits the signature.

    Args:
        package: The model's package.
        source: A CSV, TSV, Parquet or JSON lines file, or a frame (a dataset's); of any size, read in chunks.
        output: The file to write, in the format that its name tells. It holds the rows as they came (with a contract:
            in its types), the model's outputs and `model_version`; columns of these names in the source are replaced.
        model_ref: What the package is, as `name@version`.
        options: Sizes and places.
        progress: Told of the rows.

    Returns:
        Counts and places. The output appears when all is done, whole; rows that do not fit are in a file beside it
        with their number (`_row`, from 0) and what is wrong (`_reasons`).

    Raises:
        InvalidInputError: The source is no table or lacks required columns, or none of its rows fits; there is no
            output then.
        IntegrityError, UnsafeArtifactError: The package is damaged or could run code.
    """
    from millwright.models.package import load_predictor

    chosen = options or BatchOptions()
    target = Path(output).expanduser()
    predictor = load_predictor(package, prefer_onnx=chosen.prefer_onnx)
    rejected_path = chosen.rejected or str(target.with_name(f"{target.stem}.rejected{target.suffix}"))
    with ExitStack() as stack:
        chunks = open_chunks(source, chosen.chunk_rows)
        _check_header(chunks.columns, predictor.signature)
        task = stack.enter_context((progress or SilentProgress()).task("predict", total=chunks.rows))
        reader = ContractReader(chosen.contract, predictor.signature) if chosen.contract else None
        places = (stack.enter_context(open_sink(target)), rejected_path, stack)
        run = _Run(predictor, model_ref, places, reader)
        for frame in chunks.frames:
            run.take(frame)
            task.advance(frame.height)
        return run.end()


class _Run:
    """One table on its way through.

    Args:
        predictor: Predicts.
        model_ref: What it is, as `name@version`.
        places: What takes the predictions; where rows go that do not fit, opened when the first one comes; what closes
            all that is opened.
        reader: Reads raw values, if there is a contract.
    """

    def __init__(
        self,
        predictor: Predictor,
        model_ref: str,
        places: tuple[FileSink, str, ExitStack],
        reader: ContractReader | None,
    ) -> None:
        self._predictor = predictor
        self._screen = Screen(predictor.signature)
        self._reader = reader
        self._model_ref = model_ref
        self._sink, self._rejected_path, self._stack = places
        self._rejected: FileSink | None = None
        self._rows = self._bad_rows = 0
        self._reasons: Counter[str] = Counter()

    def take(self, frame: pl.DataFrame) -> None:
        """Screen, predict and write one chunk."""
        screened = self._screened(frame, self._rows + self._bad_rows)
        if screened.good.height:
            outputs = self._predictor.predict_frame(screened.inputs)
            model = pl.Series(MODEL_VERSION, [self._model_ref]).new_from_index(0, outputs.height)
            added = [*outputs.get_columns(), model]
            kept = screened.good.drop([column.name for column in added], strict=False)
            self._sink.write(kept.with_columns(added))
        if screened.bad.height:
            self._reject(screened.bad, Counter(reason(violation) for violation in screened.violations))
        self._rows += screened.good.height
        self._bad_rows += screened.bad.height

    def _screened(self, frame: pl.DataFrame, first_row: int) -> Screened:
        """A chunk, read and screened; rows that break the contract are set aside on the way."""
        if self._reader is None:
            return self._screen.screen(frame, first_row)
        parsed = self._reader.parse(frame, first_row)
        if parsed.bad.height:
            self._reject(parsed.bad, parsed.reasons)
            self._bad_rows += parsed.bad.height
        screened = self._screen.screen(parsed.good, 0)
        places = parsed.rows.gather(screened.bad.get_column(ROW)) + first_row if screened.bad.height else None
        if places is None:
            return screened
        raw = frame[parsed.rows.gather(screened.bad.get_column(ROW))]  # as they came, like the others in that file
        return replace(screened, bad=raw.with_columns(places.alias(ROW), screened.bad.get_column(REASONS)))

    def end(self) -> BatchResult:
        """Make the files appear."""
        if self._rejected is not None:
            self._rejected.commit()
        reasons = dict(self._reasons.most_common(_REASONS_KEPT))
        if not self._rows:
            if not self._bad_rows:
                raise InvalidInputError("Expected a table with rows, found one without.")
            raise InvalidInputError(
                f"None of the {self._bad_rows:,} rows fits the signature of {self._model_ref}: {next(iter(reasons))}.",
                hint=f"The rows and what is wrong with them are in {self._rejected_path}."
                + ("" if self._reader else " A raw table is read as its contract says: mw predict --contract FILE."),
                details={"rejected_path": self._rejected_path, "reasons": reasons},
            )
        self._sink.commit()
        return BatchResult(
            rows=self._rows,
            rejected=self._bad_rows,
            output=str(self._sink.path),
            rejected_path=self._rejected_path if self._bad_rows else "",
            model=self._model_ref,
            reasons=reasons,
        )

    def _reject(self, bad: pl.DataFrame, reasons: Mapping[str, int]) -> None:
        if self._rejected is None:
            self._rejected = self._stack.enter_context(open_sink(self._rejected_path))
        self._rejected.write(bad.select(pl.exclude(ROW, REASONS), ROW, REASONS))
        self._reasons.update(reasons)


def _check_header(columns: tuple[str, ...], signature: Signature) -> None:
    inputs = signature.inputs
    missing = [column.name for column in inputs if column.required and column.name not in columns]
    if not missing and not any(column.name in columns for column in inputs):
        missing = [column.name for column in inputs]
    if missing:
        names = ", ".join(f"'{name}'" for name in missing[:10])
        raise InvalidInputError(
            f"Expected the model's columns in the table, found none named {names}"
            + (f" and {len(missing) - 10} more." if len(missing) > 10 else "."),
            hint=closest(missing[0], columns),
            details={"missing": missing, "found": list(columns)},
        )
