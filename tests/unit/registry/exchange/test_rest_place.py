"""Against our own server; MLflow's own is spoken to in `tests/e2e/mlflow`."""

from __future__ import annotations

from contextlib import closing

import pytest

from millwright.core.progress import SilentProgress
from millwright.registry.exchange.content import DONE_TAG, ORIGIN_TAG
from millwright.registry.exchange.rest_place import RestPlace
from millwright.registry.exchange.sqlite_place import SqlitePlace
from millwright.registry.exchange.transfer import Transfer

FIRST, SECOND, GONE = "a" * 32, "b" * 32, "c" * 32


def test_everything_goes_to_a_server_and_comes_back(origin, here, stores, served_url):
    source = SqlitePlace(origin.path, origin.artifacts)
    with closing(RestPlace(served_url)) as place:
        report = Transfer(source, place, SilentProgress()).run()
        assert report.differences == []
        assert (report.carried["runs"], report.verified) == (3, 3)
        again = Transfer(source, place, SilentProgress()).run()
        assert again.differences == []
        assert again.present == 3
        assert not any(again.carried.values())
        experiments = {each.name: each for each in place.iter_experiments()}
        assert experiments["gone"].deleted
        assert experiments["größe"].tags == {"team": "🏗️"}
        runs = {run.tags[ORIGIN_TAG]: run for run in place.iter_runs(experiments["größe"].id)}
        assert set(runs) == {FIRST, SECOND}
        assert all(DONE_TAG in run.tags for run in runs.values())
        first = runs[FIRST]
        (oldest, newest) = place.iter_versions("delay")
        assert (oldest.version, oldest.stage, newest.version) == (1, "Production", 3)
        assert newest.run_id == first.id
        assert newest.source == f"{first.artifact_uri}/model"
        back = Transfer(place, here, SilentProgress()).run()
        assert back.differences == []
        assert back.carried["points"] == 304
    assert [version.version for version in stores.models.list_versions("delay")] == [3, 1]


def test_run_that_was_interrupted_is_completed_without_a_second_one(origin, served_url, monkeypatch):
    source = SqlitePlace(origin.path, origin.artifacts)
    with closing(RestPlace(served_url)) as place:
        with monkeypatch.context() as patched:

            def stop(*_: object) -> None:
                raise KeyboardInterrupt

            patched.setattr(place, "put_file", stop)
            with pytest.raises(KeyboardInterrupt):
                Transfer(source, place, SilentProgress()).run()
        with closing(RestPlace(served_url)) as later:
            report = Transfer(source, later, SilentProgress()).run()
            assert report.differences == []
            assert report.carried["runs"] == 3
            experiment = next(each.id for each in later.iter_experiments() if each.name == "größe")
            assert len(list(later.iter_runs(experiment))) == 2
