"""Spark: for tables beyond one machine."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.errors import InvalidInputError, MissingExtraError
from millwright.data.engines.definition import function_name
from millwright.data.engines.engine import EngineName, EngineOptions
from millwright.data.engines.failure import failures
from millwright.data.engines.portable_form import portable_schema, refuse_ambiguous, to_portable_form
from millwright.data.engines.scratch import ROWS_PER_FILE, as_files, scratch_folder
from millwright.data.engines.spark_session import session
from millwright.data.engines.sql_text import query_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import DataType

    from millwright.data.engines.definition import Transformation
    from millwright.data.engines.input_table import InputTable

_ATOMS: dict[type, str] = {
    pl.Int8: "tinyint",
    pl.Int16: "smallint",
    pl.Int32: "int",
    pl.Int64: "bigint",
    pl.Float32: "float",
    pl.Float64: "double",
    pl.String: "string",
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Binary: "binary",
}
_PORTABLE = {
    "tinyint": "bigint",
    "smallint": "bigint",
    "int": "bigint",
    "bigint": "bigint",
    "float": "double",
    "double": "double",
    "timestamp": "timestamp",
    "timestamp_ntz": "timestamp",
    "string": "string",
    "void": "string",
    "boolean": "boolean",
    "date": "date",
    "binary": "binary",
}


class SparkEngine:
    """Spark; see `Engine`.

    Args:
        options: Where it runs and what it may use.

    Raises:
        MissingExtraError: PySpark is not installed.
    """

    def __init__(self, options: EngineOptions) -> None:
        try:
            from py4j.protocol import Py4JError
            from pyspark.errors import PySparkException
        except ImportError as error:
            raise MissingExtraError("PySpark", "spark") from error
        self._options = options
        self._errors = (PySparkException, Py4JError, ValueError, TypeError, AttributeError, NotImplementedError)

    def frame(self, transformation: Transformation, tables: Mapping[str, InputTable]) -> pl.DataFrame:
        """The result, in memory; it passes through the driver, too."""
        with self._planned(transformation, tables) as planned, failures(EngineName.SPARK, transformation, self._errors):
            result = pl.from_arrow(planned.toArrow())
        return to_portable_form(pl.DataFrame(result).lazy()).collect()

    def write(self, transformation: Transformation, tables: Mapping[str, InputTable], folder: Path) -> list[Path]:
        """The result as Parquet files, one per partition."""
        with self._planned(transformation, tables) as planned, failures(EngineName.SPARK, transformation, self._errors):
            planned.write.mode("overwrite").option("compression", "zstd").parquet(folder.resolve().as_uri())
        for path in folder.iterdir():
            if path.suffix != ".parquet":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return sorted(folder.glob("*.parquet"))

    @contextmanager
    def _planned(self, transformation: Transformation, tables: Mapping[str, InputTable]) -> Iterator[DataFrame]:
        """The result, not computed yet."""
        spark = session(self._options)
        with scratch_folder(self._options.scratch) as folder:
            for name, table in tables.items():
                spark_table(spark, name, table, folder).createOrReplaceTempView(name)
            with failures(EngineName.SPARK, transformation, self._errors):
                planned = _portable(_plan(transformation, tables, spark))
            yield planned


def spark_table(
    spark: SparkSession, name: str, table: InputTable, folder: Path, *, place: str | None = None, portable: bool = True
) -> DataFrame:
    """An input as Spark sees it.

    Args:
        spark: The session.
        name: What the input is called.
        table: The input. Files in an object store are read by Spark itself, with its own credentials.
        folder: The scratch folder, for inputs that are not in files.
        place: Name of one more column (bigint) that rises with the rows' order in the input.
        portable: Whether to bring it to portable form; else it has the input's own types.

    Raises:
        InvalidInputError: Spark has no type for one of these.
    """
    refuse_ambiguous(table.schema)
    files = table.files if _is_remote(table) else as_files(name, table, folder, place=place, portable=portable)
    is_own = files is not table.files
    stored = dict(portable_schema(table.schema) if is_own and portable else table.schema)
    if place is not None and (is_own or not files):
        stored[place] = pl.Int64()
    ddl = spark_schema(stored)
    if not files:
        empty = spark.createDataFrame([], ddl)
        return _portable(empty) if portable else empty
    uris = [file.replace("s3://", "s3a://", 1) if "://" in file else _file_uri(file) for file in files]
    rows = spark.read.schema(ddl).parquet(*uris)
    placed = rows if place is None or is_own else _placed(rows, uris, place)
    return _portable(placed) if portable else placed


def spark_schema(schema: Mapping[str, pl.DataType]) -> str:
    """Columns as Spark writes them down.

    Raises:
        InvalidInputError: Spark has no type for one.
    """
    return ", ".join(f"{_quoted(column)} {_ddl(dtype, column)}" for column, dtype in schema.items())


def _is_remote(table: InputTable) -> bool:
    return table.files is not None and any("://" in file for file in table.files)


def _placed(rows: DataFrame, uris: Sequence[str], place: str) -> DataFrame:
    """Rows with their place in the order of the files."""
    from pyspark.sql import functions

    names = [(uri.rpartition("/")[2], number * ROWS_PER_FILE) for number, uri in enumerate(uris)]
    first = rows.sparkSession.createDataFrame(names, "__millwright_file string, __millwright_first bigint")
    number = (functions.col("__millwright_first") + functions.col("__millwright_row")).alias(place)
    return (
        rows.select(
            "*",
            functions.col("_metadata.file_name").alias("__millwright_file"),
            functions.col("_metadata.row_index").alias("__millwright_row"),
        )
        .join(functions.broadcast(first), "__millwright_file")
        .select(*[functions.col(_quoted(column)) for column in rows.columns], number)
    )


def _plan(transformation: Transformation, tables: Mapping[str, InputTable], spark: SparkSession) -> DataFrame:
    code = transformation.code
    if isinstance(code, tuple):
        raise InvalidInputError(
            "Polars expressions run on the engines polars and streaming, not on spark.",
            hint="Write it as SQL or as a function of Narwhals lazy frames.",
        )
    if isinstance(code, str):
        return spark.sql(query_text(code))
    import narwhals as nw
    from pyspark.sql import DataFrame as SparkFrame

    arguments = {to: nw.from_native(spark.table(name)) for to, name in transformation.arguments(tables).items()}
    result = nw.to_native(code(**arguments), pass_through=True)
    if not isinstance(result, SparkFrame):
        raise InvalidInputError(
            f"Expected the function '{function_name(code)}' to return a lazy frame, found {type(result).__name__}.",
            hint="Return what the frames' methods give; do not collect.",
        )
    return result


def _portable(frame: DataFrame) -> DataFrame:
    from pyspark.sql import functions

    refuse_ambiguous(frame.columns)
    fields = frame.schema.fields
    return frame.select(
        [
            functions.col(_quoted(field.name)).cast(_portable_ddl(field.dataType, field.name)).alias(field.name)
            for field in fields
        ]
    )


def _portable_ddl(dtype: DataType, name: str) -> str:
    from pyspark.sql.types import ArrayType, DecimalType, StructType

    if isinstance(dtype, DecimalType):
        return "double"
    if isinstance(dtype, ArrayType):
        return f"array<{_portable_ddl(dtype.elementType, name)}>"
    if isinstance(dtype, StructType):
        inner = ", ".join(f"{_quoted(field.name)}: {_portable_ddl(field.dataType, name)}" for field in dtype.fields)
        return f"struct<{inner}>"
    text = dtype.simpleString()
    if text.startswith(("varchar", "char")):
        return "string"
    if text not in _PORTABLE:
        raise InvalidInputError(
            f"The result's column '{name}' is {text}, which not every engine has.",
            hint="Cast it in the transformation.",
        )
    return _PORTABLE[text]


def _ddl(dtype: Any, name: str) -> str:
    """What Spark calls the type of a stored column."""
    if isinstance(dtype, pl.List):
        return f"array<{_ddl(dtype.inner, name)}>"
    if isinstance(dtype, pl.Struct):
        return f"struct<{', '.join(f'{_quoted(one.name)}: {_ddl(one.dtype, name)}' for one in dtype.fields)}>"
    if isinstance(dtype, pl.Datetime):
        return "timestamp_ntz" if dtype.time_zone is None else "timestamp"
    if isinstance(dtype, pl.Decimal):
        return f"decimal({dtype.precision},{dtype.scale})"
    base = dtype if isinstance(dtype, type) else type(dtype)
    if base not in _ATOMS:
        raise InvalidInputError(f"Spark has no type for {dtype} ('{name}').", hint="Cast it, or leave it out.")
    return _ATOMS[base]


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _file_uri(path: str) -> str:
    return Path(path).resolve().as_uri()
