"""The beginning of what was asked and answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from millwright.server.mlflow.traces.trace_preview import preview

_SAID = {"role": "assistant", "content": "yes"}


@pytest.mark.parametrize(
    ("held", "role", "expected"),
    [
        ({"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}, _SAID]}, "user", "b"),
        ({"messages": [_SAID]}, "user", "yes"),
        ({"choices": [{"message": _SAID}]}, "assistant", "yes"),
        ({"output": [{"role": "assistant", "content": [{"type": "output_text", "text": "t"}]}]}, "assistant", "t"),
        ({"request": {"input": [{"role": "user", "content": ["first"]}]}}, "user", "first"),
        ({"messages": ["no message"]}, "user", '{"messages": ["no message"]}'),
        ({"choices": []}, "user", '{"choices": []}'),
        ("plain", "user", '"plain"'),
    ],
)
def test_last_message_of_the_role_is_shown(held: Any, role: str, expected: str) -> None:
    assert preview(json.dumps(held), role) == expected


def test_long_text_is_cut() -> None:
    assert preview("x" * 1001, "user") == "x" * 997 + "..."
    assert preview("x" * 1000, "user") == "x" * 1000
