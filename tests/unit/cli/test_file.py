from __future__ import annotations

import pytest

from millwright.cli.file import read_table, require_writable, shown_path, write_file
from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.workspace.workspace import Workspace


@pytest.fixture
def workspace(trained):
    with Workspace.open(trained) as opened:
        yield opened


def test_table_is_read_from_a_file(workspace):
    assert read_table(workspace, str(workspace.folder / "visits.csv")).height == 300


@pytest.mark.parametrize("source", ["visits", "visits@1"])
def test_table_is_read_from_a_dataset(workspace, source):
    assert read_table(workspace, source).columns == ["load", "crew", "days", "late"]


def test_dataset_is_found_although_a_folder_has_its_name(workspace, tmp_path, monkeypatch):
    (tmp_path / "visits").mkdir()
    monkeypatch.chdir(tmp_path)
    assert read_table(workspace, "visits").height == 300


def test_dataset_with_a_dot_in_its_name_is_found(workspace, tmp_path):
    (tmp_path / "t.csv").write_text("a\n1\n", encoding="utf-8")
    workspace.datasets.ingest(str(tmp_path / "t.csv"), "visits.quarantine")
    assert read_table(workspace, "visits.quarantine@1").height == 1


def test_file_that_is_not_there_is_said_to_be_missing(workspace, monkeypatch):
    monkeypatch.chdir(workspace.folder)
    with pytest.raises(InvalidInputError, match=r"vists\.csv") as caught:
        read_table(workspace, "vists.csv")
    assert "visits.csv" in caught.value.hint


def test_dataset_that_is_not_there_names_the_closest(workspace):
    with pytest.raises(NotFoundError) as caught:
        read_table(workspace, "vists")
    assert "visits" in str(caught.value)


def test_file_is_written_and_replaced(tmp_path):
    write_file(str(tmp_path / "a"), b"1")
    write_file(str(tmp_path / "a"), b"2")
    assert (tmp_path / "a").read_bytes() == b"2"


def test_file_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(InvalidInputError, match="Cannot write"):
        write_file(str(tmp_path), b"1")


def test_path_is_shown_as_it_is_typed_from_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert shown_path(tmp_path / "demo" / "report.html") == "demo/report.html"
    assert shown_path(tmp_path.parent / "other") == str(tmp_path.parent / "other")


def test_place_that_can_be_written_is_left_as_it_is(tmp_path):
    (tmp_path / "a").write_bytes(b"1")
    require_writable(str(tmp_path / "a"))
    require_writable(str(tmp_path / "b"))
    assert [place.name for place in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize(("place", "reason"), [(".", "it is a folder"), ("gone/a", "there is no folder")])
def test_place_that_cannot_be_written_is_refused_before_the_work(tmp_path, place, reason):
    with pytest.raises(InvalidInputError, match=reason):
        require_writable(str(tmp_path / place))
