from __future__ import annotations

from typing import Any

import pytest

from millwright.automation.online import OnlineLearning
from millwright.core.errors import InvalidInputError


@pytest.mark.parametrize("wrong", [{"snapshot_labels": 0}, {"window": 9}])
def test_number_outside_its_range_is_refused(wrong: dict[str, Any]):
    with pytest.raises(InvalidInputError, match="Online learning 'site': expected at least"):
        OnlineLearning(name="site", endpoint="site", model="site", **wrong)
