from __future__ import annotations

from millwright.version import __version__


def test_probes_answer_in_plain_text(control):
    assert control.get("/health").text == "OK"
    assert control.get("/version").text == __version__
