from __future__ import annotations

from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.embedding import EmbeddingSettings


@pytest.mark.parametrize(
    "values", [{"max_shift": 0.0}, {"max_auc": 0.4}, {"false_discovery_rate": 1.0}, {"min_rows": 9}, {"sample": 40}]
)
def test_settings_outside_their_range_are_refused(values: dict[str, Any]):
    with pytest.raises(InvalidInputError, match="Expected"):
        EmbeddingSettings(**values)
