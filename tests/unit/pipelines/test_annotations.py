from __future__ import annotations

from typing import Any

import pytest

from millwright.core.errors import PipelineDefinitionError
from millwright.pipelines.annotations import parse_duration


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("90s", 90), ("10m", 600), ("10 min", 600), ("1.5h", 5400), ("50ms", 0.05), ("1d", 86400), (3, 3), (0.5, 0.5)],
)
def test_duration_is_read_in_seconds(value: Any, seconds: float) -> None:
    assert parse_duration(value, what="A timeout") == seconds


@pytest.mark.parametrize("value", ["10", "ten", "", "-3s", 0, -1, "5 weeks"])
def test_duration_that_is_none_is_refused_with_an_example(value: Any) -> None:
    with pytest.raises(PipelineDefinitionError, match="A timeout: expected a duration above zero") as caught:
        parse_duration(value, what="A timeout")
    assert "10m" in caught.value.hint
