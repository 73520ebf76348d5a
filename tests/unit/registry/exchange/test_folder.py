from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.registry.exchange.folder import ArtifactFolder
from millwright.registry.exchange.place import UnreachableError


def test_files_below_a_uri_are_listed_and_read(tmp_path):
    (tmp_path / "1" / "a" / "b").mkdir(parents=True)
    (tmp_path / "1" / "a" / "b" / "x.txt").write_bytes(b"x" * 3_000_000)
    (tmp_path / "1" / "a" / "y.txt").write_bytes(b"")
    folder = ArtifactFolder(tmp_path)
    for uri in ("mlflow-artifacts:/1/a", (tmp_path / "1" / "a").as_uri(), str(tmp_path / "1" / "a"), "1/a"):
        assert [(file.path, file.size_bytes) for file in folder.list_files(uri)] == [
            ("b/x.txt", 3_000_000),
            ("y.txt", 0),
        ]
        assert b"".join(folder.read_file(uri, "b/x.txt")) == b"x" * 3_000_000
    assert folder.list_files("mlflow-artifacts:/1/none") == []


def test_nothing_outside_is_read(tmp_path):
    root = tmp_path / "root"
    (root / "1").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("secret")
    (root / "1" / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "out").symlink_to(tmp_path)
    folder = ArtifactFolder(root)
    for uri in ("mlflow-artifacts:/out", "file:///", "/", "..", "1\0", "mlflow-artifacts:/1/..%2f..", "", "s3://x"):
        with pytest.raises(UnreachableError):
            folder.list_files(uri)
    with pytest.raises(UnreachableError, match="is a link"):
        list(folder.read_file("1", "link.txt"))
    with pytest.raises(InvalidInputError):
        list(folder.read_file("1", "../../secret.txt"))
    with pytest.raises(UnreachableError, match="--artifacts"):
        ArtifactFolder(None).list_files("mlflow-artifacts:/1")
