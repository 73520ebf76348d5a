"""DuckDB: keeps to a memory limit and writes what does not fit to a scratch folder."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.errors import InvalidInputError, MissingExtraError
from millwright.data.engines.definition import function_name
from millwright.data.engines.engine import EngineName, EngineOptions
from millwright.data.engines.failure import failures
from millwright.data.engines.portable_form import portable_schema, refuse_ambiguous, to_portable_form
from millwright.data.engines.scratch import ROWS_PER_FILE, as_files, scratch_folder
from millwright.data.engines.sql_text import query_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from millwright.data.engines.definition import Transformation
    from millwright.data.engines.input_table import InputTable

_SETTINGS = (
    "SET TimeZone = 'UTC'",
    "SET default_null_order = 'nulls_last_on_asc_first_on_desc'",  # as Polars and PostgreSQL have it
    "SET preserve_insertion_order = false",  # results have no order, and keeping one costs memory
    "SET python_enable_replacements = false",  # names mean inputs, never variables of this process
    "SET autoinstall_known_extensions = false",  # nothing is fetched from the network
    "SET enable_progress_bar = false",
)
_NAMES: dict[type, str] = {
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.String: "VARCHAR",
    pl.Boolean: "BOOLEAN",
    pl.Date: "DATE",
    pl.Datetime: "TIMESTAMPTZ",
    pl.Binary: "BLOB",
}
_INTEGERS = {
    "tinyint",
    "smallint",
    "integer",
    "bigint",
    "hugeint",
    "utinyint",
    "usmallint",
    "uinteger",
    "ubigint",
    "uhugeint",
}
_FLOATS = {"float", "double", "decimal"}
_MOMENTS = {"timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamp with time zone"}
_TEXTS = {"varchar", "enum", "time", "time with time zone", "uuid", "NULL", '"null"'}


class DuckDBEngine:
    """DuckDB in this process, in a database of its own; see `Engine`.

    Args:
        options: Its memory limit and scratch folder.

    Raises:
        MissingExtraError: DuckDB is not installed.
    """

    def __init__(self, options: EngineOptions) -> None:
        try:
            import duckdb
        except ImportError as error:
            raise MissingExtraError("DuckDB", "duckdb") from error
        self._options = options
        self._errors = (duckdb.Error, ValueError, TypeError, AttributeError, NotImplementedError)

    def frame(self, transformation: Transformation, tables: Mapping[str, InputTable]) -> pl.DataFrame:
        """The result, in memory."""
        with (
            self._relation(transformation, tables) as relation,
            failures(EngineName.DUCKDB, transformation, self._errors),
        ):
            return to_portable_form(relation.pl().lazy()).collect()

    def write(self, transformation: Transformation, tables: Mapping[str, InputTable], folder: Path) -> list[Path]:
        """The result as Parquet files."""
        path = folder / "part-00000.parquet"
        with (
            self._relation(transformation, tables) as relation,
            failures(EngineName.DUCKDB, transformation, self._errors),
        ):
            relation.write_parquet(str(path), compression="zstd")
        return [path]

    @contextmanager
    def _relation(self, transformation: Transformation, tables: Mapping[str, InputTable]) -> Iterator[DuckDBPyRelation]:
        """The result, not computed yet."""
        with scratch_folder(self._options.scratch) as folder, connected(self._options, folder) as connection:
            for name, table in tables.items():
                add_view(connection, name, table, folder)
            with failures(EngineName.DUCKDB, transformation, self._errors):
                relation = _portable(_planned(transformation, tables, connection))
            yield relation


@contextmanager
def connected(options: EngineOptions, folder: Path) -> Iterator[DuckDBPyConnection]:
    """A database in memory that keeps to the limit and spills to a folder.

    Args:
        options: The limit.
        folder: The scratch folder.
    """
    import duckdb

    connection = duckdb.connect(
        config={"memory_limit": f"{max(options.limit_bytes // 1_000_000, 64)}MB", "temp_directory": str(folder)}
    )
    try:
        for setting in _SETTINGS:
            connection.execute(setting)
        yield connection
    finally:
        connection.close()


def add_view(
    connection: DuckDBPyConnection, name: str, table: InputTable, folder: Path, *, place: str | None = None
) -> None:
    """Let a database see an input by its name, in portable form.

    Args:
        connection: The database.
        name: What it is called.
        table: The input.
        folder: The scratch folder, for inputs that are not in files.
        place: Name of one more column (BIGINT) that rises with the rows' order in the input.
    """
    refuse_ambiguous(table.schema)
    portable = portable_schema(table.schema)
    files = as_files(name, table, folder, place=place)
    if not files:
        columns = [f"CAST(NULL AS {sql_type(dtype)}) AS {quoted(column)}" for column, dtype in portable.items()]
        columns += [f"CAST(NULL AS BIGINT) AS {quoted(place)}"] if place else []
        connection.execute(f"CREATE VIEW {quoted(name)} AS SELECT {', '.join(columns)} WHERE false")
        return
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    source = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
    there = set(connection.sql(f"SELECT * FROM {source}").columns)  # noqa: S608 (quoted)
    columns = [
        f"CAST({quoted(column) if column in there else 'NULL'} AS {sql_type(dtype)}) AS {quoted(column)}"
        for column, dtype in portable.items()
    ]
    if place:
        number = quoted(place) if place in there else f"file_index * {ROWS_PER_FILE} + file_row_number"
        columns.append(f"CAST({number} AS BIGINT) AS {quoted(place)}")
    connection.execute(f"CREATE VIEW {quoted(name)} AS SELECT {', '.join(columns)} FROM {source}")  # noqa: S608 (quoted)


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def sql_type(dtype: Any) -> str:
    """What DuckDB calls a portable type."""
    if isinstance(dtype, pl.List):
        return f"{sql_type(dtype.inner)}[]"
    if isinstance(dtype, pl.Struct):
        return f"STRUCT({', '.join(f'{quoted(one.name)} {sql_type(one.dtype)}' for one in dtype.fields)})"
    return _NAMES[dtype if isinstance(dtype, type) else type(dtype)]


def _planned(
    transformation: Transformation, tables: Mapping[str, InputTable], connection: DuckDBPyConnection
) -> DuckDBPyRelation:
    code = transformation.code
    if isinstance(code, tuple):
        raise InvalidInputError(
            "Polars expressions run on the engines polars and streaming, not on duckdb.",
            hint="Write it as SQL or as a function of Narwhals lazy frames.",
        )
    if isinstance(code, str):
        return connection.sql(query_text(code))
    import duckdb
    import narwhals as nw

    arguments = {to: nw.from_native(connection.view(name)) for to, name in transformation.arguments(tables).items()}
    result = nw.to_native(code(**arguments), pass_through=True)
    if not isinstance(result, duckdb.DuckDBPyRelation):
        raise InvalidInputError(
            f"Expected the function '{function_name(code)}' to return a lazy frame, found {type(result).__name__}.",
            hint="Return what the frames' methods give; do not collect.",
        )
    return result


def _portable(relation: DuckDBPyRelation) -> DuckDBPyRelation:
    refuse_ambiguous(relation.columns)
    names = [quoted(name) for name in relation.columns]
    wanted = [_portable_type(name, dtype) for name, dtype in zip(relation.columns, relation.types, strict=True)]
    return relation.project(
        ", ".join(f"CAST({name} AS {dtype}) AS {name}" for name, dtype in zip(names, wanted, strict=True))
    )


def _portable_type(name: str, dtype: Any) -> str:
    kind = str(dtype.id)
    if kind in {"list", "array"}:
        return f"{_portable_type(name, dtype.children[0][1])}[]"
    if kind == "struct":
        return f"STRUCT({', '.join(f'{quoted(field)} {_portable_type(name, of)}' for field, of in dtype.children)})"
    for kinds, portable in (
        (_INTEGERS, "BIGINT"),
        (_FLOATS, "DOUBLE"),
        (_MOMENTS, "TIMESTAMPTZ"),
        (_TEXTS, "VARCHAR"),
        ({"boolean"}, "BOOLEAN"),
        ({"date"}, "DATE"),
        ({"blob"}, "BLOB"),
    ):
        if kind in kinds:
            return portable
    raise InvalidInputError(
        f"The result's column '{name}' is {dtype}, which not every engine has.", hint="Cast it in the transformation."
    )
