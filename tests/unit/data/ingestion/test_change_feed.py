from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from deltalake import write_deltalake

from millwright.core.errors import InvalidInputError
from millwright.core.progress import SilentProgress
from millwright.data.ingestion.change_feed import read_changes
from millwright.data.sources.request import PLAIN, SourceOptions

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.data.ingestion.increment import Increment


def read(source: str, position: Any, options: SourceOptions = PLAIN) -> Increment | None:
    with SilentProgress().task("") as task:
        return read_changes(source, options, json.loads(json.dumps(position)), task)


def test_table_is_read_whole_at_first_and_then_by_its_changes(tmp_path: Path) -> None:
    uri = str(tmp_path / "t")
    write_deltalake(uri, pl.DataFrame({"a": [1]}))
    first = read(uri, {})
    assert first is not None
    assert first.removed is None
    assert read(uri, dict(first.position)) is None
    write_deltalake(uri, pl.DataFrame({"a": [2]}), mode="overwrite")
    second = read(uri, dict(first.position))
    assert second is not None
    assert second.removed is not None
    assert (second.frame.rows(), second.removed.rows()) == ([(2,)], [(1,)])


def test_topic_is_read_on_from_its_offsets() -> None:
    kafka = pytest.importorskip("confluent_kafka", reason="needs confluent-kafka: pip install 'millwright[kafka]'")
    producer = kafka.Producer({"bootstrap.servers": "unused", "test.mock.num.brokers": 1, "log_level": 0})
    brokers = ",".join(f"{one.host}:{one.port}" for one in producer.list_topics(timeout=10).brokers.values())

    def send(number: int) -> None:
        producer.produce("t", value=json.dumps({"n": number}), partition=number % 2)
        producer.flush(10)

    send(0)
    first = read(f"kafka://{brokers}/t", {})
    assert first is not None
    assert read(f"kafka://{brokers}/t", dict(first.position)) is None
    send(1)
    second = read(f"kafka://{brokers}/t", dict(first.position))
    assert second is not None
    assert second.frame["n"].to_list() == [1]


def test_other_sources_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="--incremental files and --incremental column"):
        read(str(tmp_path / "a.csv"), {})
