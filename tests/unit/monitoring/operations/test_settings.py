from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.operations import OperationsSettings


def test_settings_refuse_limits_that_nothing_meets():
    with pytest.raises(InvalidInputError, match="above 0"):
        OperationsSettings(p95_ms=0)
    with pytest.raises(InvalidInputError, match="between 0 and 1, found 2"):
        OperationsSettings(error_share=2)
    with pytest.raises(InvalidInputError, match="share of refusals between 0 and 1, found -1"):
        OperationsSettings(refused_share=-1)
