from __future__ import annotations

from datetime import timedelta
from typing import Any

from millwright.automation.decision import DecisionDesk, Launch, Retraining
from millwright.automation.limits.ledger import Ledger, read_ledger
from millwright.automation.limits.permit import Because, Refusal
from millwright.automation.outcome import Judgement
from millwright.core.ids import AlertId, PipelineRunId
from millwright.core.records.monitor import Outcome

RETRAINING = Retraining(trigger="loop", model="delay", cause="alert:1", alerts=(AlertId("1"),))
REFUSAL = Refusal(because=Because.COOL_DOWN, text="It rests.")


def desk_of(project: Any) -> DecisionDesk:
    return DecisionDesk(stores=project.stores, clock=project.clock, events=project.events, actor="automation")


def ledger_of(project: Any, model: str = "delay") -> Ledger:
    return read_ledger(project.stores.audit, model)


def test_ledger_of_a_model_that_was_never_trained_again_is_empty(project: Any) -> None:
    assert ledger_of(project) == Ledger(launches=[])


def test_ledger_tells_what_was_begun_and_what_it_came_to(project: Any) -> None:
    desk, begun = desk_of(project), project.clock.now()
    desk.begin(RETRAINING, Launch(pipeline="pipeline.py", run_id=PipelineRunId("run")))
    found = ledger_of(project)
    assert found.open is not None
    assert (found.launches, found.runs, found.last_at) == ([begun], {"run": begun}, begun)
    project.clock.advance(timedelta(minutes=10))
    failed = Judgement(outcome=Outcome.FAILED, reasons=("No rows.",))
    desk.decide(RETRAINING, failed, champion=None, run_id=PipelineRunId("run"))
    found = ledger_of(project)
    assert (found.open, found.pending, found.failed_alerts) == (None, None, ("1",))
    assert (found.launches, found.last_at) == ([begun], begun + timedelta(minutes=10))
    assert ledger_of(project, "other").launches == []


def test_ledger_tells_what_was_left_open(project: Any) -> None:
    desk = desk_of(project)
    for outcome in (Outcome.WAITING, Outcome.CANARY):
        desk.decide(RETRAINING, Judgement(outcome=outcome, reasons=()), champion=None, run_id=None)
        assert ledger_of(project).pending is not None
    desk.decide(RETRAINING, Judgement(outcome=Outcome.PROMOTED, reasons=()), champion=None, run_id=None)
    assert ledger_of(project).pending is None


def test_what_was_not_begun_counts_until_the_next_run(project: Any) -> None:
    desk = desk_of(project)
    first = project.clock.now()
    desk.skip(RETRAINING, REFUSAL, "alert:drift", champion="delay@1")
    assert ledger_of(project).skips == {("alert:drift", "cool-down"): first}
    assert (ledger_of(project).last_at, ledger_of(project).launches) == (None, [])
    desk.begin(RETRAINING, Launch(pipeline="pipeline.py"))
    assert ledger_of(project).skips == {}
