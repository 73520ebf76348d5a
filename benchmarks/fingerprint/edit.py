"""One edit of a project's source: its files before and after, and whether a step must run again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from textwrap import dedent

SITE = "site-packages/"  # files below it lie beside the edits' folders, as those of an installed package do


class Kind(Enum):
    """What an edit calls for."""

    HARMLESS = "harmless"  # the same result: a step that runs again does so for nothing
    MEANINGFUL = "meaningful"  # another result: a step that does not run again is wrong
    REFACTORED = "refactored"  # the same result from code that reads otherwise: running again is no mistake
    BEYOND = "beyond the source"  # another result, by what is no source code that the step could be seen to reach


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """An edit; its step is the function `work(number: int) -> float` of `step.py`.

    Attributes:
        name: What is edited.
        kind: What it calls for.
        before: Texts by file; those of the step's package by their name in it, an installed package's below `SITE`.
        after: The same, edited.
    """

    name: str
    kind: Kind
    before: Mapping[str, str]
    after: Mapping[str, str]

    @property
    def slug(self) -> str:
        """The name of its package; the prefix keeps it apart from modules of Python and of tools."""
        return "edit_" + re.sub(r"\W+", "_", self.name).lower()

    def files(self, *, edited: bool) -> dict[str, str]:
        """Texts by path in a project that holds every edit's package."""
        texts = self.after if edited else self.before
        found = {path if path.startswith(SITE) else f"{self.slug}/{path}": text for path, text in texts.items()}
        return {f"{self.slug}/__init__.py": ""} | {
            path: text.replace("SLUG", self.slug) for path, text in found.items()
        }


def edit(kind: Kind, name: str, files: Mapping[str, str], *changes: tuple[str, str, str]) -> Edit:
    """An edit that is told by what it replaces.

    Args:
        kind: What it calls for.
        name: What is edited.
        files: Texts by file; `SLUG` in them becomes the package's name.
        changes: File, text that stands in it once or more, and what takes its place.
    """
    before = {path: dedent(text).lstrip("\n") for path, text in files.items()}
    after = dict(before)
    for path, old, new in changes:
        assert old in after[path], f"{name}: {old!r} is not in {path}"
        after[path] = after[path].replace(old, new)
    return Edit(name=name, kind=kind, before=before, after=after)


def step(body: str, head: str = "") -> dict[str, str]:
    """The file of a step: its imports and what stands above it, and the body of `work`."""
    lines = "\n".join(f"    {line}" if line else "" for line in dedent(body).strip().splitlines())
    head = dedent(head).strip()
    above = f"{head}\n\n\n" if head else "\n"
    return {"step.py": f'from mark import ran\n{above}def work(number: int) -> float:\n    ran("SLUG")\n{lines}\n'}
