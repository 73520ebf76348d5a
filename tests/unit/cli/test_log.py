from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from millwright.cli.log import show_log

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGGER = logging.getLogger("millwright.some.room")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    package = logging.getLogger("millwright")
    handlers, level = list(package.handlers), package.level
    yield
    package.handlers[:] = handlers
    package.setLevel(level)


def _fail() -> None:
    try:
        int("one\ntwo")
    except ValueError:
        LOGGER.warning("It failed", exc_info=True)


def test_warning_is_one_line_with_its_cause(capsys):
    show_log(debug=False)
    _fail()
    LOGGER.info("not told")
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert err.startswith("Warning: It failed (ValueError: invalid literal")


def test_debug_shows_tracebacks_and_everything_else(capsys):
    show_log(debug=True)
    _fail()
    LOGGER.debug("told")
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert "Debug: told" in err


def test_log_is_shown_once_however_often_it_is_asked_for(capsys):
    show_log(debug=True)
    show_log(debug=False)
    LOGGER.warning("once")
    assert capsys.readouterr().err == "Warning: once\n"
