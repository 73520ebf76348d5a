from __future__ import annotations

from typing import Any

import pytest

from millwright.evaluation.gates.size import Size


def test_size_fires_when_the_package_is_too_large(make_subject: Any):
    result = Size(max_mb=1).evaluate(make_subject(package_size_bytes=2_500_000))

    assert not result.passed
    assert (result.value, result.limit) == (2.5, 1)
    assert result.reason == "The package has 2.500 MB; at most 1 MB is asked for."


def test_size_stays_silent_when_the_package_is_small_enough(make_subject: Any):
    assert Size(max_mb=1).evaluate(make_subject(package_size_bytes=1_000_000)).passed


def test_size_cannot_be_evaluated_when_it_is_not_known(make_subject: Any):
    with pytest.raises(ValueError, match="not known"):
        Size(max_mb=1).evaluate(make_subject())


def test_size_refuses_a_limit_of_nothing():
    with pytest.raises(ValueError, match="above 0"):
        Size(max_mb=0)
