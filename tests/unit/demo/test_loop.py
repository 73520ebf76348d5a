from __future__ import annotations

from functools import partial

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.progress import SilentProgress
from millwright.data.contracts.file import load_contract
from millwright.demo.loop import DemoRequest, _project, run_demo
from millwright.demo.programme.generator import generate
from millwright.demo.project import CONSTRUCTION_SCHEDULE, PROGRAMME, prepare_folder

run = partial(run_demo, progress=SilentProgress(), on_stage=lambda _: None, on_step=lambda _: None)


@pytest.fixture
def snapshots(tmp_path):
    paths = []
    for period in (1, 2):
        paths.append(tmp_path / f"{period}.csv")
        generate(3, period=period, scale=0.1).write_csv(paths[-1])
    return [str(path) for path in paths]


@pytest.mark.slow
def test_demonstration_is_one_folder_with_everything_in_it(demonstrated):
    names = {path.name for path in demonstrated.folder.iterdir()}
    assert {
        "programme_2025-01.csv", "programme_2026-07.csv", "pipeline.py", "contract.yaml", "gates.yaml", "labels.csv",
        "millwright.toml", "report.html", "server.log", ".millwright",
    } <= names  # fmt: skip


@pytest.mark.slow
def test_generated_snapshots_are_those_of_the_seed(demonstrated):
    written = (demonstrated.folder / "programme_2026-07.csv").read_text(encoding="utf-8")
    assert written == generate(7, period=2, scale=0.3).write_csv()


@pytest.mark.slow
def test_each_stage_is_told_when_it_begins_and_when_it_ends(demonstrated):
    stages = demonstrated.result.stages
    assert demonstrated.told == [
        told for stage in stages for told in ((stage.name, "", False), (stage.name, stage.what, True))
    ]


@pytest.mark.slow
def test_stages_account_for_the_time(demonstrated):
    result = demonstrated.result
    in_stages = sum(stage.seconds for stage in result.stages)
    assert 0.6 * result.seconds < in_stages < result.seconds
    assert result.peak_mb > 50


def test_tables_of_the_programme_are_recognised(snapshots):
    assert _project(DemoRequest(folder=None, first=snapshots[0], second=snapshots[1])) is PROGRAMME


def test_tables_of_the_construction_schedule_are_recognised(tmp_path):
    contract = load_contract(CONSTRUCTION_SCHEDULE.files() / "contract.yaml")
    path = tmp_path / "table.csv"
    pl.DataFrame({column.name: ["x"] for column in contract.columns}).write_csv(path)
    assert _project(DemoRequest(folder=None, first=str(path), second=str(path))) is CONSTRUCTION_SCHEDULE


def test_tables_of_no_known_project_are_told(tmp_path, snapshots):
    (tmp_path / "iris.csv").write_text("petal,sepal\n1,2\n", encoding="utf-8")
    folder = tmp_path / "demo"
    with pytest.raises(InvalidInputError, match=r"these files are neither.*mw fit"):
        run(DemoRequest(folder=folder, first=snapshots[0], second=str(tmp_path / "iris.csv")))
    assert not folder.exists()


@pytest.mark.parametrize("given", ["first", "second"])
def test_one_snapshot_alone_is_told(tmp_path, snapshots, given):
    with pytest.raises(InvalidInputError, match="Two snapshots are needed"):
        run(DemoRequest(folder=tmp_path / "demo", **{given: snapshots[0]}))


def test_snapshot_that_is_not_there_is_told(tmp_path, snapshots):
    with pytest.raises(InvalidInputError, match=r"nowhere\.csv"):
        run(DemoRequest(folder=tmp_path / "demo", first=snapshots[0], second=str(tmp_path / "nowhere.csv")))


def test_snapshots_in_the_folder_that_would_be_emptied_are_left_alone(tmp_path):
    folder = tmp_path / "demo"
    prepare_folder(folder)
    paths = []
    for period in (1, 2):
        paths.append(folder / f"{period}.csv")
        generate(3, period=period, scale=0.1).write_csv(paths[-1])
    with pytest.raises(InvalidInputError, match=r"lies in .*demo, which the demonstration empties.*--folder"):
        run(DemoRequest(folder=folder, first=str(paths[0]), second=str(paths[1])))
    assert all(path.is_file() for path in paths)


def test_folder_in_use_is_told_before_anything_is_written(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(InvalidInputError, match="not a demonstration's"):
        run(DemoRequest(folder=tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
