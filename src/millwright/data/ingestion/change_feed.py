"""Increments by change: of Delta tables from version to version, of Kafka topics from offset to offset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.credential import without_credentials
from millwright.core.errors import InvalidInputError
from millwright.data.ingestion.increment import Increment
from millwright.data.sources.delta import open_delta, read_delta_change
from millwright.data.sources.kafka import open_kafka
from millwright.data.sources.source import source_kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.progress import ProgressTask
    from millwright.data.sources.request import SourceOptions


def read_changes(
    source: str, options: SourceOptions, position: Mapping[str, Any], task: ProgressTask
) -> Increment | None:
    """What changed since the last read; at first all there is.

    Args:
        source: A Delta table or a Kafka topic.
        options: How to read it.
        position: What the last read left; empty at first.
        task: Told of the rows.

    Returns:
        None when nothing changed.

    Raises:
        InvalidInputError: The source tells no changes, is another one than before, or what was not read is gone.
        MissingExtraError: The library for it is not installed.
        StorageError: It cannot be reached.
    """
    kind = source_kind(source, options)
    if kind == "kafka":
        return _messages(source, options, position, task)
    if kind == "delta":
        return _versions(source, options, position, task)
    raise InvalidInputError(
        f"Expected a Delta table or a Kafka topic, whose changes can be followed, found {without_credentials(source)}.",
        hint="For other sources there are --incremental files and --incremental column.",
    )


def _messages(source: str, options: SourceOptions, position: Mapping[str, Any], task: ProgressTask) -> Increment | None:
    resume = {int(partition): int(offset) for partition, offset in position.get("offsets", {}).items()}
    with open_kafka(source, options, resume=resume) as found:
        frame, kind = found.load(task)
        reached = dict(found.position)
    if frame.is_empty() and reached == dict(position):
        return None
    return Increment(frame=frame, position=reached, uri=found.uri, format=kind)


def _versions(source: str, options: SourceOptions, position: Mapping[str, Any], task: ProgressTask) -> Increment | None:
    with open_delta(source, options) as found:
        now = dict(found.position)
        if now == dict(position):
            return None
        if not position:
            frame, kind = found.load(task)
            return Increment(frame=frame, position=now, uri=found.uri, format=kind)
    change = read_delta_change(source, position["table"], position["version"], now["version"])
    task.advance(change.added.height)
    return Increment(frame=change.added, removed=change.removed, position=now, uri=found.uri, format="delta")
