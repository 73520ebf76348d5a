from __future__ import annotations

from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.attribution import AttributionSettings


@pytest.mark.parametrize("values", [{"features": 0}, {"examples": -1}, {"min_rows": 1}, {"false_discovery_rate": 0.0}])
def test_settings_outside_their_range_are_refused(values: dict[str, Any]):
    with pytest.raises(InvalidInputError, match="Expected"):
        AttributionSettings(**values)
