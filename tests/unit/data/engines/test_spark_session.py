"""What can be said without starting Spark; the rest is in test_spark_engine.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConfigurationError
from millwright.data.engines.engine import EngineOptions
from millwright.data.engines.spark_session import java, session

if TYPE_CHECKING:
    from pathlib import Path


def test_a_missing_java_is_told_before_spark_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(ConfigurationError, match="Java 17 or newer"):
        session(EngineOptions())


def test_java_is_looked_for_where_java_home_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "java"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert java() == str(program)
