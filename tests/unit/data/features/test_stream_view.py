"""Stream views and their windows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.entity import Entity
from millwright.data.features.stream_view import StreamFeatureView, Window

DAY = timedelta(days=1)


def view(**changes) -> StreamFeatureView:
    options = {
        "entities": [Entity("site")],
        "source": "visits",
        "windows": [
            Window("n", over=DAY),
            Window("total", "cost", "sum", over=DAY),
            Window("latest", "who", "last", over=DAY, dtype="String"),
            Window("latest5", "cost", "last", over=DAY, n=5),
        ],
    }
    return StreamFeatureView("visits", **(options | changes))


def test_windows_are_the_features() -> None:
    assert [(one.name, one.dtype) for one in view().features] == [
        ("n", "Int64"),
        ("total", "Float64"),
        ("latest", "String"),
        ("latest5", "List(Float64)"),
    ]
    assert view()[["n"]].names == ("n",)
    assert view().with_keys({"site": "to"}).entity_columns == ("to",)
    assert view().code == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kind": "median", "column": "x"}, "found 'median'"),
        ({"kind": "sum"}, "has no column"),
        ({"over": timedelta(0)}, "as over of"),
        ({"hop": timedelta(hours=5)}, "multiple of hop"),
        ({"n": 2}, "Only last gives more"),
        ({"kind": "last", "column": "x", "n": 0}, "1 or more, found 0"),
        ({"dtype": "Float64"}, "gives Int64"),
        ({"feature": ""}, "a feature"),
    ],
)
def test_window_refuses_what_is_wrong_and_says_what(options, said) -> None:
    with pytest.raises(InvalidInputError, match=said):
        Window(**({"feature": "f", "over": DAY} | options))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"windows": []}, "Expected windows"),
        ({"windows": [Window("site", over=DAY)]}, "names a column twice: 'site'"),
        ({"ttl": -DAY}, "duration above 0"),
    ],
)
def test_view_refuses_what_is_wrong_and_says_what(changes, said) -> None:
    with pytest.raises(InvalidInputError, match=said):
        view(**changes)
