"""Values of a contract file's keys: words, flags, bounds, shares, spans of time."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from millwright.core.errors import InvalidInputError, closest
from millwright.data.contracts.duration import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from millwright.data.contracts.yaml_node import YamlNode

_Made = TypeVar("_Made")
_Member = TypeVar("_Member", bound=StrEnum)


def made(node: YamlNode, make: Callable[[], _Made]) -> _Made:
    """What `make` gives; its complaint gets the place in the file, unless it has one."""
    try:
        return make()
    except InvalidInputError as error:
        if error.message.startswith(f"{node.source}, line "):
            raise
        raise node.error(error.message, error.hint) from error


def member(node: YamlNode | None, kind: type[_Member], default: _Member | None) -> _Member:
    """One of some words; the default when there is none."""
    if node is None and default is not None:
        return default
    text = node.text() if node is not None else ""
    try:
        return kind(text)
    except ValueError:
        assert node is not None  # noqa: S101 - narrows the type: without a default there is a node
        raise node.error(
            f"Expected one of {', '.join(kind)} for {node.path}, found '{text}'.", closest(text, list(kind))
        ) from None


def whole(node: YamlNode) -> int:
    """A whole number."""
    number = node.number()
    if not isinstance(number, int):
        raise node.error(f"Expected a whole number for {node.path}, found '{node.text()}'.")
    return number


def share(node: YamlNode) -> float:
    """A number, or a percentage such as `20%` as its share, 0.2."""
    text = node.text().strip()
    if not text.endswith("%"):
        return float(node.number())
    try:
        return float(text[:-1]) / 100
    except ValueError:
        raise node.error(f"Expected a number or a percentage for {node.path}, found '{text}'.") from None


def span(node: YamlNode) -> timedelta:
    """A span of time such as `2d`."""
    return made(node, lambda: parse_duration(node.text()))


def flag(found: Mapping[str, YamlNode], key: str, *, default: bool) -> bool:
    """A key's value as true or false."""
    return found[key].flag() if key in found else default


def texts_of(found: Mapping[str, YamlNode], key: str) -> tuple[str, ...]:
    """A key's list of words; none when the key is absent."""
    return found[key].texts() if key in found else ()


def text_of(found: Mapping[str, YamlNode], key: str) -> str:
    """A key's text; empty when the key is absent."""
    return found[key].text() if key in found else ""


def optional_text(found: Mapping[str, YamlNode], key: str) -> str | None:
    """A key's text; None when the key is absent or left empty."""
    return None if key not in found or found[key].is_nothing else found[key].text()


def required(node: YamlNode, found: Mapping[str, YamlNode], what: str, *keys: str) -> None:
    """Refuse a mapping that lacks keys.

    Raises:
        InvalidInputError: One is not there.
    """
    for key in keys:
        if key not in found:
            raise node.error(
                f"Expected the key '{key}' in {what}.", f"A {what.split(' ', 1)[-1]} has {', '.join(keys)}."
            )
