"""What an engine is, and what can be set about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from millwright.data.engines.definition import Transformation
    from millwright.data.engines.input_table import InputTable


class EngineName(StrEnum):
    """Where a transformation is computed."""

    POLARS = "polars"  # in memory; the fastest for tables that fit several times over
    STREAMING = "streaming"  # Polars in batches; what it groups, sorts or joins still has to fit
    DUCKDB = "duckdb"  # keeps to a memory limit, and writes the rest to a scratch folder
    SPARK = "spark"  # on a cluster, or in a Java process of its own


@dataclass(frozen=True, kw_only=True, slots=True)
class EngineOptions:
    """How engines are chosen and what they may use.

    Attributes:
        name: `auto`, or the name of one engine.
        memory_gb: `auto` computes in memory while the inputs' files are no larger together, in GB (10^9 bytes).
            Parquet files take three to ten times their size in memory.
        spark_gb: `auto` goes to Spark when they are larger; 0 for never.
        limit_gb: What DuckDB and a local Spark may use, in GB; 0 for half of the machine's memory.
        scratch: Folder for what does not fit; by default one below the system's temporary folder. A cluster has to
            reach it too.
        spark_master: Where Spark runs, when the process has no session yet.
        spark_partitions: In how many parts Spark cuts what it sorts and groups.
    """

    name: str = "auto"
    memory_gb: float = 1.0
    spark_gb: float = 0.0
    limit_gb: float = 0.0
    scratch: str = ""
    spark_master: str = "local[*]"
    spark_partitions: int = 8

    @property
    def limit_bytes(self) -> int:
        """The memory limit in bytes."""
        if self.limit_gb > 0:
            return int(self.limit_gb * 1e9)
        import psutil

        return int(psutil.virtual_memory().total) // 2


class Engine(Protocol):
    """One way to compute transformations.

    The result is in portable form (see `portable_form`); its rows have no order unless the transformation sorts them.
    Both methods raise InvalidInputError when the transformation does not fit its inputs or cannot be computed here.
    """

    def frame(self, transformation: Transformation, tables: Mapping[str, InputTable]) -> pl.DataFrame:
        """The result, in memory."""
        ...

    def write(self, transformation: Transformation, tables: Mapping[str, InputTable], folder: Path) -> Sequence[Path]:
        """The result as Parquet files (zstd) in a folder that is there and empty; the files in order."""
        ...
