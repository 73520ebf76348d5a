"""In a process of its own: the test runner has descriptors of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

BEGIN = """
import ctypes, logging, os, subprocess, sys
from millwright.core.clock import SystemClock
from millwright.pipelines.context import StepContext
from millwright.pipelines.runner.observation import observe

def context(name="b"):
    return StepContext(step="s", pipeline="p", pipeline_run_id="a", step_run_id=name, clock=SystemClock())

libc = ctypes.CDLL(None)
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs descriptors")


def run(code: str) -> tuple[str, str]:
    done = subprocess.run([sys.executable, "-c", BEGIN + code], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout, done.stderr


def test_c_code_and_children_are_captured_in_order() -> None:
    out, err = run("""
print("before")
with observe(context(), descriptors=True) as seen:
    print("python")
    libc.puts(b"from C")
    libc.fflush(None)
    subprocess.run(["sh", "-c", "echo child; echo child-err >&2"])
    logging.getLogger("x").warning("record")
    print("last")
print("after")
sys.stderr.write(repr(seen.log_bytes().decode().split("\\n")))
""")
    assert out == "before\nafter\n"
    lines = eval(err)  # noqa: S307 (what the code above has written)
    assert lines[:4] == ["python", "from C", "child", "child-err"]
    assert lines[4].endswith("WARNING x: record")
    assert lines[5:] == ["last", ""]


def test_what_c_code_holds_back_is_there_at_the_end() -> None:
    out, err = run("""
with observe(context(), descriptors=True) as seen:
    libc.printf(b"no end of line")
sys.stderr.write(seen.log_bytes().decode())
""")
    assert (out, err) == ("", "no end of line")


def test_secret_that_c_code_prints_in_two_pieces_is_masked() -> None:
    _, err = run("""
os.environ["TOKEN"] = "s3cr3t-value"
step = context()
with observe(step, descriptors=True) as seen:
    step.secret("TOKEN")
    os.write(1, b"<s3cr3t"); os.write(2, b"-value>")
sys.stderr.write(seen.log_bytes().decode())
""")
    assert err == "<***>"


def test_much_output_keeps_its_beginning_and_end() -> None:
    _, err = run("""
with observe(context(), descriptors=True) as seen:
    os.write(1, b"first\\n")
    for _ in range(30):
        data = b"x" * 999_999 + b"\\n"
        while data:
            data = data[os.write(1, data):]
    os.write(1, b"last\\n")
text = seen.log_bytes().decode()
sys.stderr.write(f"{text[:6]}{len(text) <= 10_500_000} {'left out' in text} {text[-5:]}")
""")
    assert err == "first\nTrue True last\n"


def test_second_of_two_at_once_is_captured_in_python_only() -> None:
    out, err = run("""
with observe(context("one"), descriptors=True) as first:
    with observe(context("two"), descriptors=True) as second:
        print("two")
    print("one")
sys.stderr.write(repr((first.log_bytes(), second.log_bytes())))
""")
    assert (out, err) == ("", "(b'one\\n', b'two\\n')")
