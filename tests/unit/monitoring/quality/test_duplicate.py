from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.quality.duplicate import Duplicate


def test_rows_that_were_sent_twice_are_found(rows: Any, subject: Any):
    once = rows(100)
    found = Duplicate().measure(subject(pl.concat([once, once])))[0]
    assert (found.what, found.found, found.broken) == ("rows", 0.5, True)
    assert found.expected == 0.0
    assert found.examples[0] == "id-100"
    assert found.found == pl.concat([once, once]).to_pandas().duplicated().mean()


def test_rows_with_few_combinations_repeat_themselves_as_in_the_reference(subject: Any):
    reference = pl.DataFrame({"phase": ["a", "b", "c"] * 200})
    found = Duplicate().measure(subject(pl.DataFrame({"phase": ["a", "b", "b"] * 30}), reference=reference))[0]
    assert found.found == pytest.approx(88 / 90)
    assert not found.broken


def test_keys_that_come_back_are_told_and_broken_only_where_a_limit_is_set(rows: Any, subject: Any):
    window = subject(rows(100), keys=["a"] * 50 + [f"k{number}" for number in range(49)] + [None])
    told = Duplicate().measure(window)[1]
    assert (told.what, told.found, told.broken, told.judged) == ("keys", pytest.approx(49 / 99), False, False)
    assert Duplicate(max_key_share=0.1).measure(window)[1].broken


def test_settings_refuse_what_is_no_share():
    with pytest.raises(InvalidInputError, match="between 0 and 1"):
        Duplicate(max_rise=3)
