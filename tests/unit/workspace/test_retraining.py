from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from millwright.automation.limits import QuietHours, Worth
from millwright.core.ids import AlertId
from millwright.core.records.monitor import AlertRecord, AlertState, Severity
from millwright.workspace.monitor_settings import ActionSettings, RetrainSettings
from millwright.workspace.retraining import build_limits, build_trigger
from millwright.workspace.settings import PricesSettings, Settings


def test_trigger_answers_alerts_of_the_kind_within_the_limits_of_the_project():
    alert = AlertRecord(
        id=AlertId("a"), endpoint="visits", kind="drift", severity=Severity.WARNING, state=AlertState.OPEN,
        message="m", created_at=datetime(2026, 1, 2, tzinfo=UTC),
    )  # fmt: skip
    settings = Settings(retrain=RetrainSettings(cool_down_minutes=5, max_per_day=2))
    trigger = build_trigger(alert, "late-visit", ("pipeline.py", {"source": "x.csv"}), settings)
    assert (trigger.name, trigger.model, trigger.pipeline) == ("visits-alerts", "late-visit", "pipeline.py")
    assert (trigger.limits.cooldown, trigger.limits.max_per_day) == (timedelta(minutes=5), 2)
    assert trigger.params == {"source": "x.csv"}
    assert trigger.fires_on_alert(alert)


def test_action_says_what_holds_in_place_of_the_project():
    section = RetrainSettings(
        budget_per_day=10, quiet_hours=("sat,sun",), time_zone="Europe/Berlin", value_per_unit=0.5, horizon_days=3
    )
    settings = Settings(retrain=section, prices=PricesSettings(currency="EUR"))
    of_project = build_limits(settings)
    assert (of_project.budget_day, of_project.budget_month, of_project.currency) == (10, None, "EUR")
    assert of_project.quiet == (QuietHours.parse("sat,sun"),)
    assert of_project.zone == ZoneInfo("Europe/Berlin")
    assert of_project.worth == Worth(per_unit=0.5, horizon_days=3)
    action = ActionSettings(pipeline="p.py", budget_per_day=2, quiet_hours=(), recovered_share=0.5)
    own = build_limits(settings, action)
    assert (own.budget_day, own.quiet, own.worth) == (2, (), Worth(per_unit=0.5, horizon_days=3, recovered=0.5))
    assert build_limits(Settings()).worth is None
