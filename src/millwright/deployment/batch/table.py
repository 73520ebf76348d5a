"""Predicting a whole table."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, closest
from millwright.core.progress import SilentProgress
from millwright.core.records.audit import NodeKind
from millwright.data.sources.request import PLAIN, SourceOptions
from millwright.deployment.batch.chunk import Chunk, Recipe
from millwright.deployment.batch.engines.engine import EngineOptions, load_engine
from millwright.deployment.batch.input import BatchInput, open_input
from millwright.deployment.batch.journal import open_journal
from millwright.deployment.batch.overlap import refuse_overlap
from millwright.deployment.batch.source import table_format
from millwright.deployment.batch.target import FileTarget, OutputOptions, journal_folder, open_target
from millwright.models.signature import Signature

if TYPE_CHECKING:
    import polars as pl

    from millwright.core.progress import Progress
    from millwright.data.contracts.contract import Contract  # noqa: TC004 - loaded on use, and nothing reads the hint
    from millwright.deployment.batch.input import Source
    from millwright.deployment.batch.journal import Journal
    from millwright.deployment.batch.source import Chunks
    from millwright.deployment.batch.target import Target

_REASONS_KEPT = 20
_CHUNK_NUMBERS = 16_000_000
_FREE_SIZE = 512  # what a free dimension is taken for


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchOptions:
    """How a table is predicted.

    Attributes:
        chunk_rows: Rows in memory at a time, for each worker; fewer where rows hold arrays, of which some 64 MB are in
            memory.
        rejected: The file where rows go that do not fit; beside the output, as `<name>.rejected.<ending>`, when empty.
        prefer_onnx: Use the compiled model where the package holds a proven one.
        allow_code: Whether a model that is Python code may be loaded, which runs it.
        contract: Of the table that the model was trained on: says how raw values are read, and what rows must be.
        reading: How the source is read.
        writing: How the output is written.
        engine: Where chunks are predicted.
        journal_folder: Where the journals of jobs are whose output is not on this machine; the present folder when
            empty.
        on_done: Told of the result before the journal goes: told twice rather than never when a process is killed.
    """

    chunk_rows: int = 50_000
    rejected: str = ""
    prefer_onnx: bool = True
    allow_code: bool = False
    contract: Contract | None = None
    reading: SourceOptions = PLAIN
    writing: OutputOptions = field(default_factory=OutputOptions)
    engine: EngineOptions = field(default_factory=EngineOptions)
    journal_folder: str = ""
    on_done: Callable[[BatchResult], None] = lambda _: None


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchResult:
    """What became of a table.

    Attributes:
        rows: Rows predicted.
        rejected: Rows that did not fit the signature, or broke the contract.
        output: Where the predictions are, without credentials.
        rejected_path: The file with the other rows; empty when all fit.
        model: What predicted, as `name@version`.
        reasons: How many values were refused, by reason; the 20 most frequent.
        resumed_rows: Rows that an earlier run of the same job had done already.
        restarted: Why the rows of an earlier, unfinished job to the same output were thrown away; empty when there was
            none.
        seconds: How long this run took.
        rows_per_s: Rows that this run itself predicted or refused, a second.
        input_kind: What the input is in the lineage graph; None for a frame.
        input_id: Its id there.
        output_id: The output's, which tells this content from others.
    """

    rows: int
    rejected: int
    output: str
    rejected_path: str
    model: str
    reasons: Mapping[str, int] = field(default_factory=dict)
    resumed_rows: int = 0
    restarted: str = ""
    seconds: float = 0.0
    rows_per_s: float = 0.0
    input_kind: NodeKind | None = None
    input_id: str = ""
    output_id: str = ""


def predict_table(
    package: bytes,
    source: Source,
    output: str | Path,
    *,
    model_ref: str,
    options: BatchOptions | None = None,
    progress: Progress | None = None,
) -> BatchResult:
    """Predict every row of a table that fits the signature.

    What is done is kept in a journal until all is: the same call after a kill goes on with the next chunk, and neither
    leaves a row out nor writes one twice. When the input, the model or an option that counts is another one, it begins
    anew and says so. The engine does not count.

    Args:
        package: The model's package.
        source: A file, several, a table elsewhere, a frame or a version of a dataset (see `open_input`); of any size,
            read in chunks.
        output: A file, whose name tells its format; a Delta table; or a database's URL. It gets the rows as they came
            (with a contract: in its types), the model's outputs and `model_version`; columns of these names in the
            source are replaced.
        model_ref: What the package is, as `name@version`.
        options: Sizes, places, ways.
        progress: Told of the rows.

    Returns:
        Counts and places. The output appears when all is done, whole; rows that do not fit are in a file beside it
        with their number (`_row`, from 0) and what is wrong (`_reasons`).

    Raises:
        InvalidInputError: The source is no table or lacks required columns, or none of its rows fits; there is no
            output then. Or the output is what is read.
        AlreadyExistsError: The output is a table that is there, and no mode says what becomes of its rows.
        ConflictError: Another process predicts to the same output.
        IntegrityError, UnsafeArtifactError: The package is damaged or could run code.
        StorageError: A service cannot be reached; the same call goes on later.
    """
    chosen, shown, started = options or BatchOptions(), progress or SilentProgress(), time.monotonic()
    target = open_target(output, chosen.writing)
    rejected = _rejected_path(target, chosen)
    refuse_overlap(source, target, rejected)
    recipe = _recipe(package, model_ref, chosen, typed=target.has_types)
    predictor = recipe.build()  # held: the engine of this process takes the same one
    chunk_rows = min(chosen.chunk_rows, _rows_of_arrays(predictor.signature))
    with ExitStack() as stack:
        reading = stack.enter_context(ExitStack())
        found = reading.enter_context(open_input(source, chosen.reading, chunk_rows=chunk_rows))
        job: dict[str, dict[str, object]] = {
            "input": {"identity": found.identity},
            "model": recipe.identity(),
            "options": {"chunk_rows": chunk_rows},
            "output": {"uri": target.uri, "format": target.format, "mode": chosen.writing.mode},
        }
        folder = journal_folder(target, chosen.journal_folder)
        journal = stack.enter_context(open_journal(folder, job, target.parquet))
        target.check(journal.job_id)
        before = journal.rows
        _tell(journal, shown)
        if not journal.is_complete:
            _predict(_Work(found, recipe, predictor.signature, chosen), journal, shown)
        reading.close()  # a file that was changed meanwhile is told here
        output_id = _deliver(journal, target, (rejected, chosen), model_ref, shown)
        bad = _rejected_rows(journal)
        seconds = time.monotonic() - started
        result = BatchResult(
            rows=journal.rows - bad,
            rejected=bad,
            output=target.uri,
            rejected_path=rejected if bad else "",
            model=model_ref,
            reasons=_reasons(journal),
            resumed_rows=before,
            restarted=journal.restarted,
            seconds=round(seconds, 3),
            rows_per_s=round((journal.rows - before) / max(seconds, 1e-9), 1),
            input_kind=found.kind,
            input_id=found.node_id,
            output_id=f"{target.uri}#{output_id}",
        )
        chosen.on_done(result)
    return result


@dataclass(frozen=True, slots=True)
class _Work:
    """What is predicted, by what, and how."""

    found: BatchInput
    recipe: Recipe
    signature: Signature
    options: BatchOptions


def _rows_of_arrays(signature: Signature) -> int:
    """Most rows in one chunk where these hold arrays: about 64 MB of them."""
    columns = [*signature.tensors.values(), *(column for column in signature.outputs if column.shape)]
    numbers = sum(prod(_FREE_SIZE if size == -1 else size for size in column.shape) for column in columns)
    return max(1, _CHUNK_NUMBERS // numbers) if numbers else sys.maxsize


def _tell(journal: Journal, shown: Progress) -> None:
    if journal.restarted:
        shown.say(f"Starting anew: {journal.restarted} since the run that did not end.")
    elif journal.rows:
        shown.say(f"Going on: an earlier run did {counted_rows(journal.rows)}.")


def counted_rows(rows: int) -> str:
    """Such as `1 row` or `1,200 rows`."""
    return f"{rows:,} row{'' if rows == 1 else 's'}"


def _predict(work: _Work, journal: Journal, shown: Progress) -> None:
    """Predict the chunks that are not done."""
    chunks = work.found.read(journal.folder, shown)
    if chunks.columns:
        _check_header(chunks.columns, work.signature)
    counter = _Counter()
    predict = load_engine(work.options.engine.name)
    done = journal.rows
    with shown.task("Predicting", total=chunks.rows) as task:
        if done:
            task.advance(done)
        begun, fresh = time.monotonic(), 0
        for predicted in predict(work.recipe, counter.left(chunks, journal), work.options.engine):
            part = journal.add(predicted)
            fresh += part.rows + part.rejected
            rate = fresh / max(time.monotonic() - begun, 1e-9)
            task.advance(part.rows + part.rejected, note=f"{rate:,.0f} rows/s")
    journal.end(counter.chunks)


class _Counter:
    """Numbers chunks, and leaves out those that are done."""

    chunks = 0

    def left(self, chunks: Chunks, journal: Journal) -> Iterator[Chunk]:
        """The chunks that are not done."""
        first_row, done = 0, frozenset(journal.parts)
        for frame in chunks.frames:
            index, self.chunks = self.chunks, self.chunks + 1
            if index not in done:
                yield Chunk(index=index, first_row=first_row, frame=frame)
            first_row += frame.height


def _deliver(
    journal: Journal, target: Target, places: tuple[str, BatchOptions], model_ref: str, shown: Progress
) -> str:
    """Write what is predicted to where it belongs."""
    rejected, options = places
    bad = _rejected_rows(journal)
    if bad:
        FileTarget(Path(rejected).expanduser()).write(journal.frames("bad"), journal.job_id)
    good = journal.rows - bad
    if not good:
        raise _nothing_fits(journal, rejected, model_ref, has_contract=options.contract is not None)
    journal.is_kept = True  # whatever the output does not take now, it may take later
    with shown.task("Writing", total=good) as task:
        moved = journal.move()
        if moved is not None:
            task.advance(good)
            return moved

        def frames() -> Iterator[pl.DataFrame]:
            for frame in journal.frames("good"):
                yield frame
                task.advance(frame.height)

        return target.write(frames(), journal.job_id)


def _nothing_fits(journal: Journal, rejected: str, model_ref: str, *, has_contract: bool) -> InvalidInputError:
    if not journal.rows:
        return InvalidInputError("Expected a table with rows, found one without.")
    reasons = _reasons(journal)
    return InvalidInputError(
        f"None of the {journal.rows:,} rows fits the signature of {model_ref}: {next(iter(reasons))}.",
        hint=f"The rows and what is wrong with them are in {rejected}."
        + ("" if has_contract else " A raw table is read as its contract says: mw predict --contract FILE."),
        details={"rejected_path": rejected, "reasons": reasons},
    )


def _reasons(journal: Journal) -> dict[str, int]:
    found: Counter[str] = Counter()
    for _, part in sorted(journal.parts.items()):
        found.update(part.reasons)
    return dict(found.most_common(_REASONS_KEPT))


def _rejected_rows(journal: Journal) -> int:
    return sum(part.rejected for part in journal.parts.values())


def _recipe(package: bytes, model_ref: str, options: BatchOptions, *, typed: bool) -> Recipe:
    return Recipe(
        package=package,
        model_ref=model_ref,
        prefer_onnx=options.prefer_onnx,
        allow_code=options.allow_code,
        contract=options.contract,
        typed=typed,
    )


def _rejected_path(target: Target, options: BatchOptions) -> str:
    """Beside the output; of a table elsewhere in the present folder."""
    path = options.rejected
    if not path and target.path is None:
        path = f"{options.writing.table or 'predictions'}.rejected.csv"
    if not path and target.path is not None:
        ending = target.path.suffix if target.format == "file" else ".csv"
        path = str(target.path.with_name(f"{target.path.stem}.rejected{ending}"))
    table_format(Path(path))
    return path


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
