from __future__ import annotations

import json
import logging
import sys

import pytest

from millwright.server.traffic.log_format import JsonFormatter, fields, log_as_json

HOSTILE = 'a\nb\r\n{"level":"info"}\x1b[31m\x7f\u2028"é'


def line(message: str, **more: object) -> str:
    record = logging.LogRecord("millwright.x", logging.INFO, "x.py", 1, message, (), None)
    for name, value in more.items():
        setattr(record, name, value)
    return JsonFormatter().format(record)


@pytest.mark.parametrize("more", [{}, fields(path=HOSTILE, odd=object())])
def test_record_is_one_line_of_json_whatever_is_in_it(more):
    text = line(HOSTILE, **more)
    assert len(text.splitlines()) == 1
    assert text.isprintable()
    told = json.loads(text)
    assert (told["level"], told["message"]) == ("info", HOSTILE)
    assert told.get("path", HOSTILE) == HOSTILE


def test_traceback_stays_on_the_line():
    try:
        int("x\ny")
    except ValueError:
        text = line("failed", exc_info=sys.exc_info())
    assert len(text.splitlines()) == 1
    assert "ValueError" in json.loads(text)["traceback"]


def test_package_logs_to_standard_error(capsys):
    ours = logging.getLogger("millwright")
    handlers, level = list(ours.handlers), ours.level
    try:
        log_as_json()
        logging.getLogger("millwright.server").warning("hello", extra=fields(request_id="1"))
    finally:
        ours.handlers[:] = handlers
        ours.setLevel(level)
    assert json.loads(capsys.readouterr().err)["request_id"] == "1"
