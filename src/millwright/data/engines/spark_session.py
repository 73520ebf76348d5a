"""A Spark session of ours: the process's own if it has one, else a new local one or one on a cluster."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from typing import TYPE_CHECKING

from millwright.core.errors import ConfigurationError, MissingExtraError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from millwright.data.engines.engine import EngineOptions

_LOCAL_ONLY = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
_FIXED = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # overflow and bad casts are errors, not nulls
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",  # "x" is a column, as on the other engines
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "50000",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",  # the default is one that loses the zone
    "spark.sql.pyspark.dataFrameQueryContext.enabled": "false",
}


def session(options: EngineOptions) -> SparkSession:
    """A session with the settings that make results the same everywhere; its views are seen by nobody else.

    A Spark that is running in this process is used as it is. Otherwise one is started (about 5 to 20 s), which stays
    until the process ends.

    Args:
        options: Where it runs and what it may use.

    Raises:
        MissingExtraError: PySpark is not installed.
        ConfigurationError: There is no Java, or Spark does not start.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise MissingExtraError("PySpark", "spark") from error
    base = SparkSession.getActiveSession()
    if base is None:
        base = _started(options)
    own = base.newSession()
    for name, value in _FIXED.items():
        own.conf.set(name, value)
    own.conf.set("spark.sql.shuffle.partitions", str(options.spark_partitions))
    return own


def java() -> str | None:
    """Where Java is; None when there is none."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")


def _started(options: EngineOptions) -> SparkSession:
    from pyspark.sql import SparkSession

    is_local = options.spark_master.startswith("local")
    if is_local and java() is None:
        raise ConfigurationError(
            "Spark needs Java 17 or newer, which is not found.",
            hint="Install a Java runtime, or set JAVA_HOME; or choose another engine.",
        )
    # It writes every failed query as a line of JSON to the terminal; the error tells the same.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    builder = SparkSession.builder.master(options.spark_master).appName("millwright")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        **_FIXED,
    }
    if is_local:
        settings |= {**_LOCAL_ONLY, "spark.driver.memory": f"{max(options.limit_bytes // 1_000_000, 512)}m"}
        if options.scratch:
            settings["spark.local.dir"] = options.scratch
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        started = builder.getOrCreate()
    except Exception as error:  # whatever Java, the launcher or the cluster raises
        said = " ".join(str(error).split())[:200] or repr(error)
        raise ConfigurationError(
            f"Spark does not start on {options.spark_master}: {said}.",
            hint="Check engine.spark_master and the Java version (17 or 21).",
        ) from error
    if is_local:
        started.sparkContext.pythonExec = sys.executable  # its workers need what is installed here
    return started
