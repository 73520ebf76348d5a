from __future__ import annotations

from dataclasses import replace

import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.server.artifact_folder import model_folder, run_folder


@pytest.fixture
def run(lab):
    return lab.workspace.stores.runs.get_run(lab.first)


@pytest.fixture
def stores(lab):
    return lab.workspace.stores


def test_paths_begin_at_the_owner(lab, stores, run):
    lab.put_file("b/c.txt", b"12")
    folder = run_folder(stores, run)
    assert [found.path for found in folder.children(limit=10)] == ["b"]
    assert [found.path for found in folder.children("b", limit=10)] == ["b/c.txt"]
    assert [found.path for found in folder.walk(10)] == ["b/c.txt"]
    assert folder.get("b/c.txt").size_bytes == 2
    model = stores.logged_models.get(lab.model)
    assert model_folder(stores, model).walk(10) == []


def test_path_never_leads_out(lab, stores, run):
    lab.put_file("x", b"secret", root="2/other/artifacts")
    folder = run_folder(stores, run)
    for path in ("../x", "a/../../x", "%2e%2e/x", "/etc/passwd", "..\\x"):
        with pytest.raises(InvalidInputError):
            folder.get(path)
        with pytest.raises(InvalidInputError):
            folder.children(path, limit=1)
    with pytest.raises(NotFoundError, match="nothing"):
        folder.get("nothing")


@pytest.mark.parametrize("uri", ["s3://bucket/x", "file:///etc", "/etc", "mlflow-artifacts:/"])
def test_place_that_is_not_kept_here_is_told(stores, run, uri):
    with pytest.raises(InvalidInputError, match="Expected"):
        run_folder(stores, replace(run, artifact_uri=uri))
