"""Engines: the same transformation in memory, out of core, and on a cluster.

- `transformation` runs SQL, functions of Narwhals lazy frames and Polars expressions; `choice` says on which engine.
- `polars_engine`, `duckdb_engine` and `spark_engine` are the engines; `portable_form` holds the types that they share.
- `as_of` is the point-in-time join and `validation` the contract on engines other than Polars.

Path of a transformation: `run` → `choose_engine` (by setting or size) → one engine → the result in one form.
"""

from __future__ import annotations

from millwright.data.engines.as_of import AsOfRule, as_of_join
from millwright.data.engines.choice import EngineChoice
from millwright.data.engines.definition import Transformation
from millwright.data.engines.engine import EngineName, EngineOptions
from millwright.data.engines.transformation import ParquetResult, choice_of, run, run_to_parquet
from millwright.data.engines.validation import validate_on_spark

__all__ = [
    "AsOfRule",
    "EngineChoice",
    "EngineName",
    "EngineOptions",
    "ParquetResult",
    "Transformation",
    "as_of_join",
    "choice_of",
    "run",
    "run_to_parquet",
    "validate_on_spark",
]
