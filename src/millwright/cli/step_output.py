"""What steps printed and logged: of those that have ended from the store, of those that go on from this machine."""

from __future__ import annotations

import re
import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.core.errors import MillwrightError
from millwright.core.periodic_thread import PeriodicThread
from millwright.core.records.pipeline import StepStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.core.ids import StepRunId
    from millwright.core.records.pipeline import StepRunRecord
    from millwright.pipelines.runner.observation.live import LiveLogs
    from millwright.storage.catalog import Stores

_POLL_S = 0.2
_CODES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?")


class StepOutput:
    """Reads what steps have printed.

    Args:
        stores: Where the logs of steps that have ended are.
        live: Where those of steps that go on are.
    """

    def __init__(self, stores: Stores, live: LiveLogs) -> None:
        self._stores, self._live = stores, live
        self._read: dict[StepRunId, int] = {}

    def executed(self, record: StepRunRecord) -> StepRunRecord:
        """The execution whose output it is: of a cached step the one that it was taken from, if that is still known."""
        if record.log is None and record.cached_from is not None:
            with suppress(MillwrightError):
                return self._stores.pipelines.get_step_run(record.cached_from)
        return record

    def with_items(self, records: Sequence[StepRunRecord]) -> list[StepRunRecord]:
        """Steps, and behind a mapped one that was taken from the cache as a whole the items that its results are of."""
        itemised = {record.part_of for record in records}
        found: list[StepRunRecord] = []
        for record in records:
            found.append(record)
            if record.status is StepStatus.CACHED and "items" in record.key_parts and record.step not in itemised:
                found += self._items(record, self.executed(record))
        return found

    def _items(self, record: StepRunRecord, source: StepRunRecord) -> list[StepRunRecord]:
        """As if they had been looked up one by one; the step may have had another name then."""
        return [
            replace(
                item,
                step=record.step + item.step.removeprefix(source.step),
                status=StepStatus.CACHED,
                part_of=record.step,
                log=None,
                cached_from=item.cached_from or item.id,
            )
            for item in self._stores.pipelines.list_step_runs(source.pipeline_run_id)
            if item.part_of == source.step
        ]

    def whole(self, record: StepRunRecord) -> str:
        """Everything that a step has printed; of a cached step, what it printed when it was executed.

        Raises:
            NotFoundError: The log is not in the artifact store any more.
        """
        source = self.executed(record)
        if source.log is not None:
            return self._stores.artifacts.get(source.log).decode(errors="replace")
        return self._live.read(source.id).decode(errors="replace")

    def fresh(self, record: StepRunRecord) -> str:
        """What a step has printed since the last call for it."""
        start = self._read.get(record.id, 0)
        if record.status is StepStatus.RUNNING:
            data = self._live.read(record.id, start)
        elif record.log is not None:
            # The same text, unless it was cut to its beginning and end.
            data = self._stores.artifacts.get(record.log)[start:]
        else:
            data = self._live.read(record.id, start)
        self._read[record.id] = start + len(data)
        return data.decode(errors="replace")


class OutputDisplay(PeriodicThread):
    """Prints what steps print while they run, each line behind the step's name.

    Args:
        output: Reads it.
        line: Prints a line.
    """

    def __init__(self, output: StepOutput, line: Callable[[str, str], None]) -> None:
        self._output, self._line = output, line
        self._lock = threading.Lock()
        self._running: dict[StepRunId, StepRunRecord] = {}
        super().__init__(self._follow, _POLL_S, name="millwright-output", trouble="What steps print is not shown")

    def on_step(self, record: StepRunRecord) -> None:
        """A step has begun, or ended: then the rest of what it printed is shown."""
        with self._lock:
            if record.status is StepStatus.RUNNING:
                self._running[record.id] = record
            else:
                self._running.pop(record.id, None)
                if record.status is not StepStatus.CACHED:
                    self._print(record)

    def _follow(self) -> None:
        with self._lock:
            for record in self._running.values():
                self._print(record)

    def _print(self, record: StepRunRecord) -> None:
        with suppress(MillwrightError):  # the run itself says when the store is away
            for line in readable(self._output.fresh(record)):
                self._line(record.step, line)


def readable(text: str) -> list[str]:
    """Lines without colours; of one that was drawn over with carriage returns, such as a bar, what was seen last."""
    if not text:
        return []
    plain = _CODES.sub("", text)
    return [line.rstrip("\r").rpartition("\r")[2] for line in plain.split("\n")[: -1 if plain.endswith("\n") else None]]
