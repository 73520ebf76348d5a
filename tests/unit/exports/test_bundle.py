from __future__ import annotations

import json
from dataclasses import replace

import pytest

from millwright.core.digest import digest_bytes
from millwright.core.errors import ConflictError, IntegrityError, InvalidInputError, NotFoundError, StoreVersionError
from millwright.core.ids import ModelVersionId, new_id
from millwright.exports.bundle import is_bundle, make_bundle, put_bundle, read_bundle
from millwright.storage.catalog import open_stores


@pytest.fixture
def stores(tmp_path):
    opened = open_stores(
        records_url=f"sqlite:///{tmp_path / 'records.db'}",
        artifacts_url=str(tmp_path / "artifacts"),
        predictions_url=str(tmp_path / "predictions"),
    )
    yield opened
    opened.close()


@pytest.fixture
def folder(late_visit, tmp_path):
    """A bundle as it is written."""
    place = tmp_path / "model"
    place.mkdir()
    for name, content in make_bundle(*late_visit).files().items():
        (place / name).write_bytes(content)
    return place


def test_bundle_comes_back_as_it_was_without_documents(late_visit, folder):
    record, package = late_visit
    assert record.documents
    assert is_bundle(folder)
    found = read_bundle(folder)
    assert found.record == replace(record, documents={})
    assert found.package == package


def test_bundle_has_the_same_bytes_each_time(late_visit):
    assert make_bundle(*late_visit).files() == make_bundle(*late_visit).files()


def test_bundle_of_another_package_is_refused(late_visit):
    with pytest.raises(IntegrityError, match="late-visit@1"):
        make_bundle(late_visit[0], late_visit[1] + b"x")


def test_version_without_a_package_is_refused(late_visit):
    with pytest.raises(InvalidInputError, match="MLflow client"):
        make_bundle(replace(late_visit[0], package=None), late_visit[1])


def test_folder_without_a_bundle_says_how_to_make_one(tmp_path):
    assert not is_bundle(tmp_path)
    with pytest.raises(NotFoundError, match="mw export docker"):
        read_bundle(tmp_path)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("{", IntegrityError, "describe a model version"),
        ('{"format": 1}', IntegrityError, "describe a model version"),
        ('{"format": 1, "record": {"name": 3}}', IntegrityError, "describe a model version"),
        ('{"format": 2}', StoreVersionError, "Upgrade Millwright"),
    ],
)
def test_description_that_does_not_read_is_told(folder, text, error, message):
    (folder / "bundle.json").write_text(text, encoding="utf-8")
    with pytest.raises(error, match=message):
        read_bundle(folder)


def test_exchanged_package_is_told(folder):
    (folder / "package.zip").write_bytes(b"PK")
    with pytest.raises(IntegrityError, match="exchanged"):
        read_bundle(folder)


def test_lacking_package_is_told(folder):
    (folder / "package.zip").unlink()
    with pytest.raises(NotFoundError, match=r"no package\.zip"):
        read_bundle(folder)


def test_bundle_keeps_its_number_and_id_in_stores_of_its_own(late_visit, stores):
    record = replace(late_visit[0], version=7)
    bundle = make_bundle(record, late_visit[1])
    put_bundle(bundle, stores)
    put_bundle(bundle, stores)
    found = stores.models.get_version("late-visit", 7)
    assert (found.ref, found.id, found.signature) == ("late-visit@7", record.id, record.signature)
    assert [each.version for each in stores.models.list_versions("late-visit")] == [7]
    assert stores.artifacts.get(record.package) == late_visit[1]


def test_bundle_does_not_take_a_number_that_another_package_has(late_visit, stores):
    put_bundle(make_bundle(replace(late_visit[0], version=2, id=ModelVersionId(new_id())), late_visit[1]), stores)
    with pytest.raises(ConflictError, match="late-visit@1 to be the next version"):
        put_bundle(make_bundle(late_visit[0], late_visit[1]), stores)
    assert [each.version for each in stores.models.list_versions("late-visit")] == [2]


def test_versions_of_one_model_stand_beside_each_other(late_visit, stores):
    for number in (3, 4):
        package = late_visit[1] + bytes(number)  # what is in it does not matter here
        record = replace(late_visit[0], version=number, id=ModelVersionId(new_id()), package=digest_bytes(package))
        put_bundle(make_bundle(record, package), stores)
    assert [each.version for each in stores.models.list_versions("late-visit")] == [4, 3]


def test_description_is_json_that_people_read(folder):
    described = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
    assert (described["format"], described["record"]["name"]) == (1, "late-visit")
    assert "\n  " in (folder / "bundle.json").read_text(encoding="utf-8")
