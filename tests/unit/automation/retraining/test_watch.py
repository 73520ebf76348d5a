from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from millwright.automation.limits import Limits, QuietHours
from millwright.automation.limits.permit import Because, Refusal
from millwright.automation.policy import RetrainingPolicy
from millwright.automation.retraining import Retrainer, RetrainingWatch
from millwright.core.errors import ConflictError
from millwright.core.records.monitor import AlertState, Outcome
from millwright.core.records.pipeline import PipelineRunStatus
from millwright.monitoring.alert import AlertDesk
from millwright.monitoring.finding import AlertKind
from millwright.testing.process import in_threads

HOUR = timedelta(hours=1)


def state(loop: Any, alert: Any) -> AlertState:
    return loop.project.stores.monitors.get_alert(alert.id).state


def test_alert_leads_to_a_queued_run_and_a_decision(loop: Any) -> None:
    assert loop.look() == []
    alert = loop.project.alert()
    [request] = loop.look()
    assert (request.name, request.pipeline) == ("delay", "/project/pipeline.py:delay")
    assert (request.params, request.trigger) == ({"source": "new.csv"}, f"alert:{alert.id}")
    assert state(loop, alert) is AlertState.ACKNOWLEDGED
    decision = loop.finish(request, package=b"better")
    assert (decision.outcome, decision.champion, decision.challenger) == (Outcome.PROMOTED, "delay@1", "delay@2")
    assert decision.reasons[-1] == "It answers: drift: drift found."
    assert state(loop, alert) is AlertState.RESOLVED
    filed = loop.project.stores.audit.list(subject="retraining:delay")
    assert [entry.action for entry in filed] == ["retraining.decide", "retraining.launch"]
    assert filed[1].details["run"] == request.id


def test_one_run_at_a_time_whoever_looks(loop: Any) -> None:
    loop.project.alert()
    found = in_threads(lambda _: loop.look(), count=6)
    assert sum(len(each) for each in found) == 1
    loop.project.alert()
    assert loop.look() == []
    assert len(loop.project.stores.queue.list_requests()) == 1
    assert loop.decisions() == []  # that it runs already needs no decision


def test_retraining_that_failed_is_tried_again_after_its_rest(loop: Any) -> None:
    alert = loop.project.alert()
    [request] = loop.look()
    decision = loop.finish(request, status=PipelineRunStatus.FAILED)
    assert decision.outcome is Outcome.FAILED
    assert state(loop, alert) is AlertState.ACKNOWLEDGED
    assert loop.look() == []
    loop.project.clock.advance(HOUR)
    [again] = loop.look()
    assert loop.finish(again, package=b"better").outcome is Outcome.PROMOTED
    assert state(loop, alert) is AlertState.RESOLVED


def test_alert_that_a_person_took_on_is_left_to_them(loop: Any) -> None:
    project = loop.project
    desk = AlertDesk(stores=project.stores, clock=project.clock, events=project.events, actor="user:ada")
    desk.acknowledge(project.alert().id, reason="I look at it")
    assert loop.look() == []


def test_why_nothing_was_trained_is_written_once_per_cause_and_day(loop: Any) -> None:
    quiet = Limits(quiet=(QuietHours.parse("mon-sun"),))
    for _ in range(30):
        loop.project.alert()
        assert loop.look(limits=quiet) == []
        loop.project.clock.advance(HOUR)
    skipped = loop.decisions()
    assert [decision.outcome for decision in skipped] == [Outcome.SKIPPED] * 2  # 30 hours
    assert skipped[0].champion == "delay@1"
    assert skipped[0].reasons[0].startswith("Not retrained: Nothing begins in quiet hours")
    assert skipped[0].reasons[1] == "It answers: drift: drift found."
    assert [event.type for event in loop.project.heard].count("retraining.skipped") == 2


def test_flapping_signal_over_five_days_gives_no_storm(loop: Any) -> None:
    project, limits = loop.project, Limits(cooldown=2 * HOUR, max_per_day=3, budget_month=10.0)
    desk = AlertDesk(stores=project.stores, clock=project.clock, events=project.events, actor="monitor")
    chance, begun, alert = random.Random(7), project.clock.now(), None
    while project.clock.now() < begun + timedelta(days=5):
        if alert is None or chance.random() < 0.5:
            alert = project.alert() or alert
        elif state(loop, alert) is not AlertState.RESOLVED:
            desk.resolve(alert.id, reason="clean again")
        for request in loop.look(limits=limits):
            loop.finish(request, package=None, cost=1.0)
        project.clock.advance(timedelta(minutes=50))
    launches = sorted(request.created_at for request in loop.launched)
    assert len(launches) == 10  # what the month's budget allows
    assert all(later - earlier >= 2 * HOUR for earlier, later in pairwise(launches))
    assert all(sum(at <= other < at + 24 * HOUR for other in launches) <= 3 for at in launches)
    skipped = [decision for decision in loop.decisions() if decision.outcome is Outcome.SKIPPED]
    # Once per reason between two runs, then once a day.
    assert len(skipped) <= 2 * len(launches) + 10
    assert "have cost 10 USD in 30 days" in skipped[-1].reasons[0]


def test_two_monitors_that_find_the_same_train_once(loop: Any) -> None:
    project = loop.project
    rules = tuple(replace(loop.rule, name=f"monitor-{name}", monitor=name) for name in ("hourly", "daily"))
    watch = RetrainingWatch(
        stores=project.stores, clock=project.clock, events=project.events, policy=RetrainingPolicy(triggers=rules)
    )
    alerts = [project.alert(monitor="hourly"), project.alert(AlertKind.PERFORMANCE, monitor="daily")]
    [request] = watch.fire_due()
    alerts.append(project.alert(monitor="daily"))  # while the run goes on
    assert watch.fire_due() == []
    loop.finish(request, package=b"second")
    assert {state(loop, alert) for alert in alerts} == {AlertState.RESOLVED}
    project.clock.advance(timedelta(days=2))
    assert watch.fire_due() == []


def test_hand_and_watch_share_one_count(loop: Any) -> None:
    project = loop.project
    retrainer = Retrainer(
        stores=project.stores, registry=project.registry, launcher=project, clock=project.clock,
        events=project.events, policy=RetrainingPolicy(triggers=(loop.rule,)),
    )  # fmt: skip
    retrainer.handle(project.alert())
    project.alert()
    assert loop.look() == []
    project.clock.advance(HOUR)
    [request] = loop.look()
    with pytest.raises(ConflictError, match="has not ended"):
        retrainer.handle(project.stores.monitors.list_alerts()[0])
    loop.finish(request)
    with pytest.raises(ConflictError, match="rests until"):
        retrainer.handle(project.alert())


def test_pipeline_is_given_the_champion_to_go_on_from(loop: Any) -> None:
    loop.project.alert()
    [request] = loop.look(warm_start="start_from", canary=True)
    assert request.params == {"source": "new.csv", "start_from": "delay@1"}
    assert request.options["answers"]["canary"] is True


def test_trigger_that_cannot_be_looked_at_does_not_hold_up_the_others(loop: Any, caplog: Any) -> None:
    project = loop.project
    broken = loop.watch(params={"at": object()})  # no JSON value
    project.alert()
    assert broken.fire_due() == []
    assert "The trigger 'loop' could not be looked at" in caplog.text
    assert len(loop.look()) == 1


def test_run_that_would_train_nothing_new_is_not_begun_and_says_why_once(loop: Any) -> None:
    asked = []

    def repeats(rule: Any, params: Any) -> Refusal:
        asked.append((rule.name, params))
        return Refusal(because=Because.UNCHANGED, text="No new data since delay@1.")

    alert = loop.project.alert()
    watch = loop.watch(repeats=repeats)
    for _ in range(3):
        assert watch.fire_due() == []
    assert asked == [("loop", {"source": "new.csv"})] * 3
    [decision] = loop.decisions()
    assert decision.outcome is Outcome.SKIPPED
    assert decision.reasons == ("Not retrained: No new data since delay@1.", "It answers: drift: drift found.")
    assert state(loop, alert) is AlertState.OPEN
    [request] = loop.watch(repeats=lambda *_: None).fire_due()
    assert loop.finish(request, package=b"better").outcome is Outcome.PROMOTED


def test_nobody_looks_for_new_data_while_a_limit_refuses(loop: Any) -> None:
    loop.project.alert()
    [request] = loop.look()
    loop.finish(request, status=PipelineRunStatus.FAILED)

    def repeats(*_: Any) -> Refusal:
        raise AssertionError

    assert loop.watch(repeats=repeats).fire_due() == []


def test_run_that_failed_by_itself_tells_the_channels_of_the_endpoint(loop: Any) -> None:
    loop.project.alert()
    [request] = loop.look()
    loop.finish(request, status=PipelineRunStatus.FAILED)
    [alert] = [each for each in loop.project.stores.monitors.list_alerts("delay") if each.kind == "retraining_failed"]
    assert (alert.state, alert.subject) == (AlertState.OPEN, "delay")
    loop.project.clock.advance(HOUR)
    [again] = loop.look()
    loop.finish(again, package=b"better")
    assert state(loop, alert) is AlertState.RESOLVED


def test_run_that_would_fail_again_is_not_begun_and_the_alert_of_the_failure_says_so(loop: Any) -> None:
    loop.project.alert()
    [request] = loop.look()
    loop.finish(request, status=PipelineRunStatus.FAILED)
    loop.project.clock.advance(HOUR)
    would_fail = Refusal(because=Because.FAILED, text="The last retraining failed (no rows), and would fail again.")
    for _ in range(3):
        assert loop.watch(repeats=lambda *_: would_fail).fire_due() == []
    failed, skipped = loop.decisions()
    assert (skipped.outcome, failed.outcome) == (Outcome.SKIPPED, Outcome.FAILED)
    assert skipped.reasons[0] == "Not retrained: The last retraining failed (no rows), and would fail again."
    [alert] = [each for each in loop.project.stores.monitors.list_alerts("delay") if each.kind == "retraining_failed"]
    assert "none is begun again for now" in alert.message
    [again] = loop.look()  # what it depended on has changed
    assert loop.finish(again, package=b"better").outcome is Outcome.PROMOTED
