"""A bare row by the shortest way, beside the same row by the way of all requests, on a real compiled model."""

from __future__ import annotations

import json
from typing import Any

import pytest

from millwright.deployment.realtime.arm import Arm, LineUp
from millwright.deployment.realtime.loader import load_served
from millwright.deployment.realtime.quick_row import QuickRow

ROW = {"days": 45.0, "crews": 3, "borough": "Queens"}


@pytest.fixture
def compiled(serving, workspace) -> Any:
    served = load_served(workspace.registry.resolve("delay@champion"), workspace.stores.artifacts)
    assert served.single is not None
    serving.slot.replace(served)
    return serving


def ask(serving: Any, value: Any) -> Any:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return QuickRow(serving.state).answer(serving.slot, serving.slot.current, body, "r", 0.0)


def test_row_is_answered_and_logged_as_on_the_usual_way(compiled):
    body, identifier, seconds = ask(compiled, ROW)
    usual = compiled.post("/predict", ROW)
    assert usual.status == 200
    assert list(json.loads(body)) == list(usual.json)
    assert {**json.loads(body), "prediction_id": ""} == {**usual.json, "prediction_id": ""}
    assert json.loads(body)["prediction_id"] == identifier
    assert compiled.state.stats.predictions == {("delay", 1): 2}
    mine, other = compiled.close()
    assert mine.id == identifier
    assert (mine.request_id, mine.latency_ms) == ("r", pytest.approx(seconds * 1e3))
    for name in ("endpoint", "model", "version", "at", "features", "outputs", "key"):
        assert getattr(mine, name) == getattr(other, name)


@pytest.mark.parametrize(
    "body", [[ROW], {"rows": [ROW]}, {**ROW, "days": "many"}, {**ROW, "more": 1}, b"{", b"", {"days": 1}]
)
def test_what_is_no_bare_row_that_fits_is_left_to_the_usual_way(compiled, body):
    assert ask(compiled, body) is None
    assert compiled.state.stats.predictions == {}
    assert compiled.close() == []


def test_model_without_a_short_way_is_left_to_the_usual_way(serving, row):
    assert ask(serving, row) is None


def test_model_that_fails_is_left_to_the_usual_way(compiled):
    class Broken:
        def predict(self, values: Any) -> Any:
            raise ZeroDivisionError(values)

    compiled.slot.current.single = Broken()
    assert ask(compiled, ROW) is None
    assert compiled.state.stats.predictions == {}


def test_quick_path_takes_it_unless_somebody_looks_on(compiled, monkeypatch):
    asked: list[bytes] = []
    answer = QuickRow.answer

    def noting(self: QuickRow, slot: Any, served: Any, body: bytes, *rest: Any) -> Any:
        asked.append(body)
        return answer(self, slot, served, body, *rest)

    monkeypatch.setattr(QuickRow, "answer", noting)
    path, body = compiled.app.quick, json.dumps(ROW).encode()
    head = {b"content-type": b"application/json", b"content-length": b"%d" % len(body)}
    quick = path.find(b"/predict", head)

    def post() -> bytes:
        found: bytes = path.answer(quick, list(head.items()), b"r", body, None, [(b"date", b"today")])
        return found

    at_once = post()
    assert len(asked) == 1

    class Mirror:
        def offer(self, *args: Any) -> None:
            """Looks on."""

    compiled.slot.lineup = LineUp(Arm(compiled.slot.current), mirror=Mirror())
    usual = post()
    assert len(asked) == 1
    assert [line.split(b": ")[0] for line in at_once.split(b"\r\n")[:-1]] == [
        line.split(b": ")[0] for line in usual.split(b"\r\n")[:-1]
    ]
    assert compiled.state.stats.routes["predict", "POST", 200].count == 2


def test_known_head_is_not_answered_at_once_while_the_server_ends_or_has_too_much_to_do(compiled):
    path, body = compiled.app.quick, json.dumps(ROW).encode()
    head = {b"content-type": b"application/json", b"content-length": b"%d" % len(body)}
    path.remember(b"head", path.find(b"/predict", head), [], len(body))
    known = path.known[b"head"]
    assert path.answer_known(known, body, []).startswith(b"HTTP/1.1 200")
    compiled.app.admission._most = 0
    assert path.answer_known(known, body, []) is None
    compiled.app.admission._most = 1
    compiled.state.draining = True
    assert path.answer_known(known, body, []) is None
    assert [each.count for each in compiled.state.stats.routes.values()] == [1]
