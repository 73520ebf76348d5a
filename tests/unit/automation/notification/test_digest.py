from __future__ import annotations

from dataclasses import replace

from millwright.automation.notification.digest import item_title, last_words, make_digest
from millwright.core.ids import AlertId
from millwright.core.records.monitor import Severity
from millwright.core.records.notification import AlertNews, News
from millwright.testing.notifications import news, notification


def told(*kinds: News, alert: str = "a"):
    return [replace(news(), alert_id=AlertId(alert), news=kind) for kind in kinds]


def words(*items: AlertNews):
    return [item.news.value for item in last_words(items)]


def test_last_word_about_each_alert_is_kept():
    assert words(*told(News.RAISED, News.WORSENED)) == ["raised"]
    assert words(*told(News.REMINDER, News.WORSENED)) == ["worsened"]
    assert words(*told(News.WORSENED, News.RESOLVED)) == ["resolved"]
    assert words(*told(News.RAISED), *told(News.RESOLVED, alert="b")) == ["raised", "resolved"]


def test_alert_that_ended_before_anyone_knew_of_it_is_left_out():
    assert words(*told(News.RAISED, News.RESOLVED), *told(News.REMINDER, alert="b")) == ["reminder"]
    assert make_digest(notification(items=tuple(told(News.RAISED, News.RESOLVED)))) is None


def test_digest_says_what_how_severe_and_what_to_type():
    digest = make_digest(notification(), base_url="https://mill.example/")
    item = digest.items[0]
    assert digest.title == "[warning] delay: drift"
    assert digest.text == (
        f"warning, drift (since {item.since:%Y-%m-%d %H:%M} UTC, alert {item.alert_id[-8:]}): It drifted.\n\n"
        f"https://mill.example/endpoints/delay\n\nTake it on: mw alerts ack {item.alert_id[-8:]}"
    )


def test_most_severe_alert_of_a_group_comes_first():
    critical = replace(news("Worse."), severity=Severity.CRITICAL, kind="bias", subject="sex=f")
    ended = replace(news("Fine."), news=News.RESOLVED)
    digest = make_digest(notification(items=(ended, critical)))
    assert [item.message for item in digest.items] == ["Worse.", "Fine."]
    assert digest.title == "[critical] delay: 2 alerts (bias of sex=f, drift), 1 resolved"
    assert "bias of sex=f" in digest.text
    assert (digest.severity, digest.is_over) == (Severity.CRITICAL, False)


def test_title_of_a_large_group_names_three_kinds_the_most_severe_first():
    kinds = ("drift", "volume", "freshness", "bias", "performance")
    items = [replace(news(), alert_id=AlertId(kind), kind=kind) for kind in kinds]
    items[-1] = replace(items[-1], severity=Severity.CRITICAL)
    digest = make_digest(notification(items=tuple(items)))
    assert digest.title == "[critical] delay: 5 alerts (performance, drift, volume and 2 more)"


def test_each_alert_of_a_group_has_a_title_of_its_own():
    ended = replace(news(), news=News.RESOLVED)
    worse = replace(news(), news=News.WORSENED, severity=Severity.CRITICAL, kind="bias", subject="sex=f")
    assert item_title("delay", ended) == "[resolved] delay: drift"
    failed = replace(news(), kind="retraining_failed", subject="late")
    assert item_title("delay", failed) == "[warning] delay: retraining failed (late)"
    assert item_title("delay", worse) == "[critical] delay: bias of sex=f (became worse)"
    assert item_title("delay", replace(worse, monitor="hourly")) == (
        "[critical] delay: bias of sex=f [hourly] (became worse)"
    )
    unchecked = replace(news(), kind="check_failed", subject="hourly", monitor="hourly")
    assert item_title("delay", unchecked) == "[warning] delay: check failed (hourly)"


def test_digest_of_ends_says_so():
    digest = make_digest(notification(items=tuple(told(News.RESOLVED))))
    assert (digest.title, digest.is_over) == ("[resolved] delay: drift", True)
    assert "mw alerts ack" not in digest.text
