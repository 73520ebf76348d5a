from __future__ import annotations

import pytest


class Notes:
    def __init__(self) -> None:
        self.seen = []

    def answered(self, observed) -> None:
        self.seen.append(observed)

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def notes(serving) -> Notes:
    found = Notes()
    serving.state.observers = (found,)
    return found


def test_observer_is_told_of_an_answer(serving, notes, row):
    reply = serving.post("/predict", row)
    (seen,) = notes.seen
    assert (seen.method, seen.path, seen.label, seen.status, seen.error) == ("POST", "/predict", "predict", 200, "")
    assert (seen.size, seen.request_id) == (len(reply.body), reply.headers["x-request-id"])
    assert seen.prediction.ids == [reply.headers["x-prediction-id"]]
    assert (seen.arm.served.version, seen.endpoint) == (1, "site")
    assert seen.body_size > 0
    assert 0 < seen.seconds < 10


def test_observer_is_told_of_a_refusal(serving, notes):
    serving.get("/nowhere")
    serving.post("/predict", {"days": "x"})
    first, second = notes.seen
    assert (first.label, first.status, first.error, first.arm) == ("none", 404, "not_found", None)
    assert (second.label, second.status, second.error, second.prediction) == ("predict", 422, "invalid_input", None)
    assert second.arm.served.version == 1
