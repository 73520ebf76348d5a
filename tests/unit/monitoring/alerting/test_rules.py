from __future__ import annotations

from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.alerting import AlertRules


@pytest.mark.parametrize(
    "rules", [{"raise_after": 0}, {"resolve_after": -1}, {"resolve_limit": 0.0}, {"resolve_limit": 1.1}]
)
def test_rules_outside_their_ranges_are_refused(rules: dict[str, Any]):
    with pytest.raises(InvalidInputError, match=next(iter(rules))):
        AlertRules(**rules)
