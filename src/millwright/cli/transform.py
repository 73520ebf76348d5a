"""`mw data transform`: a new version of a dataset, computed from others by SQL."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.option import AsJson, start
from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    import polars as pl

    from millwright.data.datasets.dataset import Dataset
    from millwright.data.engines.engine import EngineOptions


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("transform")(transform)


def transform(
    datasets: Annotated[
        list[str], typer.Argument(metavar="DATASETS...", help="name, name@3, name@tag; what the SQL reads.")
    ],
    *,
    sql: Annotated[str, typer.Option("--sql", help="A file with a SELECT, or its text.")],
    to: Annotated[str, typer.Option("--to", help="The dataset that gets the new version.")],
    engine: Annotated[
        str, typer.Option("--engine", help="auto, polars, streaming, duckdb or spark; by default the setting.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Compute a new version from others by SQL, in which each stands by its name (with _ for - and .).

    Rows stand in the order of the SQL's ORDER BY, or of all columns without one, so that the same rows make no new
    version, whatever the engine.
    """
    from millwright.core.records.dataset import DatasetKind
    from millwright.data.datasets.write_options import WriteOptions
    from millwright.data.engines.scratch import scratch_folder
    from millwright.data.engines.transformation import choice_of
    from millwright.data.lineage.column import derivation_if_told
    from millwright.workspace.wiring import engine_options

    text, source = _sql(sql)
    workspace, out = start(as_json=as_json)
    with workspace:
        inputs = _inputs([workspace.datasets.get(ref) for ref in datasets])
        options = engine_options(workspace.settings.engine, name=engine)
        chosen = choice_of(text, inputs, options=options)
        made = derivation_if_told(text, inputs)
        refs = made.derived_from
        details = {"sql": text, "sql_file": source, "engine": chosen.engine.value, **made.details}
        writing = WriteOptions(derived_from=refs, details=details)
        with scratch_folder(options.scratch) as folder:
            rows = _computed(text, inputs, replace(options, name=chosen.engine.value), folder)
            written = workspace.datasets.write(rows, to, kind=DatasetKind.TABLE, options=writing).record
        out.done(
            f"{written.ref}: {written.rows:,} rows, {len(written.columns)} columns, from {', '.join(refs)}; "
            f"computed by {chosen.engine} ({chosen.reason})."
        )
        out.next(f"mw data show {written.ref}", f"mw data history {written.dataset}")
        out.json({"record": written, "from": refs, "engine": chosen.engine.value, "reason": chosen.reason})


def _sql(given: str) -> tuple[str, str | None]:
    """The text, and the file that it is from."""
    path = Path(given)
    looks_like_a_file = not re.search(r"\s", given.strip()) or given.endswith(".sql")
    if not looks_like_a_file:
        return given, None
    try:
        return path.read_text(encoding="utf-8"), str(path)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(
            f"Expected SQL or a text file with it, found '{given}', which cannot be read.",
            hint="Write --sql 'SELECT … FROM …', or name a file.",
        ) from error


def _computed(text: str, inputs: dict[str, Dataset], options: EngineOptions, folder: Path) -> pl.DataFrame | list[Path]:
    """The result: a frame from the engine in memory, Parquet files from any other."""
    from millwright.data.engines.engine import EngineName
    from millwright.data.engines.sql_text import is_ordered
    from millwright.data.engines.transformation import run, run_to_parquet

    if options.name == EngineName.POLARS:
        frame = run(text, inputs, options=options)
        columns = [] if is_ordered(text) else _sortable(frame.schema)
        return frame.sort(columns, nulls_last=True) if columns else frame
    result = run_to_parquet(text, inputs, folder / "result", options=options)
    columns = [] if is_ordered(text) else _sortable(result.table().schema)
    if not columns:
        return list(result.files)

    def in_order(rows: Any) -> Any:
        return rows.sort(*columns, nulls_last=True)

    return list(run_to_parquet(in_order, {"rows": result.table()}, folder / "sorted", options=options).files)


def _sortable(schema: pl.Schema) -> list[str]:
    return [name for name, dtype in schema.items() if not dtype.is_nested()]


def _inputs(found: list[Dataset]) -> dict[str, Dataset]:
    """Versions by what SQL calls them."""
    inputs: dict[str, Dataset] = {}
    for dataset in found:
        name = re.sub(r"\W", "_", dataset.record.dataset)
        other = inputs.get(name)
        if other is not None:
            raise InvalidInputError(
                f"{other.record.ref} and {dataset.record.ref} would both be called {name} in SQL.",
                hint="Give one of them.",
            )
        inputs[name] = dataset
    return inputs
