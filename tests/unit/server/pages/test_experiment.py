from __future__ import annotations

from urllib.parse import quote

import pytest

from millwright.core.records.experiment import Lifecycle
from millwright.testing import sample


def test_experiments_are_listed_with_tags_and_counts_of_runs(lab):
    page = lab.page("/experiments")
    assert "signals 3 2026-03-29 12:02:00 team: a default" in page
    assert "Default" in page


def test_experiments_are_found_by_a_part_of_their_name_and_by_tags(lab):
    assert "Default" not in lab.page("/experiments?name=IGNA").partition("Last run")[2]
    either = quote("tags.team = 'x' or tags.team = 'a'")
    assert "signals" in lab.page(f"/experiments?filter={either}")
    assert "No experiment fits." in lab.page("/experiments?name=nothing")
    lab.workspace.stores.experiments.set_lifecycle(lab.experiment, Lifecycle.DELETED, sample.moment())
    assert "signals" not in lab.page("/experiments")
    assert "signals" in lab.page("/experiments?view=deleted")


def test_filter_that_cannot_be_read_is_told_beside_the_box(lab):
    for path in ("/experiments", f"/experiments/{lab.experiment}"):
        html = lab.html(f"{path}?filter={quote('tags.team > <b>')}")
        assert 'role="alert"' in html
        assert "at position 12" in html
        assert 'value="tags.team &gt; &lt;b&gt;"' in html
        assert 'aria-invalid="true"' in html
    assert "expected" in lab.page(f"/experiments/{lab.experiment}?filter={quote('metrics.auc')}")


def test_runs_are_shown_with_their_metrics_and_parameters(lab):
    page = lab.page(f"/experiments/{lab.experiment}")
    assert "A note." in page
    assert "Run Status Started Seconds User auc loss lr model" in page
    assert "second finished 2026-03-29 12:02:00 380 ann 0.900 0.048 0.2 rf" in page
    assert "↳ first" in page
    assert "gone" not in page
    assert "gone" in lab.page(f"/experiments/{lab.experiment}?view=deleted")


def test_runs_are_filtered_with_or_sorted_and_their_columns_chosen(lab):
    asked = quote("metrics.auc > 0.85 or params.lr = '0.0'")
    order = quote("metrics.`auc` DESC")
    path = f"/experiments/{lab.experiment}?filter={asked}&order={order}&column=tags.team&column=metrics.system/cpu"
    page = lab.page(path)
    table = page.partition("Seconds")[2]
    assert table.index("second") < table.index("parent")
    assert "first" not in table
    assert "User team system/cpu" in page
    assert 'aria-sort="descending"' not in lab.html(path)  # the column it is sorted by is not shown
    assert 'aria-sort="descending"' in lab.html(f"/experiments/{lab.experiment}?order={order}")


@pytest.mark.parametrize("question", ["order=nothing", "page_token=x", f"filter={'a' * 5000}"])
def test_question_that_cannot_be_read_leaves_a_page(lab, question):
    assert 'role="alert"' in lab.html(f"/experiments/{lab.experiment}?{question}")


def test_pages_follow_one_another(lab):
    stores = lab.workspace.stores
    for number in range(120):
        stores.runs.create_run(
            sample.run(lab.experiment, name=f"n{number:03}", started_at=sample.moment(2000 + number))
        )
    first = lab.html(f"/experiments/{lab.experiment}?order={quote('run_name DESC')}")
    assert "n119" in first
    assert "n021" not in first
    address = first.partition('<p class="pager">')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = lab.page(address)
    assert "n021" in second
    assert "n022" not in second
    assert "First page" in second


def test_unknown_experiment_is_not_found(lab):
    assert "There is no experiment" in lab.html("/experiments/999", status=404)
