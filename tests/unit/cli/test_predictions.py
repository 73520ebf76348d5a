from __future__ import annotations


def test_newest_predictions_come_first_with_what_was_asked_and_answered(served_once, mw):
    shown = mw(served_once, "predictions", "late-visit", "--last", "3", "--json").json
    everything = mw(served_once, "predictions", "late-visit", "--last", "100000", "--json").json
    assert len(everything) > 3
    moments = [each["at"] for each in everything]
    assert moments == sorted(moments, reverse=True)
    assert [each["at"] for each in shown] == moments[:3]
    assert shown[0]["outputs"]["prediction"] is not None
    assert shown[0]["features"]
    told = mw(served_once, "predictions", "late-visit", "--last", "3").out
    assert told.endswith("Next: mw monitor check late-visit\n")


def test_predictions_of_another_version_are_none(served_once, mw):
    answer = mw(served_once, "predictions", "late-visit", "--version", "99")
    assert answer.out == "The log of 'late-visit' holds no predictions.\n"


def test_predictions_of_an_unknown_endpoint_name_the_closest(served_once, mw):
    answer = mw(served_once, "predictions", "late-visits")
    assert answer.code == 1
    assert "Did you mean 'late-visit'?" in answer.err
