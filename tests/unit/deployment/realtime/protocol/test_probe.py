from __future__ import annotations

import pytest


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/startupz"])
def test_probes_answer_ok(serving, path):
    response = serving.get(path)
    assert (response.status, response.body) == (200, b"ok")
    assert serving.ask("HEAD", path).status == 200


def test_process_that_ends_is_alive_and_not_ready(serving):
    serving.state.draining = True
    assert serving.get("/livez").status == 200
    assert serving.get("/startupz").status == 200
    response = serving.get("/readyz")
    assert (response.status, response.body) == (503, b"draining")
