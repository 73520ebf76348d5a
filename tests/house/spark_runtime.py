"""Spark for the tests of one module: nothing of it is left in the process when they have run."""

from __future__ import annotations

import gc
import warnings
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from millwright.data.engines.spark_session import java

if TYPE_CHECKING:
    from collections.abc import Iterator

needs_spark = pytest.mark.skipif(
    find_spec("pyspark") is None or java() is None, reason="needs Java, and Spark: pip install 'millwright[spark]'"
)


@contextmanager
def spark_runtime() -> Iterator[None]:
    """Whatever Spark is started within ends with it, its Java process, too.

    PySpark's client leaves sockets to the garbage collector, which would find them in any later test; they are
    collected here instead.
    """
    with pytest.MonkeyPatch.context() as patch:
        # Java's second compiler would spend half of the time on code that runs for seconds.
        patch.setenv("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        yield
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if active is not None:
        active.stop()
    del active
    gateway = SparkContext._gateway
    if gateway is not None:
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait(60)
    SparkContext._gateway = SparkContext._jvm = None
    del gateway
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
