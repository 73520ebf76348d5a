"""Records' values as cells: the same word, colour and link for the same thing on every page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from millwright.evaluation.wording import number
from millwright.server.pages.element import Badge, Code, Link, Several, Tone

if TYPE_CHECKING:
    from datetime import datetime
    from enum import StrEnum

    from millwright.server.pages.element import Cell

_GOOD = frozenset(
    {"approved", "completed", "finished", "ok", "passed", "promoted", "proven", "ready", "resolved", "whole"}
)
_BAD = frozenset({"error", "rejected", "failed", "killed", "interrupted", "critical", "broken"})
_WARN = frozenset(
    {"candidate", "running", "in_progress", "cancelled", "warning", "open", "pending", "kept", "refused", "drifted"}
)
_SHORT = 40  # characters up to which a fact stands among the others
_DIGITS = 12  # of a digest, where it stands among other things


def status(value: StrEnum | str) -> Badge:
    """A state as a badge."""
    text = str(value)
    tone = Tone.GOOD if text in _GOOD else Tone.BAD if text in _BAD else Tone.WARN if text in _WARN else Tone.NEUTRAL
    return Badge(text, tone)


def digest(value: str | None) -> Cell:
    """The beginning of a digest."""
    return Code(value[:_DIGITS], value) if value else None


def short_id(value: str) -> Code:
    """The end of an id, as commands take it."""
    return Code(f"…{value[-8:]}", value)


def route(*parts: object) -> str:
    """A path of this server; each part is quoted whole, so that no name leads elsewhere."""
    return "/" + "/".join(quote(str(part), safe="") for part in parts)


def version_link(ref: str | None) -> Cell:
    """A model version, `name@3`; anything that is none stays text."""
    name, _, version = (ref or "").rpartition("@")
    return Link(f"{name}@{version}", route("models", name, version)) if name and version.isdecimal() else ref


def dataset_link(ref: str | None) -> Cell:
    """A dataset version, `name@3`; anything that is none stays text."""
    name, _, version = (ref or "").rpartition("@")
    return Link(f"{name}@{version}", route("datasets", name, version)) if name and version.isdecimal() else ref


def run_link(run_id: str) -> Link:
    """A pipeline run."""
    return Link(f"…{run_id[-8:]}", route("runs", run_id))


def seconds(start: datetime, end: datetime | None) -> float | None:
    """How long something took, in seconds; None when it has not ended."""
    return round((end - start).total_seconds(), 2) if end else None


def words(value: Any) -> str:
    """A JSON value for people: numbers to about four digits, lists and objects in one line."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {words(inner)}" for key, inner in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(words(inner) for inner in value) or "none"
    return " ".join(str(value).split())


def facts(values: Mapping[str, Any]) -> Cell:
    """What was noted: short facts in one line, then long ones and counts, each on its own; None without any."""
    short = [f"{name} {words(value)}" for name, value in values.items() if _is_short(value)]
    lines = [" · ".join(short)] if short else []
    for name, value in values.items():
        if _is_count(value):
            lines += [f"{count:,} × {each}" for each, count in value.items()]  # noqa: RUF001 (a sign, no letter)
        elif not _is_short(value):
            lines.append(f"{name}: {words(value)}")
    return Several(tuple(lines)) if lines else None


def _is_short(value: Any) -> bool:
    return not _is_count(value) and len(words(value)) <= _SHORT


def _is_count(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(type(number) is int for number in value.values())


def size(count: int) -> str:
    """Bytes for people: `11.2 kB`."""
    if count < 1_000:
        return f"{count} B"
    return f"{count / 1_000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def asked(path: str, *parameters: tuple[str, str]) -> str:
    """A path of this server with parameters, each quoted; those without a value are left out."""
    given = [(name, value) for name, value in parameters if value]
    return f"{path}?{urlencode(given)}" if given else path


def tracked_link(run_id: str, name: str = "") -> Link:
    """A tracked run, by its name when that is known."""
    return Link(shortened(name) or f"…{run_id[-8:]}", route("tracked", run_id))


def shortened(text: str, most: int = 80) -> str:
    """The beginning of a text, in one line."""
    line = " ".join(text[: most * 4].split())
    return line if len(line) <= most and len(text) <= most * 4 else f"{line[: most - 1]}…"
