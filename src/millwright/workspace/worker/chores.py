"""What workers look after beside the queue: declared monitors, retraining, and whatever else is due now and then."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from millwright.core.errors import MillwrightError
from millwright.core.periodic_thread import PeriodicThread
from millwright.workspace.worker.account import CHECKED, FOLDED, Account

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.automation.online import OnlineLearner
    from millwright.workspace.worker.options import WorkerOptions
    from millwright.workspace.workspace import Workspace

logger = logging.getLogger(__name__)

_PATIENCE_S = 30.0
_LOOK_S = 1.0
_SETTLE_S = 5.0
_FOLD_S = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Chore:
    """One thing that is done over and over.

    Attributes:
        name: For the log.
        work: Does it; what it gives is true when something was put into the queue.
        every_s: Seconds between two times at least; 0 for each look.
        close: Called once at the end.
    """

    name: str
    work: Callable[[], object]
    every_s: float = 0.0
    close: Callable[[], object] | None = None


class Chores(PeriodicThread):
    """A thread beside the worker's loop and its duties: a check of a monitor may take seconds.

    One chore that raises does not hold up the others. Every worker does them all: stores see to it that each thing is
    done once.

    Args:
        chores: What there is to do.
        options: How often to look.
        wake: Called when something was put into the queue.
    """

    def __init__(self, chores: Sequence[Chore], options: WorkerOptions, wake: Callable[[], None]) -> None:
        self._chores = tuple(chores)
        self._done_at = dict.fromkeys((chore.name for chore in self._chores), float("-inf"))
        self._said: dict[str, str] = {}  # what each chore failed with last
        self._wake = wake
        super().__init__(
            self.perform,
            options.poll_s,
            name="millwright-chores",
            trouble="Monitors and retraining wait",
            at_once=True,
            patience_s=_PATIENCE_S,
        )

    def stop(self) -> None:
        """See `PeriodicThread.stop`; then each chore is closed."""
        super().stop()
        for chore in self._chores:
            if chore.close is not None:
                try:
                    chore.close()
                except MillwrightError as error:
                    logger.warning("%s: %s", chore.name, error)

    def perform(self) -> bool:
        """Do what is due once; whether something was put into the queue."""
        queued = False
        for chore in self._chores:
            if time.monotonic() - self._done_at[chore.name] < chore.every_s:
                continue
            try:
                queued = bool(chore.work()) or queued
            except MillwrightError as error:
                # The same each few seconds would bury what is new.
                level = logging.DEBUG if self._said.get(chore.name) == str(error) else logging.WARNING
                logger.log(level, "%s: %s", chore.name, error)
                self._said[chore.name] = str(error)
            except Exception:
                logger.exception("%s", chore.name)
            else:
                self._said.pop(chore.name, None)
            self._done_at[chore.name] = time.monotonic()
        if queued:
            self._wake()
        return queued


def chores_of(workspace: Workspace, account: Account | None = None) -> list[Chore]:
    """The chores of a workspace.

    Args:
        workspace: Whose.
        account: Counts what they do.
    """
    account = account or Account()
    folding, watching = _live(workspace, account), _monitoring(workspace, account)
    return [*folding, *watching, *_retraining(workspace), *_online(workspace)]


def _live(workspace: Workspace, account: Account) -> list[Chore]:
    """Predictions are folded into summaries as they come in."""
    from millwright.workspace.live import open_live

    live = open_live(workspace)

    def fold() -> None:
        account.count(FOLDED, sum(each.rows for each in live.step()))

    return [Chore(name="Summaries of predictions", work=fold, every_s=_FOLD_S, close=live.close)]


def _online(workspace: Workspace) -> list[Chore]:
    """Models that learn from labels as they arrive."""
    if not workspace.settings.learning:
        return []
    from millwright.workspace.online import learners

    return [
        Chore(name=f"Online learning of '{name}'", work=partial(_learn, learner), every_s=_SETTLE_S)
        for name, learner in learners(workspace).items()
    ]


def _learn(learner: OnlineLearner) -> None:
    learner.step()


def _monitoring(workspace: Workspace, account: Account) -> list[Chore]:
    """Declared monitors: what is declared is written down when it changes, and what is due is checked."""
    from millwright.automation.monitors import DeclarationHistory, FailedChecks, MonitorRound, end_departed
    from millwright.workspace.closed_loop import References, declarations

    declared = declarations(workspace.settings)
    place = f"{socket.gethostname()}:{workspace.project}"
    history = DeclarationHistory(stores=workspace.stores, clock=workspace.clock, actor=workspace.actor, place=place)
    desk = workspace.alerts_as("monitor")
    failures = FailedChecks(stores=workspace.stores, clock=workspace.clock, desk=desk)
    ended: list[bool] = []

    def note() -> None:
        changes = history.note(declared)
        if not ended or changes:
            end_departed(declared, monitors=workspace.stores.monitors, desk=desk, beside=history.beside)
            ended.append(True)

    chores = [Chore(name="Declared monitors", work=note, every_s=_SETTLE_S)]
    if declared:
        rounds = MonitorRound(
            stores=workspace.stores,
            clock=workspace.clock,
            checker=workspace.monitor,
            reference_of=References(workspace).of,
            failures=failures,
        )

        def check() -> None:
            account.count(CHECKED, len(rounds.check_due(declared)))

        chores.append(Chore(name="Checks of monitors", work=check))
    return chores


def _retraining(workspace: Workspace) -> list[Chore]:
    """What alerts, new data and time lead to, and what retrainings left open."""
    from millwright.automation.retraining import RetrainingWatch
    from millwright.workspace.closed_loop import build_retraining_policy
    from millwright.workspace.retraining import build_follow_up
    from millwright.workspace.worker.foresight import Foresight

    foresight = Foresight(workspace)

    def fire() -> object:
        # Anew each time: an endpoint that appears later has its model by then.
        policy = build_retraining_policy(workspace)
        watch = RetrainingWatch(
            stores=workspace.stores,
            clock=workspace.clock,
            events=workspace.events,
            policy=policy,
            repeats=foresight.repeats,
        )
        return watch.fire_due()

    follow_up = build_follow_up(
        stores=workspace.stores,
        clock=workspace.clock,
        events=workspace.events,
        registry=workspace.registry_as("automation"),
    )
    acting = any(each.action is not None for each in workspace.settings.monitors.values())
    settle = Chore(name="Challengers that wait", work=lambda: follow_up.settle_due() and None, every_s=_SETTLE_S)
    return [*([Chore(name="Retraining", work=fire, every_s=_LOOK_S)] if acting else []), settle]
