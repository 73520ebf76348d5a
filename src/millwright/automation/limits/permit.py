"""Whether a model may be trained again now."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from millwright.automation.limits.cost import spent, usual_cost
from millwright.automation.limits.gain import Gain, expected_gain
from millwright.automation.limits.ledger import Ledger, read_ledger
from millwright.automation.limits.quiet_hours import quiet_until
from millwright.core.errors import NotFoundError
from millwright.core.plain_time import told_length, told_moment
from millwright.core.records.queue import OPEN_STATES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.automation.limits.cost import MeasuredCost
    from millwright.automation.limits.limits import Limits, Worth
    from millwright.core.records.monitor import MonitorReportRecord
    from millwright.storage.catalog import Stores

_DAY = timedelta(hours=24)
_MONTH = timedelta(days=30)
_MOST_REPORTS = 50  # that are looked through for the newest of each monitor


class Because(StrEnum):
    """Why a retraining was not begun."""

    RUNNING = "running"  # one has not ended yet
    PENDING = "pending"  # a challenger waits for a person, or for the end of its canary
    COOL_DOWN = "cool-down"  # the rest after the last one is not over
    FREQUENCY = "frequency"  # there were as many in a day as there may be
    BUDGET = "budget"  # those of a day, or a month, have cost what they may
    QUIET = "quiet hours"  # nothing begins at this time
    UNCHANGED = "nothing new"  # it would read what an earlier one read, and give the version that this one gave
    FAILED = "would fail again"  # the last one failed, and nothing that it depended on has changed
    COST = "does not pay"  # it costs more than it is expected to bring


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why a retraining may not begin.

    Attributes:
        because: Which rule says so.
        text: In a sentence, with the numbers.
        until: When it is worth asking again; None when that cannot be told.
        notes: What else was found out, for the record.
    """

    because: Because
    text: str
    until: datetime | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What was asked for, answered.

    Attributes:
        refusal: Why it may not begin; None when it may.
        notes: What speaks for it, sentences for the decision's record.
    """

    refusal: Refusal | None = None
    notes: tuple[str, ...] = ()


class Permits:
    """Asks every limit whether a model may be trained again; writes nothing.

    Args:
        stores: The audit log, the queue, runs, versions, reports.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def ask(
        self, model: str, limits: Limits, *, now: datetime, endpoint: str | None = None, by_hand: bool = False
    ) -> Answer:
        """Whether a retraining may begin now.

        Args:
            model: Which registered model.
            limits: Within which bounds.
            now: The present.
            endpoint: Whose reports tell what a better model would be worth; none when None.
            by_hand: Whether a person asks, for whom neither quiet hours nor the account of gain and cost stand
                in the way.
        """
        ledger = read_ledger(self._stores.audit, model)
        refusal = next(self._refusals(model, ledger, limits, now), None)
        if refusal is not None or by_hand:
            return Answer(refusal=refusal)
        until = quiet_until(limits.quiet, now, limits.zone)
        if until is not None:
            at = f"{until.astimezone(limits.zone):%Y-%m-%d %H:%M} ({limits.zone.key})"
            text = f"Nothing begins in quiet hours, which last until {at}."
            return Answer(refusal=Refusal(because=Because.QUIET, text=text, until=until))
        return self._account(model, limits, endpoint)

    def _refusals(self, model: str, ledger: Ledger, limits: Limits, now: datetime) -> Iterator[Refusal]:
        if ledger.open is not None and self._goes_on(ledger):
            yield Refusal(because=Because.RUNNING, text=f"A retraining of {model} that was begun has not ended.")
        if ledger.pending is not None:
            challenger, outcome = (ledger.pending.details.get(each) for each in ("challenger", "outcome"))
            waits = "the end of its canary"
            if outcome == "waiting":
                waits = f"a person: mw models approve {challenger}, or mw models reject {challenger}"
            yield Refusal(because=Because.PENDING, text=f"{challenger} was trained already and awaits {waits}.")
        yield from _too_often(model, ledger, limits, now)
        for word, budget, period in (("24 hours", limits.budget_day, _DAY), ("30 days", limits.budget_month, _MONTH)):
            if budget is None:
                continue
            total = spent(self._stores, [run for run, at in ledger.runs.items() if at > now - period])
            if total >= budget:
                text = (
                    f"Retrainings of {model} have cost {total:,.4g} {limits.currency} in {word}; "
                    f"the budget is {budget:,.4g} {limits.currency}."
                )
                yield Refusal(because=Because.BUDGET, text=text)

    def _goes_on(self, ledger: Ledger) -> bool:
        """Whether the run that was begun last is still in the queue; one by hand holds a lease instead."""
        run_id = ledger.open.details.get("run") if ledger.open else None
        request = self._stores.queue.find(run_id) if run_id else None
        return request is not None and request.state in OPEN_STATES

    def _account(self, model: str, limits: Limits, endpoint: str | None) -> Answer:
        if limits.worth is None:
            return Answer()
        gain = self._gain(model, limits, endpoint)
        if isinstance(gain, str):
            return Answer(notes=(f"Whether it pays cannot be told: {gain}.",))
        if gain.pays:
            return Answer(notes=(gain.text,))
        text = f"Retraining {model} does not pay. {gain.text}"
        return Answer(refusal=Refusal(because=Because.COST, text=text))

    def _gain(self, model: str, limits: Limits, endpoint: str | None) -> Gain | str:
        """The account, or why there is none."""
        cost = usual_cost(self._stores, model)
        if cost is None:
            return "no run has a measured cost: prices.cpu_hour was not set while one ran"
        reports = self._newest(endpoint) if endpoint else []
        if limits.worth is None or not reports:
            return "no check has been made of an endpoint that it serves"
        told = [self._expected(report, limits.worth, cost, limits.currency) for report in reports]
        return next((each for each in told if isinstance(each, Gain)), told[0])

    def _newest(self, endpoint: str) -> list[MonitorReportRecord]:
        """The newest report of each monitor, of the version that was checked last: a window may have no labels yet."""
        reports = self._stores.monitors.list_reports(endpoint, limit=_MOST_REPORTS)
        newest: dict[str, MonitorReportRecord] = {}
        for report in reports:
            if (report.model, report.version) == (reports[0].model, reports[0].version):
                newest.setdefault(report.monitor, report)
        return list(newest.values())

    def _expected(self, report: MonitorReportRecord, worth: Worth, cost: MeasuredCost, currency: str) -> Gain | str:
        if report.document is None:
            return "no check has been made of an endpoint that it serves"
        try:
            document = json.loads(self._stores.artifacts.get(report.document))
            evaluated = self._stores.models.get_version(report.model, report.version).metrics
        except NotFoundError:
            return "the last report's document is gone"
        gain = expected_gain(report, document, worth, cost, evaluated=evaluated, currency=currency)
        return gain or "neither labels nor an estimate tell how much worse the model has become"


def _too_often(model: str, ledger: Ledger, limits: Limits, now: datetime) -> Iterator[Refusal]:
    if ledger.last_at is not None and now < ledger.last_at + limits.cooldown:
        until = ledger.last_at + limits.cooldown
        rest = f"a cool-down of {told_length(limits.cooldown)} follows its last retraining"
        text = f"{model} rests until {told_moment(until)}: {rest}."
        yield Refusal(because=Because.COOL_DOWN, text=text, until=until)
    launches = [at for at in ledger.launches if at > now - _DAY]
    if len(launches) >= limits.max_per_day:
        until = min(launches) + _DAY
        text = (
            f"{model} was trained again {len(launches)} times in 24 hours, which is its limit, "
            f"until {told_moment(until)}."
        )
        yield Refusal(because=Because.FREQUENCY, text=text, until=until)
