# ruff: noqa: T201, PT012 - what is tested is printing, and errors raised within a context
from __future__ import annotations

import logging
import sys
import threading
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

import pytest

from millwright.pipelines.runner.observation import observe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TextIO

    from millwright.pipelines.context import StepContext

    Make = Callable[..., StepContext]


def test_printed_text_goes_to_the_log_and_not_to_the_terminal(
    context: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    print("before")
    with observe(context()) as seen:
        print("out", 1)
        print("err", file=sys.stderr)
        sys.stdout.buffer.write(b"raw\n")
        sys.stdout.flush()
    print("after")
    assert seen.log_bytes() == b"out 1\nerr\nraw\n"
    assert capsys.readouterr().out == "before\nafter\n"


def test_streams_are_those_of_before_at_the_end(context: Make) -> None:
    before = sys.stdout, sys.stderr
    with pytest.raises(ValueError, match="x"), observe(context()):
        assert sys.stdout is not before[0]
        raise ValueError("x")
    assert (sys.stdout, sys.stderr) == before


def test_stream_says_what_it_is(context: Make) -> None:
    with observe(context()):
        assert sys.stdout.isatty() is False
        assert sys.stdout.encoding == "utf-8"
        assert sys.stdout.writable()


def test_text_that_has_no_encoding_is_escaped(context: Make) -> None:
    with observe(context()) as seen:
        print("\udc80")
    assert seen.log_bytes() == b"\\udc80\n"


def test_records_from_info_on_are_written_with_their_time(context: Make) -> None:
    with observe(context()) as seen:
        logging.getLogger("mine").debug("no")
        logging.getLogger("mine.part").info("rows %d", 3)
        try:
            _ = 1 / 0
        except ZeroDivisionError:
            logging.getLogger("mine").exception("broken")
    lines = seen.log_bytes().decode().splitlines()
    assert lines[0].endswith("Z INFO mine.part: rows 3")
    assert lines[0][:4].isdigit()
    assert lines[1].endswith("Z ERROR mine: broken")
    assert lines[-1] == "ZeroDivisionError: division by zero"


def test_record_that_cannot_be_formatted_does_not_end_the_step(context: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    with observe(context()) as seen:
        logging.getLogger("mine").info("%d", "no number")
        print("on")
    assert seen.log_bytes() == b"on\n"


def test_level_of_the_root_logger_is_that_of_before(context: Make) -> None:
    root = logging.getLogger()
    before, handlers = root.level, list(root.handlers)
    with observe(context()):
        assert root.level <= logging.INFO
    assert (root.level, root.handlers) == (before, handlers)


def test_handlers_of_the_terminal_are_silent_and_those_of_files_are_not(
    context: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logger = logging.getLogger("chatty")
    terminal, file = logging.StreamHandler(sys.stderr), logging.FileHandler(tmp_path / "log")
    for handler in (terminal, file):
        logger.addHandler(handler)
    try:
        with observe(context()) as seen:
            logger.warning("within")
            logger.info("only for us")
        logger.warning("outside")
    finally:
        for handler in (terminal, file):
            logger.removeHandler(handler)
            handler.close()
    assert b"WARNING chatty: within" in seen.log_bytes()
    assert b"INFO chatty: only for us" in seen.log_bytes()
    assert capsys.readouterr().err == "outside\n"
    assert (tmp_path / "log").read_text() == "within\noutside\n"


def test_threads_of_a_step_belong_to_it(context: Make) -> None:
    with observe(context()) as seen:
        thread = threading.Thread(target=print, args=("from a thread",))
        thread.start()
        thread.join()
    assert seen.log_bytes() == b"from a thread\n"


def test_thread_of_a_step_is_its_own_with_the_number_of_one_that_has_ended(context: Make) -> None:
    ended = threading.Event()
    before = threading.Thread(target=ended.wait)
    before.start()
    with observe(context()) as seen:
        ended.set()
        before.join()
        number = before.ident
        started = 0
        while started < 200:  # the system gives the number again at once, nearly always
            started += 1
            thread = threading.Thread(target=print, args=("from a thread",))
            thread.start()
            thread.join()
            if thread.ident == number:
                break
    assert seen.log_bytes().endswith(b"from a thread\n")
    assert seen.log_bytes().count(b"\n") == started


def test_threads_that_were_there_before_do_not(context: Make, capsys: pytest.CaptureFixture[str]) -> None:
    go, done = threading.Event(), threading.Event()

    def other() -> None:
        go.wait(30)
        print("from elsewhere")
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with observe(context()) as seen:
        go.set()
        done.wait(30)
    thread.join()
    assert seen.log_bytes() == b""
    assert capsys.readouterr().out == "from elsewhere\n"


def test_steps_side_by_side_have_logs_of_their_own(context: Make) -> None:
    both, logs = threading.Barrier(2), {}

    def step(name: str) -> None:
        with observe(context(name=name)) as seen:
            both.wait(30)
            for _ in range(100):
                print(name)
                logging.getLogger(name).warning("%s logs", name)
            both.wait(30)
        logs[name] = seen.log_bytes().decode().splitlines()

    threads = [threading.Thread(target=copy_context().run, args=(step, name)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in ("one", "two"):
        assert len(logs[name]) == 200
        assert all(name in line for line in logs[name])


def test_whoever_wraps_the_stream_for_good_keeps_it(
    context: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Tee:
        def __init__(self, stream: TextIO) -> None:
            self.write, self.flush = stream.write, stream.flush

    monkeypatch.setattr(sys, "stdout", sys.stdout)
    with observe(context()) as seen:
        tee: Any = Tee(sys.stdout)
        sys.stdout = tee
        print("within")
    print("after")
    assert seen.log_bytes() == b"within\n"
    assert capsys.readouterr().out == "after\n"
