from __future__ import annotations


def test_overview_shows_the_loop_with_its_present_figures(control):
    page = control.page("/")
    assert "Models 1 champion of 1 model" in page
    assert "Training late-visit last run completed" in page
    assert "Serving 1 endpoint" in page
    assert "late-visit@1 approved" in page
    assert "Decisions kept" in page


def test_overview_of_an_empty_workspace_says_so(empty):
    page = empty.page("/")
    assert "0 datasets none yet" in page
    assert "No model is champion yet." in page
    assert "No pipeline has run yet." in page
    assert "nothing had to be decided" in page
