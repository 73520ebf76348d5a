from __future__ import annotations

import json
import shlex

import pytest

from millwright.core.records.model import RegisteredModelRecord
from millwright.testing import sample
from millwright.workspace.workspace import Workspace


def test_models_list_shows_version_state_alias_and_metric_in_one_row(trained_once, mw):
    answer = mw(trained_once, "models", "list")
    row = next(line for line in answer.out.splitlines() if line.strip().startswith("late-visit@1"))
    for word in ("approved", "champion", "logistic_regression", "roc_auc 0.9", "proven"):
        assert word in row
    assert "Next: mw models show late-visit@1" in answer.out


def test_models_hints_can_be_typed_as_they_stand(trained, mw):
    odd = "-ada's net@work"
    with Workspace.open(trained) as workspace:
        models = workspace.stores.models
        for name in ("wire", odd):
            models.create_model(RegisteredModelRecord(name=name, created_at=sample.NOON))
            models.create_version(sample.model_version(name, package=None, source="s3://x", documents={}))
        models.put_alias(sample.alias("wire", 1))
        models.put_alias(sample.alias("late-visit", 1, alias_name="7"))
    shown, served = _hints(mw(trained, "models", "list").out)
    assert served == "mw serve late-visit@champion"
    answer = mw(trained, *shlex.split(shown)[1:])
    assert (answer.code, answer.err) == (0, "")
    assert f"{odd}@1" in answer.out
    assert "mw serve" not in answer.out
    for hint in _hints(answer.out):
        assert mw(trained, *shlex.split(hint)[1:]).code == 0


def _hints(out: str) -> list[str]:
    lines = out.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("Next: "))
    return [line.removeprefix("Next:").strip() for line in lines[first:]]


def test_models_list_gives_versions_with_aliases_as_json(trained_once, mw):
    (entry,) = mw(trained_once, "models", "list", "--json").json
    assert entry["aliases"] == ["champion"]
    assert entry["version"]["version"] == 1
    assert entry["version"]["metrics"]["roc_auc"] > 0.9


def test_models_list_of_an_empty_workspace_says_what_to_do(tmp_path, mw):
    answer = mw(tmp_path, "models", "list")
    assert answer.out.startswith("No model is registered in this workspace.\nNext: mw fit")
    assert mw(tmp_path, "models", "list", "--json").json == []


@pytest.mark.parametrize("selector", ["late-visit", "late-visit@1", "late-visit@champion"])
def test_models_show_tells_where_a_version_comes_from(trained_once, mw, selector):
    answer = mw(trained_once, "models", "show", selector)
    assert answer.code == 0
    for word in ("late-visit@1", "visits@1", "pipeline.py", "roc_auc", "threshold"):
        assert word in answer.out
    assert "mw reproduce late-visit@1" in answer.out
    for word in ("seen in training", "answers prediction, probability"):
        assert word in answer.out


def test_models_show_gives_the_explanation_as_json(trained_once, mw):
    shown = mw(trained_once, "models", "show", "late-visit", "--json").json
    assert (shown["ref"], shown["target"], shown["aliases"]) == ("late-visit@1", "late", ["champion"])


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("late-visits", "Did you mean 'late-visit'?"),
        ("late-visit@9", "late-visit"),
        ("late-visit@champon", "Did you mean 'champion'?"),
        ("late visit@", ""),
        ("@1", ""),
    ],
)
@pytest.mark.parametrize("command", [("show",), ("card",), ("promote", "--reason", "x"), ("reject", "--reason", "x")])
def test_unknown_model_or_alias_is_one_line(trained_once, mw, command, selector, message):
    answer = mw(trained_once, "models", command[0], selector, *command[1:])
    assert answer.code == 1
    assert answer.out == ""
    assert message in answer.err
    assert answer.err.startswith("Error: ")
    assert answer.err.count("\n") == 1


def test_models_promote_moves_an_alias_and_says_what_next(trained, mw):
    answer = mw(trained, "models", "promote", "late-visit@1", "--alias", "staging", "--reason", "a try")
    assert answer.out.startswith("✓ late-visit@staging is now version 1.\nNext: mw serve late-visit@staging")
    event = mw(trained, "audit", "list", "--subject", "late-visit@1", "--json").json[0]
    assert (event["action"], event["details"]["reason"]) == ("model.promote", "a try")
    (entry,) = mw(trained, "models", "list", "--json").json
    assert sorted(entry["aliases"]) == ["champion", "staging"]


def test_models_promote_gives_the_alias_as_json(trained, mw):
    shown = mw(trained, "models", "promote", "late-visit@1", "--alias", "b", "--reason", "r", "--json").json
    assert (shown["name"], shown["alias"], shown["version"]) == ("late-visit", "b", 1)


def test_models_promote_wants_a_reason(trained, mw):
    answer = mw(trained, "models", "promote", "late-visit@1", "--alias", "b", "--reason", " ")
    assert answer.code == 1
    assert "reason" in answer.err


def test_rejected_version_is_promoted_only_after_its_approval(trained, mw):
    # A version that carries an alias can't be rejected, so a second one is trained that no gate lets through.
    (trained / "gates.yaml").write_text("gates:\n  - gate: threshold\n    metric: roc_auc\n    min: 1.0\n")
    assert mw(trained, "run", "pipeline.py", "--trials", "3").code == 0
    versions = mw(trained, "models", "list", "--json").json
    assert [entry["version"]["state"] for entry in versions] == ["rejected", "approved"]
    refused = mw(trained, "models", "promote", "late-visit@2", "--reason", "now")
    assert refused.code == 1
    assert "late-visit@2" in refused.err
    approved = mw(trained, "models", "approve", "late-visit@2", "--reason", "looked at it")
    assert approved.out.startswith("✓ late-visit@2 is approved.\nNext: mw models promote late-visit@2")
    rejected = mw(trained, "models", "reject", "late-visit@2", "--reason", "second thoughts", "--json").json
    assert rejected["state"] == "rejected"
    assert "✓ late-visit@2 is approved." in mw(trained, "models", "approve", "late-visit@2", "--reason", "no").out


def test_models_card_is_printed_as_markdown(trained_once, mw):
    answer = mw(trained_once, "models", "card", "late-visit")
    assert answer.code == 0
    assert answer.out.startswith("# ")
    assert "late-visit" in answer.out


def test_models_card_is_written_as_html(trained_once, tmp_path, mw):
    target = tmp_path / "card.html"
    answer = mw(trained_once, "models", "card", "late-visit", "--html", "-o", str(target))
    assert f"✓ Model card of late-visit@1 written to {target}." in answer.out
    assert target.read_text(encoding="utf-8").startswith("<!")


def test_models_card_is_in_the_document_with_json(trained_once, tmp_path, mw):
    shown = mw(trained_once, "models", "card", "late-visit", "--json").json
    assert (shown["model"], shown["written"]) == ("late-visit@1", None)
    assert shown["text"].startswith("# ")
    written = mw(trained_once, "models", "card", "late-visit", "-o", str(tmp_path / "c.md"), "--json").json
    assert (written["written"], written["text"]) == (str(tmp_path / "c.md"), None)


def test_models_card_that_cannot_be_written_is_one_line(trained_once, mw):
    answer = mw(trained_once, "models", "card", "late-visit", "-o", "gone/card.md")
    assert answer.code == 1
    assert answer.err == "Error: Cannot write gone/card.md: No such file or directory. Name another file.\n"


def test_models_document_writes_what_was_attached(trained_once, tmp_path, mw):
    target = tmp_path / "gates.json"
    answer = mw(trained_once, "models", "document", "late-visit", "gates.json", "-o", str(target))
    assert "✓ gates.json of late-visit@1 written to" in answer.out
    assert json.loads(target.read_text(encoding="utf-8"))["passed"] is True
    shown = mw(trained_once, "models", "document", "late-visit", "gates.json", "-o", str(target), "--json").json
    assert shown["size_bytes"] == target.stat().st_size


def test_models_document_that_is_unknown_names_the_known_ones(trained_once, tmp_path, mw):
    answer = mw(trained_once, "models", "document", "late-visit", "gate.json", "-o", str(tmp_path / "x"))
    assert answer.code == 1
    assert "has no document 'gate.json'. It has: card.html, card.md," in answer.err
    assert not (tmp_path / "x").exists()


def test_models_compare_tells_what_differs(trained_once, mw):
    answer = mw(trained_once, "models", "compare", "late-visit@1", "late-visit")
    assert answer.out.startswith("late-visit@1 → late-visit@1: the same package")
    assert mw(trained_once, "models", "compare", "late-visit@1", "late-visit", "--json").json["metrics"] == []


def test_models_history_tells_who_did_what_and_why(trained_once, mw):
    answer = mw(trained_once, "models", "history", "late-visit")
    assert "model.register" in answer.out
    assert "model.promote" in answer.out
    entries = mw(trained_once, "models", "history", "late-visit", "--json").json
    assert {entry["subject"] for entry in entries} == {"late-visit@1"}
    assert "Did you mean 'late-visit'?" in mw(trained_once, "models", "history", "late-visits").err
