from __future__ import annotations

import pytest

from millwright.registry.source_draft import SourceDraft


@pytest.fixture(scope="module")
def page(control):
    return control.page("/models/late-visit/1")


def test_version_shows_state_aliases_and_target(page):
    assert "late-visit@1 approved champion Predicts late (binary)." in page


def test_version_shows_metrics_with_intervals_and_baseline(page):
    assert "95 % interval Baseline" in page
    assert "ROC AUC 0." in page


def test_version_shows_gates_with_reasons(page):
    assert "All gates passed." in page
    assert "threshold (roc auc)" in page
    assert "at least 0.600 is asked for" in page


def test_version_shows_compilation_data_code_lineage_history_and_documents(page):
    assert "proven" in page
    assert "Data visits@1" in page
    assert "pipeline.py:late_visit" in page
    assert "trained on dataset" in page
    assert "wrote step run package" in page
    assert "model.promote" in page
    assert "report.html" in page
    assert "mw reproduce late-visit@1" in page


def test_version_that_is_not_there_names_the_closest(control):
    answer = control.get("/models/late-visit/7", accept="text/html")
    assert answer.status_code == 404


def test_version_that_an_mlflow_client_registered_says_so(empty):
    editor = empty.workspace.registry.editor
    editor.create_model("theirs")
    editor.add_version(SourceDraft(name="theirs", source="s3://bucket/<model>"))
    page = empty.get("/models/theirs/1", accept="text/html").text
    assert "Registered by an MLflow client from s3://bucket/&lt;model&gt;, without a package." in page
