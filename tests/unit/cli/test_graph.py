from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

PIPELINE = """from __future__ import annotations

import millwright as mw


@mw.step
def load(source: str) -> int:
    raise AssertionError("nothing is executed")


@mw.step
def fit(rows: int, trials: int) -> float:
    return rows / trials


@mw.pipeline
def training(source: str, trials: int = 3) -> None:
    fit(load(source), trials)


@mw.pipeline
def wrong() -> None:
    fit(load("x"), "many")
    fit(fit(1, 2), 3)
    load(4, mode="fast")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pipeline.py").write_text(PIPELINE)
    return tmp_path


def test_graph_is_drawn_in_the_terminal(mw, project: Path) -> None:
    answer = mw(project, "graph", "pipeline.py:training", "--source", "a.csv")
    assert answer.code == 0
    assert answer.out.splitlines()[:2] == ["training", 'source="a.csv", trials=3']
    assert "│ load │" in answer.out
    assert "▼ rows" in answer.out
    assert "\x1b" not in answer.out
    assert max(len(line) for line in answer.out.splitlines()) <= 80


def test_graph_is_written_in_the_form_that_the_name_says(mw, project: Path) -> None:
    for name in ("g.svg", "g.mmd", "g.json", "g.txt"):
        answer = mw(project, "graph", "pipeline.py:training", "--source=a.csv", "--output", name)
        assert answer.code == 0, answer.err
        assert f"Drew 2 steps of training to {name}." in answer.out
        assert "mw run pipeline.py:training --source=a.csv" in answer.out
    assert ET.parse(project / "g.svg").getroot().tag.endswith("svg")  # noqa: S314 - our own
    assert "flowchart TD" in (project / "g.mmd").read_text()
    assert '"pipeline": "training"' in (project / "g.json").read_text()
    assert "│ load │" in (project / "g.txt").read_text()


@pytest.mark.parametrize(("form", "begin"), [("svg", "<svg "), ("mermaid", "---\n"), ("json", "{")])
def test_graph_goes_to_a_pipe(mw, project: Path, form: str, begin: str) -> None:
    answer = mw(project, "graph", "pipeline.py:training", "--source", "a.csv", "--format", form)
    assert answer.out.startswith(begin)


def test_json_is_one_document_whatever_else_is_asked(mw, project: Path) -> None:
    words = ("graph", "pipeline.py:training", "--source", "a.csv", "--format", "svg", "--output", "g.svg", "--json")
    answer = mw(project, *words)
    assert [step["name"] for step in answer.json["steps"]] == ["load", "fit"]
    assert (project / "g.svg").is_file()


def test_every_mistake_is_told_at_once(mw, project: Path) -> None:
    answer = mw(project, "graph", "pipeline.py:wrong", "--json")
    assert answer.code == 1
    error = answer.json["error"]
    assert error["code"] == "pipeline_definition"
    problems = error["details"]["problems"]
    assert [problem.partition(": ")[0] for problem in problems] == [
        "pipeline.py:23",
        "pipeline.py:24",
        "pipeline.py:25",
        "pipeline.py:25",
    ]
    assert "has no parameter 'mode'" in " ".join(problems)


def test_file_whose_name_says_no_format_is_refused(mw, project: Path) -> None:
    words = ("graph", "pipeline.py:training", "--source", "a.csv", "--output", "g.png")
    answer = mw(project, *words)
    assert answer.code == 1
    assert "A drawing is not written as '.png', as 'g.png' asks. Use .svg, .mmd, .md, .json, .txt" in answer.err
    assert not (project / "g.png").exists()
    assert mw(project, *words, "--format", "svg").code == 0


def test_missing_parameter_and_unknown_one_are_told(mw, project: Path) -> None:
    assert "source" in mw(project, "graph", "pipeline.py:training").err
    assert (
        "no parameter 'sauce'. Did you mean '--source'?"
        in mw(project, "graph", "pipeline.py:training", "--sauce", "x").err
    )


def test_place_that_cannot_be_written_is_told(mw, project: Path) -> None:
    answer = mw(project, "graph", "pipeline.py:training", "--source", "x", "--output", "no/where.svg")
    assert (answer.code, "Cannot write no/where.svg" in answer.err) == (1, True)


def test_guide_shows_what_the_command_prints(mw, tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "guides" / "pipeline.md").read_text(encoding="utf-8")
    code, drawing = (re.search(rf"```{kind}\n(.*?)```", page, re.DOTALL) for kind in ("python", "text"))
    assert code is not None
    assert drawing is not None
    (tmp_path / "pipeline.py").write_text(code[1])
    answer = mw(tmp_path, "graph", "pipeline.py", "--source", "activities.csv")
    assert [line.rstrip() for line in answer.out.splitlines()] == drawing[1].splitlines()
