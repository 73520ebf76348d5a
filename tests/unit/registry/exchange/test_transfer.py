from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import InvalidInputError, StorageError
from millwright.core.progress import SilentProgress
from millwright.registry.exchange.sqlite_place import SqlitePlace
from millwright.registry.exchange.transfer import Transfer

if TYPE_CHECKING:
    from millwright.registry.exchange.content import Version


def test_file_that_arrives_changed_is_told(origin, here, monkeypatch):
    real = here.put_file
    monkeypatch.setattr(here, "put_file", lambda own, path, pieces: real(own, path, iter([*pieces, b"more"])))
    report = Transfer(SqlitePlace(origin.path, origin.artifacts), here, SilentProgress()).run()
    assert not report.ok
    assert "its files differ: a b ü.txt, model/MLmodel" in report.differences[0]


def test_points_that_are_lost_are_told(origin, here, stores, monkeypatch):
    real = stores.runs.append_metrics
    monkeypatch.setattr(stores.runs, "append_metrics", lambda run_id, points: real(run_id, points[1:]))
    report = Transfer(SqlitePlace(origin.path, origin.artifacts), here, SilentProgress()).run()
    assert "304 metric points were carried, 303 are there" in report.differences[0]


def test_files_are_left_out_when_asked(origin, here, stores):
    report = Transfer(SqlitePlace(origin.path, origin.artifacts), here, SilentProgress(), with_artifacts=False).run()
    assert report.ok
    assert report.seen["files"] == 0
    assert list(stores.files.walk()) == []


def test_place_that_goes_away_ends_it(origin, here, monkeypatch):
    def away(*_: object) -> None:
        raise StorageError("The disk is away.")

    monkeypatch.setattr(here, "put_file", away)
    with pytest.raises(StorageError, match="disk is away"):
        Transfer(SqlitePlace(origin.path, origin.artifacts), here, SilentProgress()).run()


def test_version_that_is_refused_is_told_and_the_others_are_carried(origin, here, stores, monkeypatch):
    real = here.put_version

    def refuse(version: Version) -> bool:
        if version.version == 1:
            raise InvalidInputError("Not this one.")
        return real(version)

    monkeypatch.setattr(here, "put_version", refuse)
    report = Transfer(SqlitePlace(origin.path, origin.artifacts), here, SilentProgress()).run()
    assert report.differences[0] == "Version 1 of the model delay could not be carried: Not this one."
    assert [version.version for version in stores.models.list_versions("delay")] == [3]
