from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from millwright.core.forking.forker import Forker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WORK = '''
import os, random, sys

os.environ.setdefault("LOADED_BY", str(os.getpid()))


def main():
    """Answers each line with the value of what it says."""
    for line in sys.stdin:
        print(eval(line), flush=True)
'''


@pytest.fixture
def forker(tmp_path: Path) -> Iterator[Callable[..., Forker]]:
    """Makes a forker of processes that answer each line with its value."""
    made = []
    (tmp_path / "worked.py").write_text(WORK, encoding="utf-8")

    def make(*modules: str) -> Forker:
        made.append(Forker("worked:main", modules, (str(tmp_path),)))
        return made[-1]

    yield make
    for each in made:
        each.close()


def ask(process, text: str) -> str:
    """What a process answers."""
    process.stdin.write(f"{text}\n".encode())
    process.stdin.flush()
    return process.stdout.readline().decode().strip()


only_on_linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
