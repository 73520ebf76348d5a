from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from millwright.core.forking import forker as module
from unit.core.forking.conftest import ask, only_on_linux

PATIENCE_S = 60


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pid: int) -> bool:
    give_up = time.monotonic() + PATIENCE_S
    while is_alive(pid) and time.monotonic() < give_up:
        time.sleep(0.01)
    return not is_alive(pid)


@pytest.mark.parametrize("can_fork", [pytest.param(True, marks=only_on_linux), False])
def test_process_begins_here_in_a_session_of_its_own_and_tells_how_it_ended(forker, can_fork, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "CAN_FORK", can_fork)
    monkeypatch.chdir(tmp_path)
    with forker().start() as process:
        assert ask(process, "os.getpid()") == str(process.pid)
        assert ask(process, "os.getsid(0) == os.getpid(), os.getcwd()") == str((True, str(tmp_path)))
        assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.01)
        assert ask(process, "os._exit(7)") == ""
        assert process.wait(PATIENCE_S) == 7
    assert process.returncode == 7
    process.kill()  # once more does no harm


@only_on_linux
def test_what_is_loaded_is_loaded_once_and_processes_are_apart(forker):
    made = forker("colorsys")
    with made.start() as first, made.start() as second:
        origin = ask(first, "os.environ['LOADED_BY']")
        assert origin == ask(second, "os.environ['LOADED_BY']")
        assert int(origin) not in {first.pid, second.pid}
        assert ask(first, "'colorsys' in sys.modules") == "True"
        assert ask(first, "os.environ.update(A='1'), sys.modules.update(mine=1)")
        assert ask(second, "'A' in os.environ, 'mine' in sys.modules") == "(False, False)"
        first.stdin.close()
        second.stdin.close()


@only_on_linux
def test_processes_draw_other_random_numbers(forker):
    pytest.importorskip("numpy")
    made = forker("random", "numpy.random")
    with made.start() as first, made.start() as second:
        for draw in ("random.random()", "sys.modules['numpy.random'].random()"):
            assert ask(first, draw) != ask(second, draw)
        first.stdin.close()
        second.stdin.close()


@only_on_linux
def test_what_is_prepared_is_what_the_next_process_begins_as(forker):
    made = forker("colorsys")
    made.prepare()
    made.prepare()
    with made.start() as process:
        assert ask(process, "'colorsys' in sys.modules") == "True"
        process.stdin.close()


@only_on_linux
def test_what_is_learned_later_is_there_from_the_beginning(forker):
    made = forker()
    with made.start() as process:
        process.stdin.close()
    made.load(["colorsys", "there_is_no_such_module"])
    give_up = time.monotonic() + PATIENCE_S
    found = ""
    while found != "True" and time.monotonic() < give_up:
        with made.start() as process:
            found = ask(process, "'colorsys' in sys.modules")
            process.stdin.close()
    assert found == "True"


@only_on_linux
def test_changed_environment_reaches_the_next_process_and_leaves_the_others(forker, monkeypatch):
    made = forker()
    with made.start() as before:
        monkeypatch.setenv("MILLWRIGHT_TEST_FORKER", "1")
        with made.start() as after:
            for process, value in ((before, "None"), (after, "1")):
                assert ask(process, "os.environ.get('MILLWRIGHT_TEST_FORKER')") == value
                process.stdin.close()
                assert process.wait(PATIENCE_S) == 0


@only_on_linux
def test_installed_library_is_loaded_anew(forker, monkeypatch, tmp_path):
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    made = forker()
    origins = set()
    for name in ("one.py", "two.py"):
        (site / name).write_text("", encoding="utf-8")
        os.utime(site, ns=(len(name) + len(origins), 1 + len(origins)))  # as if time had gone by
        with made.start() as process:
            origins.add(ask(process, "os.environ['LOADED_BY']"))
            process.stdin.close()
    assert len(origins) == 2


@only_on_linux
def test_death_of_the_origin_ends_its_processes_and_costs_the_next_nothing(forker):
    made = forker()
    with made.start() as process:
        os.kill(int(ask(process, "os.environ['LOADED_BY']")), signal.SIGKILL)
        assert process.wait(PATIENCE_S) == -signal.SIGKILL
        assert gone(process.pid)
    with made.start() as process:
        assert ask(process, "1 + 1") == "2"
        process.stdin.close()


@only_on_linux
def test_origin_ends_with_whoever_started_it(tmp_path, forker):
    forker()
    code = (
        "import os, sys; from millwright.core.forking.forker import Forker\n"
        "process = Forker('worked:main', (), (sys.argv[1],)).start()\n"
        "process.stdin.write(b\"os.environ['LOADED_BY']\\n\"); process.stdin.flush()\n"
        "print(process.stdout.readline().decode(), process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    told = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    origin, process = map(int, told.stdout.split())
    assert gone(origin)
    assert gone(process)  # its input has ended


@only_on_linux
def test_close_kills_what_is_left(forker):
    made = forker()
    process = made.start()
    assert ask(process, "2") == "2"
    made.close()
    assert process.wait(PATIENCE_S) == -signal.SIGKILL
    assert gone(process.pid)
    with process:
        pass
    made.close()


@only_on_linux
def test_error_of_a_process_is_its_own(forker, capfd):
    with forker().start() as process:
        assert ask(process, "1 / 0") == ""
        assert process.wait(PATIENCE_S) == 1
    assert "ZeroDivisionError" in capfd.readouterr().err
