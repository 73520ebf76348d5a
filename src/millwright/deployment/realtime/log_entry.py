"""What waits for the prediction log, row by row."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from millwright.core.ids import PredictionId
from millwright.core.records.prediction import PredictionColumns

if TYPE_CHECKING:
    from collections.abc import Sequence

# A row's endpoint, id, model, version, time, features and outputs as JSON, latency in ms, request id and key. Text, not
# objects: a waiting entry is a tenth of the size, nothing in it is of interest to the garbage collector, and the log's
# thread has little left to do while it holds the interpreter lock.
LogEntry = tuple[str, PredictionId, str, int, datetime, str, str, float, str, str | None]

# An entry's share of memory beside its two texts: ids, numbers and the containers.
ENTRY_BYTES = 600


def entries_size(entries: Sequence[LogEntry]) -> int:
    """About how many bytes of memory entries take."""
    return sum([len(entry[5]) + len(entry[6]) for entry in entries], len(entries) * ENTRY_BYTES)


def entry_columns(entries: Sequence[LogEntry]) -> list[PredictionColumns]:
    """At least one entry, as the log's store takes them: one part for each endpoint among them."""
    endpoints = {entry[0] for entry in entries}
    if len(endpoints) == 1:
        return [_columns(entries)]
    return [_columns([entry for entry in entries if entry[0] == endpoint]) for endpoint in sorted(endpoints)]


def _columns(entries: Sequence[LogEntry]) -> PredictionColumns:
    endpoints, ids, models, versions, times, features, outputs, latencies, requests, keys = zip(*entries, strict=True)
    return PredictionColumns(
        endpoint=endpoints[0],
        id=ids,
        model=models,
        version=versions,
        at=times,
        features=features,
        outputs=outputs,
        latency_ms=latencies,
        request_id=requests,
        key=keys,
    )
