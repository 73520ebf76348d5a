"""On Spark, by `mapInArrow`: chunks go out as Arrow bytes, some at a time, and what becomes of them comes back here."""

from __future__ import annotations

import warnings
from itertools import islice
from typing import TYPE_CHECKING, Any

from millwright.core.errors import ConfigurationError
from millwright.data.engines.engine import EngineOptions as SparkOptions
from millwright.data.engines.spark_session import session
from millwright.deployment.batch.engines.wire import frame_bytes, predict_bytes, predicted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from millwright.deployment.batch.chunk import Chunk, Predicted, Recipe
    from millwright.deployment.batch.engines.engine import EngineOptions

_SENT = "place long, first_row long, rows binary"
_ANSWERED = "place long, good binary, bad binary, reasons binary"


def predict_chunks(recipe: Recipe, chunks: Iterator[Chunk], options: EngineOptions) -> Iterator[Predicted]:
    """Predict chunks in the workers of the process's Spark session, or of one that this starts.

    Raises:
        MissingExtraError, ConfigurationError: PySpark or Java is not there, or Spark fails.
    """
    spark = session(SparkOptions(spark_master=options.spark_master))
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "1")  # a record is a chunk here
    workers = options.workers or spark.sparkContext.defaultParallelism
    shared = spark.sparkContext.broadcast(recipe)
    try:
        while some := list(islice(chunks, workers)):
            sent = [(chunk.index, chunk.first_row, bytearray(frame_bytes(chunk.frame))) for chunk in some]
            rows = spark.sparkContext.parallelize(sent, len(sent))
            with warnings.catch_warnings():  # of a pandas that it looks for and nothing here uses
                warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
                answered = spark.createDataFrame(rows, _SENT).mapInArrow(_mapper(shared), _ANSWERED)
            for answer in sorted(_collected(answered), key=lambda row: int(row[0])):
                place, good, bad, reasons = answer
                yield predicted((place, bytes(good), bytes(bad), bytes(reasons)))
    finally:
        shared.destroy()


def _collected(answered: Any) -> list[Any]:
    from pyspark.errors import PySparkException

    try:
        found: list[Any] = answered.collect()
    except PySparkException as error:
        lines = [line for line in str(error).splitlines() if "Error:" in line] or [str(error)]
        raise ConfigurationError(
            f"Spark did not predict some chunks: {lines[-1].strip()[:300]}",
            hint="Its workers need Millwright and the model's libraries; the same command goes on with what is left.",
        ) from error
    return found


def _mapper(shared: Any) -> Callable[[Iterator[Any]], Iterator[Any]]:
    def mapped(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa

        for batch in batches:
            for row in batch.to_pylist():
                place, good, bad, reasons = predict_bytes(shared.value, row["place"], row["first_row"], row["rows"])
                columns = {"place": [place], "good": [good], "bad": [bad], "reasons": [reasons]}
                yield pa.RecordBatch.from_pydict(columns)

    return mapped
