from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.quality.missing import MissingSettings, compare_missing

REFERENCE = pl.DataFrame({"a": [1.0] * 95 + [None] * 5, "b": ["x"] * 100})


def test_missing_is_found_when_the_share_rises():
    current = pl.DataFrame({"a": [1.0] * 60 + [None] * 40, "b": ["x"] * 100})
    a, b = compare_missing(REFERENCE, current)
    assert (a.column, a.reference, a.current, a.risen) == ("a", 0.05, 0.4, True)
    assert not b.risen


def test_missing_is_not_found_when_the_share_falls():
    current = pl.DataFrame({"a": [1.0] * 100, "b": ["x"] * 100})
    reference = pl.DataFrame({"a": [None] * 50 + [1.0] * 50, "b": ["x"] * 100})
    assert not any(share.risen for share in compare_missing(reference, current))


def test_missing_is_not_found_in_a_few_rows():
    current = pl.DataFrame({"a": [1.0, 1.0, None], "b": ["x"] * 3})
    assert not compare_missing(REFERENCE, current)[0].risen


def test_missing_is_not_found_when_the_rise_is_within_the_limit():
    current = pl.DataFrame({"a": [1.0] * 8500 + [None] * 1500, "b": ["x"] * 10_000})
    found = compare_missing(REFERENCE.select(pl.all().repeat_by(100).explode()), current)[0]
    assert found.p_value < 1e-6
    assert found.current - found.reference == pytest.approx(0.1)
    assert not compare_missing(REFERENCE, current, MissingSettings(max_rise=0.11))[0].risen


def test_missing_is_empty_when_a_side_has_no_rows():
    assert compare_missing(REFERENCE, REFERENCE.clear()) == []


def test_settings_refuse_a_rise_that_is_no_share():
    with pytest.raises(InvalidInputError, match="between 0 and 1, found 2"):
        MissingSettings(max_rise=2)
