from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from millwright.automation.retraining import Retrainer
from millwright.data.datasets.catalog import DatasetCatalog
from millwright.data.datasets.dataset import Dataset
from millwright.models.model import Model
from millwright.workspace.settings import EngineSettings, MonitorSettings, PricesSettings
from millwright.workspace.wiring import build_retrainer, build_runner, engine_options, monitor_settings
from millwright.workspace.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    with Workspace.open(tmp_path) as opened:
        yield opened


def test_runner_passes_datasets_models_and_the_rows_of_datasets(workspace):
    types = workspace.runner.types
    assert types.serializer_for(Dataset) is not None
    assert types.serializer_for(Model) is not None
    assert types.accepts(Dataset, pl.DataFrame)
    assert not types.accepts(pl.DataFrame, Dataset)


def test_runner_without_a_catalog_is_a_mistake_of_ours(workspace):
    parts = {"stores": workspace.stores, "clock": workspace.clock, "events": workspace.events}
    with pytest.raises(TypeError, match="Expected a DatasetCatalog among the services, found str"):
        build_runner(
            {DatasetCatalog: "catalog"},
            **parts,
            progress=workspace.progress,
            folder=workspace.folder,
            settings=workspace.settings,
        )


def test_runner_pickles_only_where_the_project_says_so(workspace, tmp_path):
    assert workspace.runner.types.serializer_for(object) is None
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "millwright.toml").write_text("[pipelines]\nallow_pickle = true\n", encoding="utf-8")
    with Workspace.open(tmp_path / "other") as trusting:
        assert trusting.runner.types.serializer_for(object).name == "pickle"


def test_monitoring_follows_the_settings_of_the_project():
    section = MonitorSettings(min_rows=7, psi_threshold=0.3, drift_share=0.4, performance_drop=0.1)
    settings = monitor_settings(section)
    assert (settings.min_rows, settings.drift_share) == (7, 0.4)
    assert settings.drift.thresholds["psi"] == 0.3
    assert settings.performance.max_loss == 0.1


def test_endpoint_that_fails_or_refuses_much_is_told_of_without_being_asked_to():
    operations = monitor_settings(MonitorSettings()).operations
    assert (operations.error_share, operations.refused_share) == (0.05, 0.2)


def test_monitoring_looks_at_what_the_project_names():
    section = MonitorSettings(groups=("borough",), slices=("phase",), p95_ms=50, row_age_hours=2, min_rows_per_hour=3)
    settings = monitor_settings(section, PricesSettings(cpu_hour=0.5))
    assert (settings.bias.groups, settings.slices.columns) == (("borough",), ("phase",))
    assert (settings.operations.p95_ms, settings.operations.prices.cpu_hour) == (50, 0.5)
    assert settings.quality.freshness.max_row_age == timedelta(hours=2)
    assert settings.quality.volume.min_per_hour == 3


def test_retrainer_is_joined_from_the_rooms(workspace):
    retrainer = build_retrainer(
        stores=workspace.stores, registry=workspace.registry, launcher=workspace.launcher, clock=workspace.clock,
        events=workspace.events,
    )  # fmt: skip
    assert isinstance(retrainer, Retrainer)
    assert retrainer.handle_open() == []


def test_step_that_wants_rows_gets_those_of_a_dataset(workspace, tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "flow.py").write_text(
        "import polars as pl\nimport millwright as mw\n\n"
        "@mw.step\ndef width(table: pl.DataFrame) -> int:\n    return table.width\n\n"
        "@mw.pipeline\ndef flow() -> None:\n    width(mw.steps.ingest('t.csv', dataset='t'))\n",
        encoding="utf-8",
    )
    from millwright.pipelines.runner import RunOptions

    result = workspace.launcher.run(str(tmp_path / "flow.py"), {}, RunOptions())
    assert result.value("width") == 2
    assert isinstance(result.value("ingest"), Dataset)
    assert result.value("ingest").read().equals(pl.DataFrame({"a": ["1"], "b": ["2"]}))


def test_every_setting_of_engines_reaches_them():
    section = EngineSettings(
        name="duckdb", memory_gb=2, spark_gb=3, limit_gb=4, scratch="x", spark_master="local[1]", spark_partitions=5
    )
    options = engine_options(section)
    assert {name: getattr(options, name) for name in EngineSettings.model_fields} == section.model_dump()
    assert engine_options(section, name="polars").name == "polars"


def test_openlineage_is_off_until_somebody_wants_it(workspace, tmp_path, monkeypatch):
    assert workspace.openlineage is None
    monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:9")
    with Workspace.open(tmp_path) as listening:
        assert listening.openlineage is not None
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
    with Workspace.open(tmp_path) as silent:
        assert silent.openlineage is None


def test_openlineage_follows_the_settings_of_the_project(tmp_path):
    (tmp_path / "millwright.toml").write_text('[openlineage]\nfile = "told.jsonl"\n')
    with Workspace.open(tmp_path) as workspace:
        assert workspace.openlineage is not None
    assert not (tmp_path / "told.jsonl").exists()
