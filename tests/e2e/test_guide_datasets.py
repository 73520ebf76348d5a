"""The commands of the guide on datasets, one after the other."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from e2e.workplace import Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "datasets.md"


def blocks(kind: str) -> Iterator[tuple[str, str]]:
    """The fenced blocks of a kind: what stands behind the kind, and the text."""
    for found in re.finditer(rf"```{kind} ?([^\n]*)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL):
        yield found[1], found[2]


@pytest.mark.slow
def test_commands_of_the_guide_run_in_their_order(tmp_path: Path) -> None:
    for name, text in blocks("csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    workplace = Workplace(tmp_path)
    said = {}
    for _, text in blocks("console"):
        for line in text.splitlines():
            done = workplace.mw(*shlex.split(line)[1:])
            assert done.code == 0, f"{line}: {done.err}"
            said[line] = done.out
    assert len(said) > 12
    assert "1 added, 0 removed, 1 changed" in said["mw data diff people@1 people@2 --key id"]
    assert "would expire" in said["mw data vacuum people --keep 1 --dry-run"]
    assert "✓ Erased from 2 versions of 1 datasets" in next(out for line, out in said.items() if "--yes" in line)
