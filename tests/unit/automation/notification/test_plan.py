from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from millwright.automation.notification import Route
from millwright.automation.notification.plan import plan_news
from millwright.core.records.monitor import AlertState, Severity, Told
from millwright.testing import sample

ALERT = replace(sample.alert(), severity=Severity.WARNING)
OPS = Route(name="ops", channels=("mail",), escalate_to=("lead", "boss"), repeat=timedelta(hours=1))


def news(alert=ALERT, *, minutes: float = 0, silenced: bool = False, routes=(OPS,)):
    plan = plan_news(alert, routes, silenced=silenced, now=sample.NOON + timedelta(minutes=minutes))
    return [(telling.name, telling.news.value) for telling in plan.tellings]


def told(*, minutes: float = 0, severity: Severity = Severity.WARNING, names=("ops",)):
    return replace(ALERT, told={n: Told(at=sample.NOON + timedelta(minutes=minutes), severity=severity) for n in names})


def test_new_alert_is_told_once_on_each_route_that_fits():
    other = Route(name="other", channels=("x",), severity=Severity.CRITICAL)
    assert news(routes=(OPS, other)) == [("ops", "raised")]
    plan = plan_news(ALERT, (OPS,), silenced=False, now=sample.NOON)
    assert news(replace(ALERT, told=plan.told)) == []


def test_alert_that_became_worse_is_told_again_and_on_further_routes():
    other = Route(name="other", channels=("x",), severity=Severity.CRITICAL)
    worse = replace(told(), severity=Severity.CRITICAL)
    assert news(worse, routes=(OPS, other)) == [("ops", "worsened"), ("other", "raised")]


def test_nobody_is_told_while_it_is_silenced_and_all_are_afterwards():
    assert news(silenced=True) == []
    assert news(minutes=10) == [("ops", "raised")]


def test_alert_that_nobody_acknowledges_is_repeated():
    lone = replace(OPS, escalate_to=())
    assert news(told(), minutes=59, routes=(lone,)) == []
    assert news(told(), minutes=60, routes=(lone,)) == [("ops", "reminder")]
    assert news(replace(told(), state=AlertState.ACKNOWLEDGED), minutes=600, routes=(lone,)) == []
    assert news(told(), minutes=600, routes=(replace(lone, repeat=timedelta(0)),)) == []


def test_alert_that_nobody_acknowledges_is_escalated_step_by_step():
    route = replace(OPS, repeat=timedelta(0))
    assert news(told(), minutes=29, routes=(route,)) == []
    assert news(told(), minutes=30, routes=(route,)) == [("ops > lead", "escalated")]
    both = told(names=("ops", "ops > lead"))
    assert news(both, minutes=59, routes=(route,)) == []
    assert news(both, minutes=60, routes=(route,)) == [("ops > boss", "escalated")]
    assert news(replace(told(), state=AlertState.ACKNOWLEDGED), minutes=60, routes=(route,)) == []


def test_alert_that_was_acknowledged_before_anyone_was_told_is_not_told():
    assert news(replace(ALERT, state=AlertState.ACKNOWLEDGED)) == []


def test_end_is_told_to_those_who_know_even_while_it_is_silenced():
    ended = replace(told(names=("ops", "ops > lead", "gone")), state=AlertState.RESOLVED)
    assert news(ended, silenced=True) == [("ops", "resolved"), ("ops > lead", "resolved")]
    assert plan_news(ended, (OPS,), silenced=True, now=sample.NOON).told == {}
    assert news(replace(ALERT, state=AlertState.RESOLVED)) == []
