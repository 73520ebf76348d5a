from __future__ import annotations

import pytest

from millwright.monitoring.page import distribution_figure


def test_distribution_leaves_out_cells_that_are_empty_on_both_sides():
    drawn = distribution_figure(
        {
            "column": "<b>phase",
            "statistic": "jensen_shannon",
            "scores": {"jensen_shannon": 0.5},
            "threshold": 0.1,
            "cells": {"labels": ["a", "b", "<new>"], "reference": [1, 3, 0], "current": [2, 0, 0]},
        }
    )
    assert list(drawn.data[0].x) == pytest.approx([0.25, 0.75])
    assert list(drawn.data[1].x) == [1.0, 0.0]
    assert "<b>phase" not in drawn.layout.title.text.replace("<b>", "", 1)
