from __future__ import annotations

from millwright.server.mlflow.probe import MLFLOW_VERSION
from millwright.version import __version__


def test_probes_answer_in_plain_text(control):
    assert control.get("/health").text == "OK"
    assert control.get("/version").text == MLFLOW_VERSION
    assert control.json("/openapi.json")["info"]["version"] == __version__
