"""The beginning of what a trace was asked and answered, as lists show it."""

from __future__ import annotations

from typing import Any

from millwright.server.mlflow.traces.otlp_decode import kept
from millwright.server.mlflow.traces.span_convention import load

MAX_PREVIEW = 1000


def preview(text: str, role: str) -> str:
    """The last message of a role where the text is a conversation's JSON, else the text itself; at most 1,000 signs.

    Args:
        text: JSON, usually.
        role: `user` or `assistant`; without a message of it, the last message is taken.
    """
    said = kept(_last(_messages(load(text)), role) or text)
    return said if len(said) <= MAX_PREVIEW else said[: MAX_PREVIEW - 3] + "..."


def _messages(held: Any) -> list[dict[str, Any]]:
    while isinstance(held, dict):
        choices = held.get("choices")
        first = choices[0] if isinstance(choices, list) and choices else None
        if isinstance(first, dict) and _is_message(first.get("message")):
            return [first["message"]]
        for name in ("messages", "input", "output"):
            if isinstance(held.get(name), list) and held[name]:
                return [each for each in held[name] if _is_message(each)]
        held = held.get("request")
    return []


def _is_message(held: Any) -> bool:
    return isinstance(held, dict) and "role" in held and "content" in held


def _last(messages: list[dict[str, Any]], role: str) -> str:
    if not messages:
        return ""
    message = next((each for each in reversed(messages) if each["role"] == role), messages[-1])
    content = message["content"]
    if isinstance(content, str):
        return content
    for part in content if isinstance(content, list) else ():
        if isinstance(part, str):
            return part
        if isinstance(part, dict) and part.get("type") in {"text", "output_text"}:
            return str(part.get("text", ""))
    return ""
