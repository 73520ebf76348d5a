from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.file import load_contract
from millwright.evaluation.gates.file import load_gates
from millwright.models.task import Task
from millwright.pipelines.source import load_pipeline
from millwright.workspace.project.scaffold import ProjectRequest, write_project
from tiny.project import visits

STEPS = [
    "ingest", "validate", "check_leakage", "split", "tune", "evaluate", "package", "check_gates", "register", "deploy",
]  # fmt: skip


@pytest.fixture
def source(tmp_path):
    visits().write_csv(tmp_path / "Site visits 2025.csv")
    return str(tmp_path / "Site visits 2025.csv")


def test_project_holds_a_pipeline_a_contract_gates_and_a_readme(source, tmp_path):
    project = write_project(ProjectRequest(source=source, target="late", folder=tmp_path / "p", trials=7))
    assert (project.name, project.task) == ("site-visits-2025", Task.BINARY)
    assert project.written == ("pipeline.py", "contract.yaml", "gates.yaml", "README.md")
    assert sorted(path.name for path in project.folder.iterdir()) == sorted(project.written)
    assert [column.name for column in load_contract(str(project.folder / "contract.yaml")).columns] == [
        "load", "crew", "days", "late",
    ]  # fmt: skip
    assert load_gates(str(project.folder / "gates.yaml"))
    assert "mw serve site-visits-2025@champion" in (project.folder / "README.md").read_text(encoding="utf-8")


def test_pipeline_of_a_project_builds_its_graph(source, tmp_path):
    project = write_project(ProjectRequest(source=source, target="late", folder=tmp_path / "p", trials=7))
    graph = load_pipeline(str(project.pipeline)).build()
    assert [node.name for node in graph.nodes] == STEPS
    assert graph.params == {"source": source, "trials": 7, "warm_start": ""}
    assert graph.node("tune").values["target"] == "late"
    assert graph.node("split").values["stratify"] == "late"


def test_project_goes_into_a_folder_of_its_name_where_one_stands(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    project = write_project(ProjectRequest(source=source, target="late", name="Ünsere Besuche"))
    assert project.folder.resolve() == tmp_path / "unsere-besuche"
    assert "mw run unsere-besuche/pipeline.py" in project.pipeline.read_text(encoding="utf-8")


def test_contract_is_for_the_table_as_it_is_stored(tmp_path):
    table = visits().with_columns(
        took=pl.duration(hours=pl.int_range(pl.len())), at=pl.time(8, 30), crew=pl.col("crew").cast(pl.Categorical)
    )
    table.write_parquet(tmp_path / "visits.parquet")
    request = ProjectRequest(source=str(tmp_path / "visits.parquet"), target="late", folder=tmp_path / "p")
    contract = load_contract(str(write_project(request).folder / "contract.yaml"))
    kinds = {column.name: column.type.value for column in contract.columns}
    assert (kinds["took"], kinds["at"], kinds["crew"]) == ("integer", "category", "category")


def test_project_for_a_number_is_a_regression_that_is_not_stratified(source, tmp_path):
    project = write_project(ProjectRequest(source=source, target="load", folder=tmp_path / "p"))
    assert project.task is Task.REGRESSION
    graph = load_pipeline(str(project.pipeline)).build()
    assert graph.node("split").values["stratify"] is None


def test_target_is_found_whatever_its_case_and_blanks(source, tmp_path):
    project = write_project(ProjectRequest(source=source, target=" LATE ", folder=tmp_path / "p"))
    assert load_pipeline(str(project.pipeline)).build().node("tune").values["target"] == "late"


@pytest.mark.parametrize(
    "target",
    [
        "Schedule Adherence",
        "it's",
        'say """hi"""',
        "C:\\Users\\N",
        "\\N{BULLET",
        "{{ braces }}",
        "表",
        "a\\",
        "-",
        "x" * 200,
    ],
)
def test_unusual_column_names_give_a_pipeline_that_loads(tmp_path, target):
    table = visits(60).rename({"late": target})
    table.write_parquet(tmp_path / "t.parquet")
    request = ProjectRequest(source=str(tmp_path / "t.parquet"), target=target, folder=tmp_path / "p")
    project = write_project(request)
    graph = load_pipeline(str(project.pipeline)).build()
    assert graph.node("tune").values["target"] == target
    assert target in [column.name for column in load_contract(str(project.folder / "contract.yaml")).columns]


@pytest.mark.parametrize("name", ["2025 'final' \"v2\".csv", "表.csv", "a\\b.csv", "class.csv"])
def test_unusual_file_names_give_a_pipeline_that_loads(tmp_path, name):
    visits(60).write_csv(tmp_path / name)
    request = ProjectRequest(source=str(tmp_path / name), target="late", folder=tmp_path / "p")
    graph = load_pipeline(str(write_project(request).pipeline)).build()
    assert graph.params["source"] == str(tmp_path / name)


def test_files_that_are_there_stay_as_the_user_left_them(source, tmp_path):
    request = ProjectRequest(source=source, target="late", folder=tmp_path / "p")
    write_project(request)
    (tmp_path / "p" / "contract.yaml").write_text("# mine\n", encoding="utf-8")
    (tmp_path / "p" / "gates.yaml").unlink()
    project = write_project(request)
    assert project.written == ("gates.yaml",)
    assert project.kept == ("pipeline.py", "contract.yaml", "README.md")
    assert (tmp_path / "p" / "contract.yaml").read_text(encoding="utf-8") == "# mine\n"


def test_kept_pipeline_of_another_target_is_refused(source, tmp_path):
    write_project(ProjectRequest(source=source, target="late", folder=tmp_path / "p"))
    with pytest.raises(InvalidInputError, match="predicts 'late', not 'crew'") as caught:
        write_project(ProjectRequest(source=source, target="crew", folder=tmp_path / "p"))
    assert "--folder" in caught.value.hint


def test_kept_pipeline_that_says_its_target_in_its_own_way_is_trusted(source, tmp_path):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "pipeline.py").write_text("TARGET = 'x'\ntune(target=TARGET)\n", encoding="utf-8")
    assert "pipeline.py" in write_project(ProjectRequest(source=source, target="late", folder=tmp_path / "p")).kept


@pytest.mark.parametrize(
    ("target", "task", "message"),
    [("lat", "auto", "no column 'lat'"), ("late", "regression", "late"), ("late", "ranking", "ranking")],
)
def test_wrong_target_or_task_is_refused_and_nothing_is_written(source, tmp_path, target, task, message):
    with pytest.raises(InvalidInputError, match=message):
        write_project(ProjectRequest(source=source, target=target, task=task, folder=tmp_path / "p"))
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize("values", [["a"] * 60, [None] * 60])
def test_target_that_tells_nothing_is_refused(tmp_path, values):
    table = visits(60).with_columns(late=pl.Series(values, dtype=pl.String))
    table.write_parquet(tmp_path / "t.parquet")
    with pytest.raises(InvalidInputError, match="late"):
        write_project(ProjectRequest(source=str(tmp_path / "t.parquet"), target="late", folder=tmp_path / "p"))


def test_folder_that_cannot_be_made_is_refused(source):
    with pytest.raises(InvalidInputError, match="Cannot write the project to") as caught:
        write_project(ProjectRequest(source=source, target="late", folder=Path(source) / "p"))
    assert "--folder" in caught.value.hint
