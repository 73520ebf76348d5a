from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from millwright.automation.decision import DecisionDesk, Launch, Retraining
from millwright.automation.limits import Limits, Permits, QuietHours, Worth
from millwright.automation.limits.permit import Because
from millwright.automation.outcome import Judgement
from millwright.automation.queue.queue import Ask, RunQueue
from millwright.core.digest import canonical_json
from millwright.core.ids import ReportId
from millwright.core.records.monitor import MonitorReportRecord, Outcome
from tiny.priced_run import priced_run
from tiny.queue_world import TARGET

RETRAINING = Retraining(trigger="loop", model="delay", cause="alert:1")
FREE = Limits(cooldown=timedelta(0), max_per_day=100)


@pytest.fixture
def desk(project: Any) -> DecisionDesk:
    return DecisionDesk(stores=project.stores, clock=project.clock, events=project.events, actor="automation")


def ask(project: Any, limits: Limits, **more: Any) -> Any:
    return Permits(project.stores).ask("delay", limits, now=project.clock.now(), **more)


def because(project: Any, limits: Limits, **more: Any) -> Because | None:
    refusal = ask(project, limits, **more).refusal
    return refusal.because if refusal else None


def retrained(project: Any, desk: DecisionDesk, outcome: Outcome = Outcome.KEPT, cost: float | None = None) -> None:
    """A retraining that began and ended now."""
    run_id = priced_run(project, cost)
    desk.begin(RETRAINING, Launch(pipeline="p.py", run_id=run_id))
    desk.decide(RETRAINING, Judgement(outcome=outcome, reasons=(), challenger="delay@2"), champion=None, run_id=run_id)


def test_model_that_was_never_trained_again_may_be(project: Any) -> None:
    assert because(project, Limits()) is None


def test_model_rests_after_the_end_of_its_last_retraining(project: Any, desk: DecisionDesk) -> None:
    retrained(project, desk)
    refusal = ask(project, Limits()).refusal
    assert refusal.text == (
        "delay rests until 2026-01-15 13:00:00 UTC: a cool-down of 1 hour follows its last retraining."
    )
    project.clock.advance(timedelta(hours=1))
    assert because(project, Limits()) is None


def test_model_is_trained_as_often_as_it_may_be_in_a_day(project: Any, desk: DecisionDesk) -> None:
    limits = Limits(cooldown=timedelta(0), max_per_day=2)
    for _ in range(2):
        retrained(project, desk)
        project.clock.advance(timedelta(hours=3))
    refusal = ask(project, limits).refusal
    assert refusal.because is Because.FREQUENCY
    assert "2 times in 24 hours, which is its limit, until 2026-01-16 12:00:00 UTC." in refusal.text
    project.clock.advance(timedelta(hours=18))
    assert because(project, limits) is None


def test_run_in_the_queue_has_to_end_first(project: Any, desk: DecisionDesk) -> None:
    queue = RunQueue(stores=project.stores, clock=project.clock, actor="automation")
    request = queue.enqueue(TARGET, Ask(trigger="alert:1"))
    desk.begin(RETRAINING, Launch(pipeline="p.py", run_id=request.id))
    assert because(project, FREE) is Because.RUNNING
    queue.cancel(request.id)
    assert because(project, FREE) is None


@pytest.mark.parametrize("outcome", [Outcome.WAITING, Outcome.CANARY])
def test_challenger_that_waits_is_decided_about_first(project: Any, desk: DecisionDesk, outcome: Outcome) -> None:
    retrained(project, desk, outcome)
    refusal = ask(project, FREE).refusal
    assert refusal.because is Because.PENDING
    assert refusal.text.startswith("delay@2 was trained already and awaits")


def test_budget_of_a_day_and_of_a_month_are_measured_costs(project: Any, desk: DecisionDesk) -> None:
    day = Limits(cooldown=timedelta(0), max_per_day=100, budget_day=3.0)
    month = Limits(cooldown=timedelta(0), max_per_day=100, budget_month=5.0)
    retrained(project, desk, cost=2.5)
    assert because(project, day) is None
    retrained(project, desk, cost=0.5)
    assert ask(project, day).refusal.text == ("Retrainings of delay have cost 3 USD in 24 hours; the budget is 3 USD.")
    project.clock.advance(timedelta(days=2))
    assert because(project, day) is None
    retrained(project, desk, cost=2.0)
    assert because(project, month) is Because.BUDGET
    project.clock.advance(timedelta(days=30))
    assert because(project, month) is None


def test_quiet_hours_hold_for_what_begins_by_itself(project: Any) -> None:
    limits = Limits(quiet=(QuietHours.parse("11:00-14:00"),))  # it is noon
    refusal = ask(project, limits).refusal
    assert refusal.text == "Nothing begins in quiet hours, which last until 2026-01-15 14:00 (UTC)."
    assert because(project, limits, by_hand=True) is None
    project.clock.advance(timedelta(hours=2))
    assert because(project, limits) is None


def checked(project: Any, accuracy: float | None, monitor: str = "") -> None:
    """A report of the endpoint that shows this accuracy in place of 0.9, on 1,000 rows a day; None without labels."""
    now = project.clock.now()
    performance = {"metric": "accuracy", "reference": {"accuracy": 0.9}}
    known = {} if accuracy is None else {"accuracy": accuracy}
    project.stores.monitors.append_report(
        MonitorReportRecord(
            id=ReportId(f"report {now}"), endpoint="delay", model="delay", version=1,
            window_start=now - timedelta(days=1), window_end=now, created_at=now, rows=1000, labelled_rows=900,
            drift=(), performance=known, reference_performance={"accuracy": 0.9}, monitor=monitor,
            document=project.stores.artifacts.put(canonical_json({"performance": performance})),
        )
    )  # fmt: skip


def test_retraining_has_to_pay_when_its_worth_is_known(project: Any) -> None:
    limits = Limits(worth=Worth(per_unit=0.1, horizon_days=1))
    cannot = ask(project, limits, endpoint="delay")
    assert cannot.notes == (
        "Whether it pays cannot be told: no run has a measured cost: prices.cpu_hour was not set while one ran.",
    )
    project.register(b"first", passed=True, run_id=priced_run(project, 5.0))
    unchecked = ask(project, limits, endpoint="delay")
    assert unchecked.notes == ("Whether it pays cannot be told: no check has been made of an endpoint that it serves.",)
    checked(project, 0.87)  # 0.03 * 1000 * 0.1 = 3
    refusal = ask(project, limits, endpoint="delay").refusal
    assert refusal.because is Because.COST
    assert refusal.text.startswith("Retraining delay does not pay. Expected gain 3 USD: accuracy is 0.03 worse")
    assert because(project, limits, endpoint="delay", by_hand=True) is None
    project.clock.advance(timedelta(minutes=1))
    checked(project, 0.8)  # 10
    pays = ask(project, limits, endpoint="delay")
    assert pays.refusal is None
    assert "Expected gain 10 USD" in pays.notes[0]
    assert "expected cost 5 USD: the median of 1 measured run." in pays.notes[0]
    project.clock.advance(timedelta(minutes=1))
    checked(project, None, "hourly")  # its window has no labels yet
    assert ask(project, limits, endpoint="delay").notes == pays.notes
