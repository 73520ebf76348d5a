"""`mw fit` on tables as people have them: a project, a model, and predictions for the same file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import numpy as np
import polars as pl
import pytest
from sklearn import datasets

from e2e.server import Server
from e2e.soundness import check_sound
from e2e.workplace import Workplace

if TYPE_CHECKING:
    from millwright.core.records.model import ModelVersionRecord

pytestmark = pytest.mark.slow

NAMES = ["a b", "a.b", "größe", 'quo"te', "'x'", "class", "dup", "dup", "{brace}", "new\nline", ""]


def odd(path: Path, rows: int = 400) -> None:
    """Everything at once: names, numbers as text, dates, missing codes, constants, identifiers, a rare outcome."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=rows)
    late = x + draw.normal(size=rows) * 0.3 > 1.3
    days = pl.Series(draw.integers(18_000, 19_500, rows)).cast(pl.Int32).cast(pl.Date)
    columns = [
        [f"${value * 10_000:,.2f}" for value in x],
        ["PNS" if draw.random() < 0.2 else day for day in days.dt.to_string("%m/%d/%Y")],
        ["" if draw.random() < 0.3 else f"{value:.3f}" for value in x],
        days.dt.to_string("%d.%m.%Y").to_list(),
        [f"{value:05d}" for value in draw.integers(0, 99_999, rows)],
        draw.choice(["a", "b", "c"], rows).tolist(),
        ["always"] * rows,
        [f"ID-{number}" for number in range(rows)],
        [f"town {number}" for number in draw.integers(0, 150, rows)],
        [f"{value:.0f}%" for value in draw.integers(0, 100, rows)],
        draw.choice(["y", "n", "N/A"], rows).tolist(),
        ["TRUE" if value else "FALSE" for value in late],
    ]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in [*NAMES, "Late?"])
    lines = [",".join(f'"{value}"' for value in row) for row in zip(*columns, strict=True)]
    path.write_text("\r\n".join([header, *lines]) + "\r\n", encoding="cp1252", newline="")


def schedules(path: Path) -> None:
    """The table of the documentation."""
    draw = np.random.default_rng(1)
    works = ["Excavation", "Steel erection", "Concrete pour, slab", "Electrical rough-in", "Roofing; waterproofing"]
    work, slack = draw.integers(0, len(works), 300), draw.integers(-20, 20, 300)
    late = slack + 6 * (work > 2) + draw.normal(size=300) * 4 < 0
    pl.DataFrame(
        {
            "Project Schedules": slack,
            "Construction Activity Data": [works[number] for number in work],
            "Schedule Adherence": np.where(late, "Delayed", "On Time"),
        }
    ).write_csv(path)


def fifty(path: Path) -> None:
    """50 rows with semicolons and decimal commas, and a number to predict."""
    draw = np.random.default_rng(2)
    x = draw.normal(size=50)
    rows = [f"{value:.3f};{'ab'[number % 2]};{3 * value + number % 2:.2f}" for number, value in enumerate(x)]
    path.write_text("\n".join(["x;kind;Kosten", *rows]).replace(".", ",") + "\n")


def iris(path: Path) -> None:
    """Three classes, as Parquet."""
    found = datasets.load_iris()
    frame = pl.DataFrame(found.data, schema=found.feature_names)
    frame.with_columns(species=pl.Series([str(found.target_names[each]) for each in found.target])).write_parquet(path)


def diabetes(path: Path) -> None:
    """A number to predict, as JSON lines."""
    found = datasets.load_diabetes()
    pl.DataFrame(found.data, schema=found.feature_names).with_columns(y=found.target).write_ndjson(path)


@dataclass(frozen=True)
class Case:
    file: str
    write: Callable[[Path], None]
    target: str
    task: str
    answers: set[object] | None = None
    left_out: frozenset[str] = frozenset()


SCHEDULES = Case("schedule_management.csv", schedules, "Schedule Adherence", "binary", {"Delayed", "On Time"})
CASES = [
    Case("odd one.csv", odd, "Late?", "binary", {True, False}, frozenset({"dup", "dup_2"})),
    Case("fifty.csv", fifty, "Kosten", "regression"),
    Case("iris.parquet", iris, "species", "multiclass", {"setosa", "versicolor", "virginica"}),
    Case("diabetes.jsonl", diabetes, "y", "regression"),
]


def fit(workplace: Workplace, case: Case) -> ModelVersionRecord:
    """Fit, and the version that comes of it."""
    case.write(workplace.folder / case.file)
    made = workplace.mw("fit", case.file, "--target", case.target, "--trials", "1", "--json").json
    assert made["project"]["task"] == case.task
    with workplace.open() as workspace:
        check_sound(workspace)
        (version,) = workspace.stores.models.list_versions()
        assert version.signature["target"] == case.target
        assert case.left_out.isdisjoint(column["name"] for column in version.signature["inputs"])
    return version


def check_predicts(workplace: Workplace, case: Case, version: ModelVersionRecord) -> None:
    """The file that it was trained on is predicted, every row of it."""
    contract = f"{version.name}/contract.yaml"
    words = ("predict", version.ref, "-i", case.file, "-o", "out.jsonl", "--contract", contract, "--json")
    predicted = workplace.mw(*words).json
    assert predicted["rejected"] == 0, predicted["reasons"]
    frame = pl.read_ndjson(workplace.folder / "out.jsonl")
    assert frame.height == predicted["rows"]
    assert frame["prediction"].null_count() == 0
    if case.answers is not None:
        assert set(frame["prediction"]) <= case.answers
    else:
        assert frame["prediction"].is_finite().all()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)
def test_table_becomes_a_model_that_predicts_every_row_of_it(tmp_path: Path, case: Case) -> None:
    workplace = Workplace(tmp_path)
    check_predicts(workplace, case, fit(workplace, case))


def test_fitted_model_is_served_and_an_edited_contract_is_kept_by_the_second_fit(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path)
    version = fit(workplace, SCHEDULES)
    check_predicts(workplace, SCHEDULES, version)
    with Server(workplace, version.ref) as server:
        row = {"Project Schedules": -12, "Construction Activity Data": "Excavation"}
        assert httpx.post(f"{server.url}/predict", json=row).json()["prediction"] == "Delayed"
        wrong = httpx.post(f"{server.url}/predict", json={**row, "Project Schedules": "soon"})
        assert wrong.json()["error"]["details"]["violations"][0]["column"] == "Project Schedules"
    contract = tmp_path / version.name / "contract.yaml"
    edited = contract.read_text().replace("type: integer\n", "type: integer\n    min: -18\n")
    contract.write_text(edited)
    again = workplace.mw("fit", SCHEDULES.file, "--target", "schedule adherence", "--trials", "1", "--json").json
    assert contract.read_text() == edited
    assert "contract.yaml" in again["project"]["kept"]
    steps = {step["step"]: step for step in again["steps"]}
    assert steps["ingest"]["status"] == "cached"
    assert steps["validate"]["summary"]["reasons"].keys() == {"Project Schedules: below -18"}


def test_init_writes_a_project_that_runs(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path)
    fifty(tmp_path / "Kosten 2025.csv")
    workplace.mw("init", "Kosten 2025.csv", "--target", "Kosten")
    assert not (tmp_path / ".millwright").exists()
    done = workplace.mw("run", "kosten-2025/pipeline.py", "--trials", "1").out
    assert "kosten-2025@1" in done
    assert "No training step was executed" in workplace.mw("run", "kosten-2025/pipeline.py", "--trials", "1").out


@pytest.mark.parametrize(
    ("rows", "target", "told"),
    [
        ("a,late\n" + "1,yes\n2,no\n" * 30, "lat", "no column 'lat' to predict. Did you mean 'late'?"),
        ("a,late\n" + "1,yes\n" * 30, "late", "'late' is constant"),
        ("a,late\n" + "1,\n" * 30, "late", "'late'"),
        ("a,late\n1,yes\n2,no\n", "late", "at least 20 rows"),
        (
            "id,late\n" + "".join(f"ID{number},{number % 2}\n" for number in range(60)),
            "late",
            "Nothing to learn 'late' from",
        ),
    ],
)
def test_table_to_learn_nothing_from_is_told_in_one_line(tmp_path: Path, rows: str, target: str, told: str) -> None:
    (tmp_path / "table.csv").write_text(rows)
    ended = Workplace(tmp_path).mw("fit", "table.csv", "--target", target, "--json", code=1)
    assert told in json.loads(ended.out)["error"]["message"] + " " + json.loads(ended.out)["error"]["hint"]
    assert ended.err == ""
