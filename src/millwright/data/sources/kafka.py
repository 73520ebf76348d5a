"""Kafka topics: the messages of a bounded window as rows.

Nothing is committed to the brokers: how far a dataset has read stands in the workspace's records, in the transaction of
the version that holds the rows.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import polars as pl

from millwright.core.credential import without_credentials
from millwright.core.errors import InvalidInputError, MissingExtraError, StorageError, closest
from millwright.core.ids import new_id
from millwright.data.sources.header import clean_headers
from millwright.data.sources.kafka_window import TIMEOUT_S, Window, find_window
from millwright.data.sources.place import one_line
from millwright.data.sources.request import OpenedSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.core.progress import ProgressTask
    from millwright.data.sources.request import SourceOptions

VALUES = ("json", "text", "bytes")
_BATCH = 1000
_WAIT_S = 0.1  # for a batch to fill
_SILENCE_S = 30.0
_LOGGER = logging.getLogger("millwright.kafka")  # of librdkafka, which otherwise writes to the terminal


@dataclass(frozen=True, slots=True)
class _Topic:
    source: str
    name: str
    settings: Mapping[str, str]


@contextmanager
def open_kafka(
    source: str, options: SourceOptions, *, resume: Mapping[int, int] | None = None
) -> Iterator[OpenedSource]:
    """A window of a topic.

    Columns: `_partition`, `_offset`, `_timestamp` (UTC), `_key`, and the fields of the values, which are JSON objects;
    or one column `value` of text or bytes. Rows are in the order of partitions and offsets. A message without a value
    has nulls.

    Args:
        source: `kafka://broker:9092,other:9092/topic`; settings of librdkafka may follow as parameters.
        options: `start`, `end`, `most` and `values`.
        resume: Partition → the offset to go on from; see `find_window`. The opened source's position says the next.

    Raises:
        InvalidInputError: The URL, a bound or a setting is wrong, there is no such topic, or a value cannot be read.
        MissingExtraError: confluent-kafka is not installed.
        StorageError: The brokers cannot be reached, or fall silent.
    """
    try:
        from confluent_kafka import KafkaException
    except ImportError as error:
        raise MissingExtraError("confluent-kafka", "kafka") from error
    topic = _parsed(source, options)
    consumer = _consumer(topic)
    try:
        partitions = _partitions(consumer, topic)
        window = find_window(consumer, topic.name, partitions, options, resume or {})
        reached = dict(window.until)
        yield OpenedSource(
            uri=without_credentials(source),
            digest=None,  # of the same offsets, more may be seen once a transaction ends
            load=lambda task: (_load(consumer, topic, window, reached, options.values or "json", task), "kafka"),
            position=_Position(reached),
        )
    except KafkaException as error:
        raise StorageError(
            f"Cannot read {without_credentials(source)}: {_reason(error, source)}.", hint="Check that the brokers run."
        ) from error
    finally:
        consumer.close()


class _Position(Mapping[str, Any]):
    """How far reading got, as JSON values; told by what was reached when it is asked."""

    def __init__(self, reached: Mapping[int, int]) -> None:
        self._reached = reached

    def __getitem__(self, key: str) -> Any:
        if key != "offsets":
            raise KeyError(key)
        return {str(partition): offset for partition, offset in self._reached.items()}

    def __iter__(self) -> Iterator[str]:
        return iter(("offsets",))

    def __len__(self) -> int:
        return 1


def _parsed(source: str, options: SourceOptions) -> _Topic:
    parts = urlsplit(source)
    name = unquote(parts.path.strip("/"))
    if parts.scheme != "kafka" or not parts.netloc or not name or "/" in name:
        raise InvalidInputError(
            f"Expected kafka://broker:9092/topic, found {without_credentials(source)}.",
            hint="Several brokers are written with commas between.",
        )
    if options.values and options.values not in VALUES:
        raise InvalidInputError(
            f"Expected values as one of {', '.join(VALUES)}, found '{options.values}'.",
            hint=closest(options.values, VALUES),
        )
    if options.most is not None and options.most < 1:
        raise InvalidInputError(f"Expected to read one message or more, found {options.most}.", hint="Leave it out.")
    login, _, brokers = parts.netloc.rpartition("@")
    settings = dict(parse_qsl(parts.query))
    if login:
        user, _, password = login.partition(":")
        settings |= {"sasl.username": unquote(user), "sasl.password": unquote(password)}
    return _Topic(source, name, {"bootstrap.servers": brokers, **settings})


def _consumer(topic: _Topic) -> Any:
    from confluent_kafka import Consumer, KafkaException

    fixed = {
        "group.id": f"millwright-{new_id()}",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "log_level": 2,
    }
    # A window ends soon: brokers need not wait long for more to send at once.
    settings = {"fetch.wait.max.ms": 50, **topic.settings, **fixed}
    try:
        return Consumer(settings, logger=_LOGGER)
    except (KafkaException, TypeError, ValueError) as error:
        raise InvalidInputError(
            f"Expected settings of librdkafka in {without_credentials(topic.source)}, found others: "
            f"{_reason(error, topic.source)}.",
            hint="They stand behind the topic as ?name=value&name=value.",
        ) from error


def _reason(error: Exception, source: str) -> str:
    """What librdkafka says, without its codes and the source's credentials."""
    told = getattr(error.args[0], "str", None) if error.args else None
    return one_line(Exception(told()) if callable(told) else error, source)


def _partitions(consumer: Any, topic: _Topic) -> list[int]:
    from confluent_kafka import KafkaException

    try:
        topics = consumer.list_topics(timeout=TIMEOUT_S).topics
    except KafkaException as error:
        raise StorageError(
            f"Cannot reach the brokers of {without_credentials(topic.source)}: {_reason(error, topic.source)}.",
            hint="Check that they run, their addresses, and the login.",
        ) from error
    found = topics.get(topic.name)
    if found is None or found.error is not None or not found.partitions:
        names = [name for name in topics if not name.startswith("__")]
        raise InvalidInputError(
            f"There is no topic '{topic.name}' at {without_credentials(topic.source)}.",
            hint=closest(topic.name, names) or "There are no topics.",
        )
    return list(found.partitions)


def _load(
    consumer: Any, topic: _Topic, window: Window, reached: dict[int, int], values: str, task: ProgressTask
) -> pl.DataFrame:
    messages = sorted(
        _messages(consumer, topic, window, reached, task), key=lambda one: (one.partition(), one.offset())
    )
    times = [one.timestamp()[1] * 1000 for one in messages]
    columns: dict[str, Any] = {
        "_partition": pl.Series([one.partition() for one in messages], dtype=pl.Int32),
        "_offset": pl.Series([one.offset() for one in messages], dtype=pl.Int64),
        "_timestamp": pl.Series(times, dtype=pl.Int64).cast(pl.Datetime("us", "UTC")),
    }
    if values == "bytes":
        columns["_key"] = pl.Series([one.key() for one in messages], dtype=pl.Binary)
        columns["value"] = pl.Series([one.value() for one in messages], dtype=pl.Binary)
        return pl.DataFrame(columns)
    columns["_key"] = pl.Series([_text(one, one.key(), "key") for one in messages], dtype=pl.String)
    texts = [_text(one, one.value(), "value") for one in messages]
    if values == "text":
        columns["value"] = pl.Series(texts, dtype=pl.String)
        return pl.DataFrame(columns)
    own = pl.DataFrame(columns)
    fields = _objects([_object(one, text) for one, text in zip(messages, texts, strict=True)], topic)
    fields.columns = clean_headers([*own.columns, *fields.columns])[own.width :]
    return own.hstack(fields) if fields.width else own


def _messages(
    consumer: Any, topic: _Topic, window: Window, reached: dict[int, int], task: ProgressTask
) -> Iterator[Any]:
    from confluent_kafka import KafkaError, TopicPartition

    left = dict(window.ranges)
    if not left:
        return
    consumer.assign([TopicPartition(topic.name, partition, start) for partition, (start, _) in left.items()])
    heard = time.monotonic()
    while left:
        batch = consumer.consume(_BATCH, timeout=_WAIT_S)
        if batch:
            heard = time.monotonic()
        elif time.monotonic() - heard >= _SILENCE_S:
            raise StorageError(
                f"The brokers of {without_credentials(topic.source)} sent nothing for {_SILENCE_S:g} s, with "
                f"{len(left)} partitions not read to their end.",
                hint="Check that they run, and try again.",
            )
        came = 0
        for message in batch:
            partition, error = message.partition(), message.error()
            if partition not in left:
                continue
            _, end = left[partition]
            if error is not None and error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - their public constant
                # Before the end when a transaction is open: what it writes is read the next time.
                reached[partition] = min(reached[partition], message.offset())
            elif error is not None:
                raise StorageError(
                    f"Cannot read {without_credentials(topic.source)}: {error.str()}.", hint="Check the brokers."
                )
            elif message.offset() < end:
                came += 1
                yield message
                if message.offset() < end - 1:
                    continue
            del left[partition]
        task.advance(came)


def _text(message: Any, data: bytes | None, what: str) -> str | None:
    try:
        return None if data is None else data.decode()
    except UnicodeDecodeError as error:
        raise InvalidInputError(
            f"Expected text as the {what} of the message at offset {message.offset()} of partition "
            f"{message.partition()}, found other bytes.",
            hint="Read the topic with --values bytes.",
        ) from error


def _object(message: Any, text: str | None) -> dict[str, Any]:
    try:
        value = {} if text is None else json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise InvalidInputError(
            f"Expected a JSON object as the value of the message at offset {message.offset()} of partition "
            f"{message.partition()}, found something else.",
            hint="Read the topic with --values text.",
        )
    return value


def _objects(rows: list[dict[str, Any]], topic: _Topic) -> pl.DataFrame:
    if not any(rows):
        return pl.DataFrame()
    try:
        return pl.DataFrame(rows, infer_schema_length=None)
    except (TypeError, pl.exceptions.PolarsError) as error:
        raise InvalidInputError(
            f"Expected fields of one type in the messages of {without_credentials(topic.source)}, found others: "
            f"{one_line(error)}.",
            hint="Read the topic with --values text.",
        ) from error
