from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.demo.project import CONSTRUCTION_SCHEDULE, MARKER, PROGRAMME, DemoProject, prepare_folder


@pytest.mark.parametrize("project", [PROGRAMME, CONSTRUCTION_SCHEDULE])
def test_project_has_the_files_of_a_project(project):
    names = {file.name for file in project.files().iterdir()}
    assert {"pipeline.py", "contract.yaml", "gates.yaml", "millwright.toml", f"{project.module}.py"} <= names


def test_project_that_is_not_installed_is_told():
    with pytest.raises(NotFoundError, match="'nothing' are not installed"):
        DemoProject(name="nothing", module="x").files()


def test_files_are_copied_for_the_user_to_read(tmp_path):
    PROGRAMME.copy(tmp_path)
    assert (tmp_path / "pipeline.py").read_bytes() == (PROGRAMME.files() / "pipeline.py").read_bytes()


def test_arrivals_are_activities_whose_outcome_was_not_known(tmp_path):
    from millwright.data.contracts.file import load_contract
    from millwright.data.contracts.validation import validate
    from millwright.demo.programme.generator import generate

    PROGRAMME.copy(tmp_path)
    contract = load_contract(tmp_path / "contract.yaml")
    first, second = (validate(generate(7, period, scale=0.3), contract).valid for period in (1, 2))
    rows, key, target = PROGRAMME.arrivals(tmp_path, (first, second), ("a.csv", "b.csv"))
    assert (key, target) == ("activity_id", "late")
    assert rows.height > 100
    assert rows[key].is_unique().all()
    ended_long_ago = first.filter(pl.col("planned_end") < pl.date(2024, 6, 1))[key]
    assert not set(rows[key]) & set(ended_long_ago)
    assert "actual_end" not in rows.columns


def test_new_folder_is_made_and_marked(tmp_path):
    prepare_folder(tmp_path / "a" / "b")
    assert [file.name for file in (tmp_path / "a" / "b").iterdir()] == [MARKER]


def test_folder_of_an_earlier_demonstration_is_emptied(tmp_path):
    prepare_folder(tmp_path / "demo")
    (tmp_path / "demo" / "report.html").touch()
    prepare_folder(tmp_path / "demo")
    assert not (tmp_path / "demo" / "report.html").exists()


def test_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(InvalidInputError, match=r"not a demonstration's.*--folder"):
        prepare_folder(tmp_path)
    assert (tmp_path / "thesis.tex").exists()


def test_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInputError, match="Cannot make the folder"):
        prepare_folder(tmp_path / "file" / "demo")
