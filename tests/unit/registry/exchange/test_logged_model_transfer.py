from __future__ import annotations

import pytest

from millwright.core.progress import SilentProgress
from millwright.registry.exchange.sqlite_place import SqlitePlace
from millwright.registry.exchange.transfer import Transfer

MODEL = "m-" + "1" * 32


@pytest.fixture
def transfer(origin, here):
    """Of an origin with a logged model that has a file and a point."""
    uri = f"mlflow-artifacts:/1/models/{MODEL}/artifacts"
    origin.execute(
        "INSERT INTO logged_models VALUES (?, 1, 'net', ?, 1700000000000, 1700000000001, 2, 'active', '', ?, NULL)",
        *(MODEL, uri, "a" * 32),
    )
    origin.execute(
        "INSERT INTO logged_model_metrics VALUES (?, 'loss', 1700000000000, 0, 0.0, 1, ?, NULL, NULL, NULL)",
        *(MODEL, "a" * 32),
    )
    file = origin.artifacts / "1" / "models" / MODEL / "artifacts" / "MLmodel"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"flavors: {}")
    source = SqlitePlace(origin.path, origin.artifacts)
    yield lambda **options: Transfer(source, here, SilentProgress(), **options).run()
    source.close()


def test_file_that_arrives_changed_is_told_though_it_is_as_long(transfer, here, monkeypatch):
    real = here.logged_models.put_file

    def change(model, experiment_id, file, pieces) -> None:
        real(model, experiment_id, file, [b"".join(pieces).swapcase()])

    monkeypatch.setattr(here.logged_models, "put_file", change)
    report = transfer()
    assert report.differences == [f"Logged model {MODEL} (net) is not equal at here: its files differ: MLmodel."]
    monkeypatch.undo()
    assert transfer().ok


def test_points_that_do_not_arrive_are_told(transfer, stores, monkeypatch):
    real = stores.runs.append_metrics

    def drop(run_id, points) -> None:
        real(run_id, [each for each in points if not each.model_id])

    monkeypatch.setattr(stores.runs, "append_metrics", drop)
    (told,) = transfer().differences
    assert "1 metric points that were measured on it are not there" in told


def test_model_that_does_not_arrive_is_told(transfer, here, monkeypatch):
    monkeypatch.setattr(here.logged_models, "put", lambda *_: None)
    (told,) = transfer().differences
    assert "it is not there" in told


def test_files_are_left_out_when_asked_and_come_later(transfer):
    without = transfer(with_artifacts=False)
    assert (without.ok, without.carried["logged_models"], without.seen["files"]) == (True, 1, 0)
    assert transfer(with_artifacts=False).carried["logged_models"] == 0
    assert transfer().carried["logged_models"] == 1
    assert transfer().carried["logged_models"] == 0
