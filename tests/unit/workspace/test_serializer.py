from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import NotFoundError
from millwright.data.datasets.dataset import Dataset
from millwright.workspace.serializer import DatasetSerializer, dataset_rows
from millwright.workspace.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    with Workspace.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def ingest(workspace, tmp_path):
    def make(text: str) -> Dataset:
        (tmp_path / "t.csv").write_text(text, encoding="utf-8")
        return workspace.datasets.ingest(str(tmp_path / "t.csv"), "homes")

    return make


def test_dataset_passes_as_its_name_version_and_digest(workspace, ingest):
    serializer = DatasetSerializer(workspace.datasets)
    first = ingest("a,b\n1,2\n")
    data = serializer.dumps(first)
    assert b"homes@1" in data
    assert first.record.digest.encode() in data
    assert len(data) < 200
    ingest("a,b\n1,3\n")
    again = serializer.loads(data, Dataset)
    assert again.record == first.record
    assert again.read().equals(first.read())


def test_bytes_differ_when_the_rows_do(workspace, ingest):
    serializer = DatasetSerializer(workspace.datasets)
    first, same, other = ingest("a,b\n1,2\n"), ingest("a,b\n1,2\n"), ingest("a,b\n1,3\n")
    assert serializer.dumps(first) == serializer.dumps(same)
    assert serializer.dumps(first) != serializer.dumps(other)


def test_serializer_handles_datasets_and_nothing_else(workspace):
    serializer = DatasetSerializer(workspace.datasets)
    assert serializer.handles(Dataset)
    assert not serializer.handles(pl.DataFrame)
    assert not serializer.handles(list[Dataset])


def test_dataset_that_is_gone_is_an_error(workspace):
    with pytest.raises(NotFoundError):
        DatasetSerializer(workspace.datasets).loads(b'{"dataset":"homes@1","digest":"x"}', Dataset)


def test_rows_of_a_dataset_stand_in_for_it(ingest):
    assert dataset_rows(ingest("a,b\n1,2\n")).rows() == [("1", "2")]
