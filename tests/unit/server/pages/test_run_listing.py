from __future__ import annotations

import pytest

from millwright.core.ids import ExperimentId
from millwright.server.pages.run_listing import RunsAsked, columns_of, run_table, search_form
from millwright.testing import sample

ASKED = RunsAsked(experiment_id=ExperimentId("1"))


def run(**changes):
    return sample.run(ExperimentId("1"), **{"params": {}, "tags": {}, "metrics": {}, **changes})


def test_most_frequent_metrics_and_parameters_are_the_columns():
    common = {f"m{number}": 1.0 for number in range(5)}
    runs = [run(metrics=common, params={"lr": "1"}), run(metrics={**common, "a": 1.0, "system/cpu": 1.0})]
    assert columns_of(ASKED, runs) == [*(f"metrics.m{number}" for number in range(5)), "params.lr"]


def test_chosen_columns_are_shown_once_and_in_their_order():
    asked = RunsAsked(experiment_id=ExperimentId("1"), columns=("params.b", "metrics.a", "params.b", "oops", "tags."))
    assert columns_of(asked, []) == ["params.b", "metrics.a"]


@pytest.mark.parametrize("key", ["auc", "a b", "a.b/c", "größe", "it's"])
def test_head_of_a_column_sorts_by_it_whatever_its_name(key):
    table = run_table(ASKED, [run(metrics={key: 1.0})]).table
    head = table.headers[-1]
    assert head.text == key
    assert head.sign == ""
    order = search_form(ASKED, [run(metrics={key: 1.0})]).menus[0].choices[-2].value
    sorted_by = RunsAsked(experiment_id=ExperimentId("1"), order=order)
    turned = run_table(sorted_by, [run(metrics={key: 1.0})]).table.headers[-1]
    assert (turned.sign, turned.sort) == ("↓", "descending")
    assert "ASC" in turned.href
    assert "DESC" in head.href


def test_row_holds_values_and_leads_to_its_run():
    found = run(name="", metrics={"auc": 0.5}, params={"text": "x" * 100})
    picked = run_table(ASKED, [found])
    assert picked.values == [found.id]
    row = picked.table.rows[0]
    assert row[0].href == f"/tracked/{found.id}"
    assert row[0].text == f"…{found.id[-8:]}"
    assert row[5] == 0.5
    assert len(row[6]) == 40
