from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError, MissingExtraError, StorageError
from millwright.core.progress import SilentProgress
from millwright.data.sources import kafka
from millwright.data.sources.kafka import open_kafka
from millwright.data.sources.kafka_window import Window
from millwright.data.sources.request import SourceOptions
from millwright.data.sources.source import read_source

if TYPE_CHECKING:
    from collections.abc import Mapping

pytest.importorskip("confluent_kafka", reason="needs confluent-kafka: pip install 'millwright[kafka]'")

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Cluster:
    """A broker inside librdkafka: its mock cluster, which lives as long as the producer."""

    producer: Any
    brokers: str

    def topic(self, messages: int, *, name: str = "") -> str:
        """A new topic of four partitions whose even numbers are in the first, odd ones in the second."""
        name = name or f"t-{uuid4().hex}"
        for number in range(messages):
            self.send(name, number % 2, json.dumps({"n": number, "cost": number / 2}), number)
        self.producer.flush(10)
        return f"kafka://{self.brokers}/{name}"

    def send(self, topic: str, partition: int, value: str | bytes | None, number: int) -> None:
        moment = START + timedelta(seconds=number)
        self.producer.produce(
            topic, key=f"k{number}", value=value, partition=partition, timestamp=int(moment.timestamp() * 1000)
        )
        self.producer.flush(10)


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": "unused", "test.mock.num.brokers": 1, "log_level": 0})
    brokers = producer.list_topics(timeout=10).brokers.values()
    return Cluster(producer, ",".join(f"{one.host}:{one.port}" for one in brokers))


def numbers(source: str, **options: Any) -> list[int]:
    return sorted(read_source(source, SourceOptions(**options)).frame["n"].to_list())


def test_messages_are_rows_in_the_order_of_partitions_and_offsets(cluster: Cluster) -> None:
    frame = read_source(cluster.topic(5)).frame
    assert frame.schema == {
        "_partition": pl.Int32,
        "_offset": pl.Int64,
        "_timestamp": pl.Datetime("us", "UTC"),
        "_key": pl.String,
        "n": pl.Int64,
        "cost": pl.Float64,
    }
    assert frame["n"].to_list() == [0, 2, 4, 1, 3]
    assert frame.row(1) == (0, 1, START + timedelta(seconds=2), "k2", 2, 1.0)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"start": "1"}, [2, 3, 4, 5, 6, 7, 8, 9]),
        ({"end": "2"}, [0, 1, 2, 3]),
        ({"start": "1", "end": "3"}, [2, 3, 4, 5]),
        ({"start": "earliest", "end": "latest"}, list(range(10))),
        ({"start": "2026-01-01T00:00:03Z"}, [3, 4, 5, 6, 7, 8, 9]),
        ({"start": "2026-01-01T00:00:03", "end": "2026-01-01T01:00:06+01:00"}, [3, 4, 5]),
        ({"end": "2030-01-01"}, list(range(10))),
        ({"most": 4}, [0, 1, 2, 3]),
        ({"most": 5}, [0, 1, 2, 3, 4]),
        ({"most": 100}, list(range(10))),
    ],
)
def test_window_is_bounded(cluster: Cluster, options: dict[str, Any], found: list[int]) -> None:
    assert numbers(cluster.topic(10), **options) == found


@pytest.mark.parametrize("options", [{"start": "2030-01-01"}, {"start": "5", "end": "4"}, {"start": "latest"}])
def test_window_without_messages_is_an_error_for_a_plain_read(cluster: Cluster, options: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError, match="Expected rows in kafka://"):
        numbers(cluster.topic(4), **options)


def test_reading_goes_on_where_it_stopped(cluster: Cluster) -> None:
    source = cluster.topic(5)
    topic = source.rpartition("/")[2]

    def resumed(offsets: Mapping[int, int], **options: Any) -> tuple[list[int], dict[str, int]]:
        with open_kafka(source, SourceOptions(**options), resume=offsets) as found:
            with SilentProgress().task("") as task:
                frame, _ = found.load(task)
            return frame["n"].to_list() if frame.height else [], found.position["offsets"]

    first, position = resumed({}, most=3)
    assert len(first) == 3
    second, position = resumed({int(key): value for key, value in position.items()})
    assert sorted(first + second) == [0, 1, 2, 3, 4]
    assert position == {"0": 3, "1": 2, "2": 0, "3": 0}
    assert resumed({int(key): value for key, value in position.items()}) == ([], position)
    cluster.send(topic, 3, '{"n": 9}', 9)
    assert resumed({int(key): value for key, value in position.items()})[0] == [9]
    with pytest.raises(InvalidInputError, match=r"go on at offset 7 of partition 0 .*--from earliest"):
        resumed({0: 7})
    assert len(resumed({0: 7}, start="earliest")[0]) == 6


def test_message_without_a_value_has_nulls(cluster: Cluster) -> None:
    source = cluster.topic(1)
    cluster.send(source.rpartition("/")[2], 0, None, 1)
    assert read_source(source).frame["n"].to_list() == [0, None]


def test_values_can_be_text_or_bytes(cluster: Cluster) -> None:
    name = f"t-{uuid4().hex}"
    cluster.send(name, 0, b"\xff", 0)
    source = f"kafka://{cluster.brokers}/{name}"
    with pytest.raises(InvalidInputError, match=r"value of the message at offset 0 of partition 0.*--values bytes"):
        read_source(source, SourceOptions(values="text"))
    assert read_source(source, SourceOptions(values="bytes")).frame["value"].to_list() == [b"\xff"]
    with pytest.raises(InvalidInputError, match=r"Expected a JSON object .*--values text"):
        read_source(f"kafka://{cluster.brokers}/{_text_topic(cluster)}")


def _text_topic(cluster: Cluster) -> str:
    name = f"t-{uuid4().hex}"
    cluster.send(name, 0, "text", 0)
    return name


def test_text_values_are_one_column(cluster: Cluster) -> None:
    frame = read_source(f"kafka://{cluster.brokers}/{_text_topic(cluster)}", SourceOptions(values="text")).frame
    assert frame["value"].to_list() == ["text"]


def test_field_named_like_our_columns_is_renamed(cluster: Cluster) -> None:
    name = f"t-{uuid4().hex}"
    cluster.send(name, 0, '{"_offset": "theirs"}', 0)
    frame = read_source(f"kafka://{cluster.brokers}/{name}").frame
    assert frame["_offset"].to_list() == [0]
    assert frame["_offset_2"].to_list() == ["theirs"]


@pytest.mark.parametrize(
    ("address", "options", "message"),
    [
        ("absent-topic", {}, "no topic 'absent-topic'"),
        ("t?nonsense=1", {}, "settings of librdkafka .*nonsense"),
        ("", {}, "Expected kafka://broker:9092/topic"),
        ("t", {"values": "jsn"}, "Did you mean 'json'"),
        ("t", {"most": 0}, "one message or more"),
        ("known", {"start": "yesterday"}, "'earliest', 'latest', an offset or a time"),
        ("known", {"table": "t"}, "options of the kind 'kafka'|options of the kind 'sql'"),
    ],
)
def test_wrong_question_is_an_error(cluster: Cluster, address: str, options: dict[str, Any], message: str) -> None:
    cluster.topic(1, name="known")
    with pytest.raises(InvalidInputError, match=message):
        read_source(f"kafka://{cluster.brokers}/{address}", SourceOptions(**options, format="kafka"))


def test_unreachable_broker_is_an_error_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "TIMEOUT_S", 0.3)
    with pytest.raises(StorageError, match="Cannot reach the brokers") as caught:
        read_source("kafka://127.0.0.1:1/t?sasl.username=ann&sasl.password=se-cret")
    assert "se-cret" not in str(caught.value)


def test_silent_broker_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        def assign(self, _places: object) -> None:
            pass

        def consume(self, _number: int, timeout: float) -> list[object]:
            assert timeout > 0
            return []

    monkeypatch.setattr(kafka, "_SILENCE_S", 0.0)
    topic = kafka._Topic("kafka://host/t", "t", {})
    window = Window(ranges={0: (0, 2)}, until={0: 2})
    with (
        SilentProgress().task("") as task,
        pytest.raises(StorageError, match="sent nothing for 0 s, with 1 partitions not read"),
    ):
        list(kafka._messages(Silent(), topic, window, {0: 2}, task))


def test_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    with pytest.raises(MissingExtraError, match=r"millwright\[kafka\]"):
        read_source("kafka://host/t")


def test_nothing_is_committed_to_the_broker(cluster: Cluster) -> None:
    source = cluster.topic(4)
    assert numbers(source) == numbers(source) == [0, 1, 2, 3]
