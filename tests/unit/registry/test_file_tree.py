from __future__ import annotations

from dataclasses import replace

from millwright.registry.file_tree import move_files, name_documents, name_files, remove_files, version_location
from millwright.testing import sample


def paths(stores):
    return {file.path: file.size_bytes for file in stores.files.walk("registry")}


def test_package_and_documents_are_named_moved_and_removed(stores):
    card = stores.artifacts.put(b"card")
    version = sample.model_version("a", version=2, size_bytes=5, documents={"card.md": card})
    name_files(stores.files, stores.artifacts, version, sample.NOON)
    name_documents(stores.files, stores.artifacts, version, {"gates.json": card}, sample.NOON)
    sizes = {"package.zip": 5, "card.md": 4, "gates.json": 4}
    assert paths(stores) == {f"registry/a/2/{name}": size for name, size in sizes.items()}
    move_files(stores.files, version, "b", sample.NOON)
    assert paths(stores) == {f"registry/b/2/{name}": size for name, size in sizes.items()}
    remove_files(stores.files, replace(version, name="b"))
    assert paths(stores) == {}


def test_version_by_source_names_no_files_here(stores):
    version = sample.model_version("a", package=None, source="s3://x")
    name_files(stores.files, stores.artifacts, version, sample.NOON)
    name_documents(stores.files, stores.artifacts, version, version.documents, sample.NOON)
    remove_files(stores.files, version)
    assert paths(stores) == {}
    assert version_location(version) == "s3://x"
    assert version_location(replace(version, location="s3://y")) == "s3://y"
