from __future__ import annotations

from dataclasses import replace

from millwright.server.pages.model import main_metric


def test_models_are_listed_with_their_champions(control):
    assert "late-visit late-visit@1 1" in control.page("/models")


def test_model_shows_aliases_with_reasons_and_versions(control):
    page = control.page("/models/late-visit")
    assert "champion late-visit@1" in page
    assert "late-visit@1 approved champion ROC AUC" in page


def test_main_metric_is_left_out_when_the_task_is_not_known(control):
    version = control.workspace.stores.models.get_version("late-visit", 1)
    assert (main_metric(version) or "").startswith("ROC AUC 0.")
    assert main_metric(replace(version, signature={})) is None
    assert main_metric(replace(version, metrics={})) is None
