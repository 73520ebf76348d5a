"""What the attempts at a step printed, one after the other."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.core.errors import MillwrightError
from millwright.pipelines.runner.observation.live import LiveLogs
from millwright.pipelines.runner.observation.recording import Recording
from millwright.pipelines.secrets import Masks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.ids import Digest
    from millwright.pipelines.runner.executors.base import Outcome
    from millwright.pipelines.runner.pending import Pending
    from millwright.storage.base import ArtifactStore

logger = logging.getLogger(__name__)


class AttemptLog:
    """Puts the log of a failed attempt in front of the next one's, in the store and for those who read along.

    Between them a line says why the step was tried again. The whole is bounded like the log of one attempt.

    Args:
        artifacts: Where logs are.
        services: Those of the run; has the place where people read along.
    """

    def __init__(self, artifacts: ArtifactStore, services: Mapping[type, object]) -> None:
        self._artifacts = artifacts
        live = services.get(LiveLogs)
        self._live = live if isinstance(live, LiveLogs) else None

    def keep(self, pending: Pending, outcome: Outcome) -> None:
        """An attempt has failed, and there will be another: its log becomes the record's."""
        failure = outcome.failure.text if outcome.failure is not None else ""
        text = f"── attempt {pending.attempts}: {failure}; tried again ──\n"
        try:
            printed = self._read(self.whole(pending, outcome).log)
            log = self._joined(printed, text.encode(errors="replace"))
        except MillwrightError as error:  # no reason to give the step up
            logger.warning("What attempt %s at '%s' printed is lost: %s", pending.attempts, pending.node.name, error)
            return
        pending.record = replace(pending.record, log=log)
        if self._live is not None:
            self._live.remove(pending.record.id)
            self._live.append(pending.record.id, self._read(log).decode(errors="replace"))

    def whole(self, pending: Pending, outcome: Outcome) -> Outcome:
        """What an attempt came to, with the logs of those before it."""
        before = pending.record.log
        if before is None:
            return outcome
        if self._live is not None:
            self._live.remove(pending.record.id)
        try:
            return replace(outcome, log=self._joined(self._read(before), self._read(outcome.log)))
        except MillwrightError as error:
            logger.warning("What was printed before '%s' was tried again is lost: %s", pending.node.name, error)
            return outcome

    def _read(self, log: Digest | None) -> bytes:
        return self._artifacts.get(log) if log is not None else b""

    def _joined(self, first: bytes, second: bytes) -> Digest:
        recording = Recording()
        recording.append(first if not first or first.endswith(b"\n") else first + b"\n")
        recording.append(second)
        try:
            return self._artifacts.put(recording.text(Masks()).encode())  # secrets were masked before
        finally:
            recording.close()
