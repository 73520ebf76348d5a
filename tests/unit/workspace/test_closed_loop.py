from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from millwright.core.errors import ConfigurationError, InvalidInputError, NotFoundError
from millwright.core.records.dataset import DatasetKind
from millwright.core.records.monitor import Outcome, Severity
from millwright.evaluation.metrics.catalog import MAIN_METRIC
from millwright.models.task import Task
from millwright.monitoring.anomaly.metric import compare_with_past
from millwright.monitoring.threshold import SeasonSettings
from millwright.testing import sample
from millwright.workspace.closed_loop import (
    References,
    action_problem,
    build_retraining_policy,
    check_monitors,
    declarations,
    judging_monitor,
)
from millwright.workspace.monitor_settings import ActionSettings, MonitorDeclaration, MonitorSettings
from millwright.workspace.settings import Settings
from millwright.workspace.worker.chores import chores_of
from millwright.workspace.worker.options import Until, WorkerOptions
from millwright.workspace.worker.worker import Worker
from millwright.workspace.workspace import Workspace
from tiny.project import MODEL, train, visits


def declared(**fields) -> Settings:
    return Settings(monitors={"delay": MonitorDeclaration(endpoint="delay", **fields)})


def test_declaration_is_judged_as_the_project_says_but_for_its_own_limits():
    settings = declared(
        thresholds={"psi_threshold": 0.4, "p95_ms": 20.0}, groups=("region",), severity={"drift": "critical"}
    ).model_copy(update={"monitor": MonitorSettings(min_rows=10)})
    [found] = declarations(settings)
    assert (found.settings.min_rows, found.settings.drift.thresholds["psi"]) == (10, 0.4)
    assert (found.settings.bias.groups, found.settings.operations.p95_ms) == (("region",), 20.0)
    assert found.settings.severities == {"drift": Severity.CRITICAL}
    assert found.content["endpoint"] == "delay"


def test_monitor_of_the_project_file_says_what_its_past_means(tmp_path):
    text = """
    [monitor]
    past = "quantiles"
    [monitors.day]
    endpoint = "delay"
    thresholds = {past_season = "hour_of_day", limit_quantiles = [0.01, 0.99]}
    [monitors.whole]
    endpoint = "delay"
    thresholds = {past_season = "none"}
    """
    (tmp_path / "millwright.toml").write_text(text)
    with Workspace.open(tmp_path) as workspace:
        day, whole = (each.settings.insight.past for each in declarations(workspace.settings))
    begin = datetime(2026, 1, 5, tzinfo=UTC)
    nights = [
        (begin + timedelta(hours=n), 0.6 + n % 7 / 100 if n % 24 < 6 else 0.9 + n % 7 / 100) for n in range(24 * 9)
    ]
    at = begin + timedelta(days=9, hours=12)  # a value of the night at noon
    found, other = (compare_with_past(0.63, at, nights, past) for past in (day, whole))
    assert (found.is_odd, found.seasonal, other.is_odd, other.seasonal) == (True, True, False, False)


def test_digest_changes_with_what_the_file_says_and_with_nothing_else():
    digests = {declarations(each)[0].digest for each in (declared(), declared(), declared(every="1h"))}
    assert len(digests) == 1  # an hour is the default
    assert declarations(declared(rows=5))[0].digest not in digests


@pytest.mark.parametrize(
    "fields", [{"severity": {"drfit": "info"}}, {"action": ActionSettings(pipeline="p.py", on=("drfit",))}]
)
def test_kind_of_alert_that_there_is_not_is_refused(fields):
    with pytest.raises(ConfigurationError, match=r"kind of alert 'drfit', which there is not\. Did you mean 'drift'"):
        declarations(declared(**fields))


@pytest.mark.parametrize(
    ("said", "parameter"), [("true", "warm_start"), ('"start_from"', "start_from"), ("false", ""), ('""', "")]
)
def test_action_names_the_parameter_that_is_given_the_champion(tmp_path, said, parameter):
    text = f"""
    [monitors.delay]
    endpoint = "delay"
    action = {{pipeline = "p.py", model = "delay", warm_start = {said}}}
    """
    (tmp_path / "millwright.toml").write_text(text)
    with Workspace.open(tmp_path) as workspace:
        assert build_retraining_policy(workspace).triggers[0].warm_start == parameter


@pytest.mark.parametrize("pipeline", ["pipelin.py", "pipelin.py:train"])
def test_action_whose_file_is_not_there_is_refused_with_the_nearest(tmp_path, pipeline):
    (tmp_path / "pipeline.py").write_text("")
    with Workspace(tmp_path, declared(action=ActionSettings(pipeline=pipeline))) as workspace:
        with pytest.raises(ConfigurationError) as refused:
            check_monitors(workspace)
        check_monitors(workspace, "another")
        assert str(action_problem(workspace, "delay")) == str(refused.value)
    assert str(refused.value) == (
        f"The monitor 'delay' could train nothing: there is no file 'pipelin.py' in {tmp_path}. "
        "Did you mean 'pipeline.py'? Correct 'pipeline' in [monitors.delay.action]."
    )


@pytest.mark.parametrize("pipeline", ["pipeline.py", "pipeline.py:train", "project.training:train", "project"])
def test_action_whose_pipeline_is_there_or_is_a_module_is_taken(tmp_path, pipeline):
    (tmp_path / "pipeline.py").write_text("")
    with Workspace(tmp_path, declared(action=ActionSettings(pipeline=pipeline))) as workspace:
        check_monitors(workspace)


def test_monitor_that_is_off_or_only_alerts_is_not_asked_for_a_file(tmp_path):
    for fields in ({"action": ActionSettings(pipeline="gone.py"), "enabled": False}, {}):
        with Workspace(tmp_path, declared(**fields)) as workspace:
            check_monitors(workspace)


def test_severity_of_failed_retrainings_is_declared_with_the_others(tmp_path):
    action = ActionSettings(pipeline="p.py", model="delay")
    with Workspace(tmp_path, declared(action=action, severity={"retraining_failed": "critical"})) as workspace:
        assert build_retraining_policy(workspace).triggers[0].severity is Severity.CRITICAL
    with Workspace(tmp_path, declared(action=action)) as workspace:
        assert build_retraining_policy(workspace).triggers[0].severity is Severity.WARNING


def test_actions_become_triggers_once_their_model_is_known(tmp_path):
    (tmp_path / "pipeline.py").write_text("")
    action = ActionSettings(pipeline="pipeline.py:train", params={"trials": 3}, dataset="visits", max_per_day=1)
    with Workspace(tmp_path, declared(action=action)) as workspace:
        assert build_retraining_policy(workspace).triggers == ()
        workspace.stores.endpoints.put(replace(sample.endpoint("delay"), model="late-visit"))
        [trigger] = build_retraining_policy(workspace).triggers
    assert (trigger.name, trigger.model, trigger.endpoint) == ("monitor-delay", "late-visit", "delay")
    assert trigger.pipeline == f"{tmp_path / 'pipeline.py'}:train"
    assert (trigger.datasets, trigger.params, trigger.project_dir) == ({"visits"}, {"trials": 3}, str(tmp_path))
    assert (trigger.limits.max_per_day, trigger.limits.cooldown) == (1, timedelta(hours=1))


def test_module_stays_as_it_is_named(tmp_path):
    action = ActionSettings(pipeline="project.training:train", model="late-visit")
    with Workspace(tmp_path, declared(action=action)) as workspace:
        assert build_retraining_policy(workspace).triggers[0].pipeline == "project.training:train"


def test_version_is_compared_with_its_held_out_rows_or_with_a_dataset(trained):
    with Workspace(trained, declared(reference="held_out")) as workspace:
        [held_out] = declarations(workspace.settings)
        references = References(workspace)
        with pytest.raises(NotFoundError, match="no endpoint 'delay'"):
            references.of(held_out)
        assert references.of(replace(held_out, reference="training")) is None
        workspace.stores.endpoints.put(replace(sample.endpoint("delay"), model=MODEL, serving_version=1))
        own = references.of(held_out)
        assert own is not None
        assert own.held_out is not None
        assert own.training is own.held_out
        workspace.datasets.write(visits(80, seed=4), "later", kind=DatasetKind.SOURCE)
        other = references.of(replace(held_out, reference="later@1"))
        assert other is not None
        assert (other.training.total_rows, other.held_out) == (80, None)
        assert references.of(replace(held_out, reference="later@1")) is other
        with pytest.raises(NotFoundError, match="later"):
            references.of(replace(held_out, reference="later@7"))


def test_dataset_that_is_compared_with_keeps_the_moments_of_its_rows(trained):
    thresholds = {"season": "hour_of_day", "season_column": "seen"}
    with Workspace(trained, declared(reference="timed@1", thresholds=thresholds)) as workspace:
        workspace.stores.endpoints.put(replace(sample.endpoint("delay"), model=MODEL, serving_version=1))
        seen = pl.Series("seen", [datetime(2026, 1, 1 + hour // 24, hour % 24, tzinfo=UTC) for hour in range(80)])
        workspace.datasets.write(visits(80, seed=4).with_columns(seen), "timed", kind=DatasetKind.SOURCE)
        [timed] = declarations(workspace.settings)
        found = References(workspace).of(timed)
        assert found is not None
        assert found.training.at.dt.hour().to_list() == [hour % 24 for hour in range(80)]
        other = replace(timed, settings=replace(timed.settings, season=SeasonSettings(column="sen")))
        with pytest.raises(InvalidInputError, match=r"column 'sen' of moments.*Did you mean 'seen'"):
            References(workspace).of(other)


PRICED = """
actor = "ann"
[prices]
cpu_hour = 3600.0 # a second of a core costs 1
currency = "EUR"
[retrain]
cool_down_minutes = 0
value_per_unit = {value}
horizon_days = 2
recovered_share = 0.5
[monitors.visits]
endpoint = "late-visit"
version = 1
[monitors.visits.action]
pipeline = "pipeline.py"
params = {{source = "later.csv"}}
"""


def perform(folder, *names: str):
    """Do some of what a worker does beside the queue."""
    with Workspace.open(folder) as workspace:
        for chore in chores_of(workspace):
            if chore.name in names:
                chore.work()


def test_retraining_is_begun_when_what_it_brings_is_more_than_runs_have_cost(served):
    visits(rows=400, seed=9, shift=1.5).write_csv(served / "later.csv")
    (served / "millwright.toml").write_text(PRICED.format(value=1e-9))
    steps = train(served, source="later.csv").steps  # what it costs is measured
    with Workspace.open(served) as workspace:
        workspace.labels.add_file(MODEL, served / "labels.csv")
    cost = sum(step.usage.cost for step in steps if step.usage is not None and step.usage.cost is not None)
    assert cost > 0

    perform(served, "Checks of monitors", "Retraining")
    with Workspace.open(served) as workspace:
        monitors = workspace.stores.monitors
        [report], [refused] = monitors.list_reports(MODEL), monitors.list_decisions()
        assert (refused.outcome, workspace.stores.queue.list_requests()) == (Outcome.SKIPPED, [])
    metric = MAIN_METRIC[Task.BINARY]
    loss = report.reference_performance[metric] - report.performance[metric]
    assert loss > 0.05
    assert refused.reasons[0].startswith(f"Not retrained: Retraining {MODEL} does not pay. Expected gain ")
    assert (
        f"{metric} is {loss:.4g} worse than the reference (measured on labels) * 0.5 won back * 120 rows a day"
        in (refused.reasons[0])
    )
    assert f"expected cost {cost:,.4g} EUR: the median of 1 measured run." in refused.reasons[0]

    dear = cost / (loss * 0.5 * 120 * 2)  # what a unit has to be worth for both to be equal
    (served / "millwright.toml").write_text(PRICED.format(value=1.01 * dear))
    visits(rows=420, seed=9, shift=1.5).write_csv(served / "later.csv")  # or there would be nothing new to train on
    perform(served, "Retraining")
    with Workspace.open(served) as workspace:
        [request] = workspace.stores.queue.list_requests()
        assert Worker(workspace, WorkerOptions(poll_s=0.02, until=Until.DRAINED)).run() == 1
        decision = workspace.stores.monitors.list_decisions()[0]
    assert (decision.pipeline_run_id, decision.outcome) == (request.id, Outcome.PROMOTED)
    gain = next(reason for reason in decision.reasons if reason.startswith("Expected gain"))
    assert gain.startswith(f"Expected gain {1.01 * cost:,.4g} EUR")


def test_past_windows_are_judged_as_the_endpoints_monitor_declares():
    one = {"delay": MonitorDeclaration(endpoint="delay", thresholds={"psi_threshold": 0.5})}
    off = {"off": MonitorDeclaration(endpoint="delay", enabled=False)}
    found = judging_monitor(Settings(monitors=one | off), "delay")
    assert found is not None
    assert found.settings.drift.thresholds["psi"] == 0.5
    assert judging_monitor(Settings(monitors=one), "cost") is None
    both = Settings(monitors=one | {"other": MonitorDeclaration(endpoint="delay")})
    with pytest.raises(InvalidInputError, match=r"Several monitors watch 'delay': delay, other.*--monitor delay"):
        judging_monitor(both, "delay")
    assert judging_monitor(both, "delay", "other").name == "other"
    with pytest.raises(NotFoundError, match=r"no monitor 'othr'.*Did you mean 'other'"):
        judging_monitor(both, "delay", "othr")
    with pytest.raises(InvalidInputError, match="watches the endpoint 'delay', not 'cost'"):
        judging_monitor(both, "cost", "other")
