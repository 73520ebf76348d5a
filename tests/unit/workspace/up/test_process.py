from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from millwright.workspace.up.process import PartProcess

if TYPE_CHECKING:
    from pathlib import Path

CODE = """
import os, sys
print("serves at http://127.0.0.1:1234/x  now", flush=True)
print("a line", flush=True)
print("a warning", file=sys.stderr, flush=True)
sys.stdin.read()
print(os.getcwd(), os.getsid(0) == os.getpid(), os.environ.get("SAID"), flush=True)
"""


def test_first_line_is_the_sign_and_the_others_are_told(tmp_path: Path) -> None:
    told: list[str] = []
    words = (sys.executable, "-S", "-c", CODE)
    process = PartProcess(words, folder=tmp_path, tell=told.append, environment={"SAID": "hello"})
    assert process.ready.wait(60)
    assert process.url == "http://127.0.0.1:1234"
    assert process.poll() is None
    assert process._process.stdin is not None
    process._process.stdin.close()  # as the end of the supervisor does
    process._process.wait(60)
    process.close()
    assert set(told) == {"a line", "a warning", f"{tmp_path} True hello"}
    assert process.poll() == 0
    process.ask_to_end()
    process.kill()  # of what has ended nothing is left to end
