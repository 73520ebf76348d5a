"""The prediction log: which segment goes where, and which must be read."""

from __future__ import annotations

import os
import re
import threading
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from millwright.core.errors import InvalidInputError
from millwright.core.ids import id_time, new_id
from millwright.core.records.prediction import PredictionColumns
from millwright.storage.backends.predictions.column import hour_segments
from millwright.storage.backends.predictions.segment import (
    label_table,
    labels_to_bytes,
    latest_labels,
    predictions_from_bytes,
    predictions_to_bytes,
)
from millwright.storage.base.predictions import PredictionStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

    from millwright.core.ids import PredictionId
    from millwright.core.records.prediction import LabelRecord, PredictionRecord
    from millwright.storage.base.prediction_table import PredictionTable
    from millwright.storage.folder import Folder

_HOUR = timedelta(hours=1)
_LABELS = "labels"
_TIME_DIGITS = 12  # hex digits of an id that are its time
_SEGMENT = re.compile(r"date=\d{4}-\d\d-\d\d/hour=\d\d/[0-9a-f]{12}-[0-9a-f]{12}-[0-9a-f]{16}\.parquet")
_LABEL_SEGMENT = re.compile(r"[0-9a-f]{32}\.parquet")


class FolderPredictionStore(PredictionStore):
    """The log in a folder, local or remote.

    Args:
        folder: Where; nothing else writes there.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._last_name = ""
        self._naming = threading.Lock()

    def append(self, records: Sequence[PredictionRecord]) -> None:
        """See `PredictionStore.append`.

        Raises:
            InvalidInputError: An id was not made by `new_id`, or for a time more than an hour from the record's.
        """
        if isinstance(records, PredictionColumns):
            for segment in hour_segments(records):
                partition = f"{_quoted(records.endpoint)}/{_partition(segment.hour)}"
                self._write(partition, segment.first, segment.last, segment.data)
            return
        partitions: defaultdict[str, list[PredictionRecord]] = defaultdict(list)
        for record in records:
            partitions[f"{_quoted(record.endpoint)}/{_partition(_checked_time(record))}"].append(record)
        for partition, rows in sorted(partitions.items()):
            ids = [row.id for row in rows]
            self._write(partition, min(ids), max(ids), predictions_to_bytes(rows))

    def find(self, prediction_id: PredictionId) -> PredictionRecord | None:
        """See `PredictionStore.find`; opens only segments whose range of times holds that of the id."""
        try:
            hour = _partition(id_time(prediction_id))
        except ValueError:
            return None
        time = prediction_id[:_TIME_DIGITS]
        for endpoint in self._folder.list(""):
            for name in self._folder.list(f"{endpoint}/{hour}"):
                first, _, rest = name.partition("-")
                if not first <= time <= rest.partition("-")[0]:
                    continue
                data = self._folder.read(f"{endpoint}/{hour}/{name}")
                found = predictions_from_bytes(data, name=name, only=prediction_id) if data is not None else []
                if found:
                    return found[0]
        return None

    def iter(
        self, endpoint: str, *, start: datetime | None = None, end: datetime | None = None, version: int | None = None
    ) -> Iterator[PredictionRecord]:
        """See `PredictionStore.iter`; holds one hour in memory at a time."""
        for partition in self._partitions(endpoint, start, end):
            rows: list[PredictionRecord] = []
            for name in self._folder.list(partition):
                data = self._folder.read(f"{partition}/{name}")
                if data is not None:
                    rows += predictions_from_bytes(data, name=name, version=version)
            for row in sorted(rows, key=lambda row: (row.at, row.id)):
                if (start is None or start <= row.at) and (end is None or row.at < end):
                    yield row

    def segments(self, endpoint: str, *, start: datetime | None = None, end: datetime | None = None) -> Iterator[str]:
        """See `PredictionStore.segments`; opens none."""
        folder = _quoted(endpoint)
        for partition in self._partitions(endpoint, start, end):
            hour = partition.removeprefix(f"{folder}/")
            for name in self._folder.list(partition):
                if not _apart(name, start, end):
                    yield f"{hour}/{name}"

    def segment_times(self, name: str) -> tuple[datetime, datetime]:
        """See `PredictionStore.segment_times`."""
        if not _SEGMENT.fullmatch(name):
            raise InvalidInputError(
                f"Expected the name of a segment of the prediction log, found {name[:200]!r}.",
                hint="Use the names that `segments` gives.",
            )
        return _times(name.rpartition("/")[2])

    def segments_end(self, moment: datetime) -> str:
        """See `PredictionStore.segments_end`: the hour of the first ids whose rows may be of the moment or later."""
        return _partition(moment.astimezone(UTC) - _HOUR)

    def read_segment(self, endpoint: str, name: str, *, version: int | None = None) -> list[PredictionTable]:
        """See `PredictionStore.read_segment`."""
        from millwright.storage.backends.predictions.table import tables_from_bytes  # Polars takes a while to import

        self.segment_times(name)
        data = self._folder.read(f"{_quoted(endpoint)}/{name}")
        return list(tables_from_bytes(data, name=name, version=version)) if data is not None else []

    def list_endpoints(self) -> list[str]:
        """See `PredictionStore.list_endpoints`."""
        folders = self._folder.list("")
        return sorted(unquote(folder) for folder in folders if any(self._dates(folder)))

    def append_labels(self, endpoint: str, labels: Sequence[LabelRecord]) -> None:
        """See `PredictionStore.append_labels`."""
        if labels:
            name = self._later_name()
            self._folder.write(f"{_quoted(endpoint)}/{_LABELS}/{name}.parquet", labels_to_bytes(labels))

    def _later_name(self) -> str:
        """A name behind the last one: ids of one millisecond come in no order, and the later label counts."""
        with self._naming:
            while (name := new_id()) <= self._last_name:
                time.sleep(0.0002)
            self._last_name = name
        return name

    def iter_labels(self, endpoint: str) -> Iterator[LabelRecord]:
        """See `PredictionStore.iter_labels`; oldest first."""
        yield from latest_labels(self._label_segments(endpoint))

    def label_segments(self, endpoint: str) -> list[str]:
        """See `PredictionStore.label_segments`; opens none."""
        return self._folder.list(f"{_quoted(endpoint)}/{_LABELS}")

    def label_table(self, endpoint: str, *, segments: Sequence[str] | None = None) -> pl.DataFrame:
        """See `PredictionStore.label_table`."""
        for name in segments or ():
            if not _LABEL_SEGMENT.fullmatch(name):
                raise InvalidInputError(
                    f"Expected the name of a segment of labels, found {name[:200]!r}.",
                    hint="Use the names that `label_segments` gives.",
                )
        return label_table(self._label_segments(endpoint, segments)).drop("source")

    def _label_segments(self, endpoint: str, segments: Sequence[str] | None = None) -> dict[str, bytes]:
        folder = f"{_quoted(endpoint)}/{_LABELS}"
        names = self._folder.list(folder) if segments is None else segments
        found = {name: self._folder.read(f"{folder}/{name}") for name in names}
        return {name: data for name, data in found.items() if data is not None}

    def _write(self, partition: str, first: str, last: str, data: bytes) -> None:
        times = f"{first[:_TIME_DIGITS]}-{last[:_TIME_DIGITS]}"
        self._folder.write(f"{partition}/{times}-{os.urandom(8).hex()}.parquet", data)

    def _dates(self, folder: str) -> list[str]:
        return [name for name in self._folder.list(folder) if name.startswith("date=")]

    def _partitions(self, endpoint: str, start: datetime | None, end: datetime | None) -> Iterator[str]:
        folder = _quoted(endpoint)
        for date in self._dates(folder):
            day = datetime.strptime(date, "date=%Y-%m-%d").replace(tzinfo=UTC)
            if _outside(day, timedelta(days=1), start, end):
                continue
            for hour in self._folder.list(f"{folder}/{date}"):
                moment = day + timedelta(hours=int(hour.removeprefix("hour=")))
                if not _outside(moment, _HOUR, start, end):
                    yield f"{folder}/{date}/{hour}"


def _outside(begin: datetime, length: timedelta, start: datetime | None, end: datetime | None) -> bool:
    # An id's time, which decides the partition, may lie up to an hour from the record's, which decides the range.
    return (start is not None and begin + length + _HOUR < start) or (end is not None and begin - _HOUR >= end)


def _apart(name: str, start: datetime | None, end: datetime | None) -> bool:
    """Whether all rows of a segment are surely outside of a range."""
    first, last = _times(name)
    return _outside(first, last - first, start, end)


def _times(name: str) -> tuple[datetime, datetime]:
    first, last = (datetime.fromtimestamp(int(text, 16) / 1000, UTC) for text in name.split("-")[:2])
    return first, last


def _partition(moment: datetime) -> str:
    return moment.strftime("date=%Y-%m-%d/hour=%H")


def _quoted(endpoint: str) -> str:
    if not endpoint:
        raise InvalidInputError("Expected the name of an endpoint, found an empty text.", hint="Name the endpoint.")
    return quote(endpoint, safe="").replace(".", "%2E")  # else `..` would stay as it is


def _checked_time(record: PredictionRecord) -> datetime:
    try:
        made = id_time(record.id)
    except ValueError as error:
        raise InvalidInputError(
            f"A prediction's id is not one of ours: {error}", hint="Use core.ids.new_id."
        ) from error
    if abs(made - record.at) > _HOUR:
        raise InvalidInputError(
            f"Expected a prediction's time to be that of its id ({made.isoformat()}), found {record.at.isoformat()}.",
            hint="Make the id for that time: new_id(at_ms).",
        )
    return made
