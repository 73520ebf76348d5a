from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.operations import ServedCounts


def test_share_is_that_of_errors_among_requests():
    assert ServedCounts(requests=50, errors=1).error_share == 0.02
    assert ServedCounts(requests=0, errors=0).error_share is None


def test_counts_refuse_more_errors_than_requests():
    with pytest.raises(InvalidInputError, match="no more errors"):
        ServedCounts(requests=1, errors=2)
