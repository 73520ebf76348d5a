"""Tells, before a retraining is begun, whether it would train anything new."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from millwright.automation.limits.permit import Because, Refusal
from millwright.workspace.worker.order import End, Order, Task
from millwright.workspace.worker.slot import perform_apart

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from millwright.automation.trigger import Trigger
    from millwright.workspace.workspace import Workspace

logger = logging.getLogger(__name__)

_PATIENCE_S = 60.0
_REST_S = 60.0  # a cause that stands is looked at each second, and new data comes seldom
_SHARE = 20  # of the time between two looks, a look takes one part at most


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    key: str
    refusal: Refusal
    until: float


class Foresight:
    """Looks at what a pipeline would read, in a process apart, since loading it runs people's code. Not thread-safe.

    That nothing has changed is remembered for a minute, or twenty times what looking took, whichever is longer.

    Args:
        workspace: Where runs and versions are.
        now: Seconds that only grow.
    """

    def __init__(self, workspace: Workspace, now: Callable[[], float] = time.monotonic) -> None:
        self._workspace = workspace
        self._now = now
        self._known: dict[str, _Known] = {}

    def repeats(self, rule: Trigger, params: Mapping[str, Any]) -> Refusal | None:
        """That a run would give a version which is there already, or fail as the last one did.

        Args:
            rule: What is about to fire.
            params: The run's parameters.

        Returns:
            None when it would train, or when that cannot be told: then it is better begun, and says what is wrong.
        """
        holder = self._workspace.stores.models.find_alias(rule.model, rule.alias)
        key = repr((rule.pipeline, sorted(params.items()), holder.version if holder is not None else None))
        known = self._known.pop(rule.name, None)
        begun = self._now()
        if known is not None and known.key == key and begun < known.until:
            self._known[rule.name] = known
            return known.refusal
        refusal = self._look(rule, params)
        if refusal is not None:
            now = self._now()
            until = now + max(_REST_S, _SHARE * (now - begun))
            self._known[rule.name] = _Known(key=key, refusal=refusal, until=until)
        return refusal

    def _look(self, rule: Trigger, params: Mapping[str, Any]) -> Refusal | None:
        order = Order(
            task=Task.FORECAST,
            folder=str(self._workspace.folder),
            pipeline=rule.pipeline,
            project_dir=rule.project_dir,
            params=dict(params),
            alias=f"{rule.model}@{rule.alias}",
        )
        outcome = perform_apart(order, _PATIENCE_S).outcome
        if outcome is None or outcome.end is End.AGAIN:
            said = outcome.error if outcome is not None else "it took too long"
            logger.info("What a run of %s would do cannot be told: %s", rule.pipeline, said)
            return None
        if outcome.end is not End.FAILED:
            return None
        return Refusal(because=Because(outcome.because), text=outcome.error or "nothing has changed")
