from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from millwright.pipelines.runner.executors.memory import held_bytes, memory_guard, too_much_memory


def test_bytes_that_a_process_and_its_children_hold() -> None:
    alone = held_bytes(os.getpid())
    assert alone > 10 << 20
    code = "held = b'x' * 50_000_000; print(flush=True); input()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.readline()
        assert held_bytes(child.pid) > 50_000_000
        assert held_bytes(os.getpid()) > alone + 45_000_000
        child.stdin.close()
    assert held_bytes(child.pid) == 0


def test_more_than_the_limit_is_a_mistake_of_the_step() -> None:
    assert too_much_memory(300 << 20, "300MiB") is None
    assert too_much_memory(1 << 40, "") is None
    failure = too_much_memory(301 << 20, "300MiB")
    assert failure is not None
    assert failure.text == "MemoryError: took 301 MiB of memory, and its limit is 300MiB"
    assert failure.is_mistake


def test_guard_leaves_a_process_alone_that_keeps_within_its_limit() -> None:
    held = held_bytes(os.getpid())
    with memory_guard(f"{held >> 20}MiB", lambda _: pytest.fail("told"), spared=held) as guard:
        assert not guard.is_stopped
    assert guard.is_stopped


@pytest.mark.parametrize("said", ["print(failure.text, flush=True)", "raise ValueError"])
def test_guard_ends_a_process_that_takes_more_with_its_children_and_says_why(said: str) -> None:
    code = f"""
        import subprocess, sys, time
        from millwright.pipelines.runner.executors.memory import memory_guard

        def tell(failure):
            {said}

        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        print(child.pid, flush=True)
        with memory_guard("300MiB", tell):
            held = [b"x" * 10_000_000 for _ in range(40)]
            time.sleep(60)
        print("went on")
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    pid, *told = done.stdout.splitlines()
    assert done.returncode == 1
    assert [line.partition(" took ")[0] for line in told] == (["MemoryError:"] if "print" in said else [])
    assert held_bytes(int(pid)) == 0
