from __future__ import annotations

import pytest


def test_init_writes_a_project_and_runs_nothing(trained_once, tmp_path, mw):
    answer = mw(tmp_path, "init", str(trained_once / "visits.csv"), "--target", "late")
    assert answer.out == (
        "✓ visits: pipeline.py, contract.yaml, gates.yaml, README.md (binary).\n"
        "Next: mw run visits/pipeline.py\n"
        "      edit visits/contract.yaml\n"
    )
    assert (tmp_path / "visits" / "pipeline.py").is_file()
    assert not (tmp_path / ".millwright").exists()


def test_init_again_keeps_what_is_there(trained_once, tmp_path, mw):
    words = ("init", str(trained_once / "visits.csv"), "-t", "late", "--name", "Späte Besuche", "--json")
    first = mw(tmp_path, *words).json
    assert (first["name"], first["task"]) == ("spate-besuche", "binary")
    (tmp_path / "spate-besuche" / "gates.yaml").write_text("gates: []\n", encoding="utf-8")
    again = mw(tmp_path, *words).json
    assert again["written"] == []
    assert "gates.yaml" in again["kept"]
    assert (tmp_path / "spate-besuche" / "gates.yaml").read_text(encoding="utf-8") == "gates: []\n"
    assert "Kept as they were: " in mw(tmp_path, *words[:-1]).out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("gone.csv", "-t", "late"), "gone.csv"),
        (("visits.csv", "-t", "lat"), "Did you mean 'late'?"),
        (("visits.csv", "-t", "late", "--task", "ranking"), "ranking"),
        (("visits.csv", "-t", "late", "--folder", "visits.csv/x"), "Cannot write the project to"),
    ],
)
def test_init_refuses_wrong_input_with_one_line_and_writes_nothing(trained, mw, words, message):
    before = sorted(trained.iterdir())
    answer = mw(trained, "init", *words)
    assert answer.code == 1
    assert answer.out == ""
    assert message in answer.err
    assert answer.err.count("\n") == 1
    assert sorted(trained.iterdir()) == before
