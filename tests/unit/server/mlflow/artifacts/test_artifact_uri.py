from __future__ import annotations

import pytest

from millwright.server.mlflow.artifacts.artifact_uri import joined, safe_path, tree_path
from millwright.server.mlflow.failure import WireError


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("mlflow-artifacts:/1/r/artifacts", "1/r/artifacts/x"),
        ("mlflow-artifacts://host:5000/1/r/artifacts/", "1/r/artifacts/x"),
        ("mlflow-artifacts:", "x"),
        ("http://host/api/2.0/mlflow-artifacts/artifacts/1/r", "1/r/x"),
        ("https://host/api/2.0/mlflow-artifacts/artifacts", "x"),
    ],
)
def test_uri_of_this_server_is_a_place_in_the_tree(uri, expected):
    assert tree_path(uri, "x") == expected
    assert tree_path(uri) == expected.rpartition("x")[0].rstrip("/")


@pytest.mark.parametrize(
    "uri",
    ["s3://bucket/x", "file:///etc", "/etc", "C:\\x", "", "http://host/other", "dbfs:/x", "http://[::1", "ftp://x/y"],
)
def test_uri_of_another_place_is_never_opened(uri):
    with pytest.raises(WireError, match="this server keeps") as caught:
        tree_path(uri, "x")
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "uri",
    [
        "mlflow-artifacts:/1/../../etc",
        "mlflow-artifacts:/1/%2e%2e/%2e%2e/etc",
        "mlflow-artifacts:/1#/../etc",
        "mlflow-artifacts:/1?x=..",
        "http://host/api/2.0/mlflow-artifacts/artifacts/../../etc",
    ],
)
def test_uri_that_climbs_out_is_refused(uri):
    with pytest.raises(WireError, match="Invalid path"):
        tree_path(uri, "x")


def test_path_is_tidied_and_the_root_is_allowed_where_it_may_be_named():
    assert safe_path("a//b/./c/") == "a/b/c"
    assert safe_path("", root=True) == safe_path(".", root=True) == ""
    for path in ("", ".", "./"):
        with pytest.raises(WireError, match="Invalid path"):
            safe_path(path)


def test_parts_are_added_to_the_path_of_a_uri():
    assert joined("mlflow-artifacts:/1", "r", "artifacts") == "mlflow-artifacts:/1/r/artifacts"
    assert joined("s3://b/p/?region=x#f", "r") == "s3://b/p/r?region=x#f"
