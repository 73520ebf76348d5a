from __future__ import annotations

import json

import pytest

from millwright.core.records.file import FileRecord
from millwright.server.artifact_preview import SHOWN_BYTES, TEXT_BYTES, Preview, image_type, preview
from millwright.storage.catalog import open_stores
from millwright.testing import sample


@pytest.fixture
def artifacts(tmp_path):
    stores = open_stores(
        records_url=f"sqlite:///{tmp_path}/a.db", artifacts_url=str(tmp_path / "a"), predictions_url=str(tmp_path / "p")
    )
    yield stores.artifacts
    stores.close()


@pytest.fixture
def shown(artifacts):
    def show(name: str, data: bytes, size: int | None = None) -> Preview:
        found = FileRecord(
            path=f"x/{name}",
            is_folder=False,
            modified_at=sample.NOON,
            digest=artifacts.put(data),
            size_bytes=len(data) if size is None else size,
        )
        return preview(artifacts, found)

    return show


def test_text_is_shown_up_to_a_limit(shown):
    assert shown("a.log", "ä\n".encode()).text == "ä\n"
    long = shown("a.log", "ä".encode() * TEXT_BYTES)
    assert long.cut
    assert len(long.text) == TEXT_BYTES // 2


def test_json_gets_a_line_for_each_value_and_stays_as_it_is_when_it_is_none(shown):
    assert shown("a.json", b'{"a":[1,null]}').text.splitlines()[1] == '  "a": ['
    assert shown("a.json", b"{oops").text == "{oops"
    deep = ("[" * 100_000).encode()
    assert shown("a.json", deep).text == deep.decode()
    assert json.loads(shown("a.json", '{"ä": NaN}'.encode()).text.replace("NaN", "0")) == {"ä": 0}


def test_table_is_shown_row_by_row(shown):
    found = shown("a.csv", b'name,n\n"a,b",1\nshort\n\n')
    assert found.rows == [["name", "n"], ["a,b", "1"], ["short", ""]]
    assert shown("a.tsv", b"a\tb\n").rows == [["a", "b"]]
    assert shown("a.csv", b"n\n" * 500).cut
    assert shown("a.csv", b"").rows == ()


@pytest.mark.parametrize(
    ("head", "name", "found"),
    [
        (b"\x89PNG\r\n\x1a\n..", "x.txt", "image/png"),
        (b"\xff\xd8\xff\xe0", "x", "image/jpeg"),
        (b"GIF89a", "x", "image/gif"),
        (b"RIFF....WEBP", "x", "image/webp"),
        (b"<?xml?><svg/>", "x.svg", "image/svg+xml"),
        (b"<svg/>", "x.html", ""),
        (b"<html>", "x.png", ""),
    ],
)
def test_image_is_known_by_its_bytes(head, name, found):
    assert image_type(head, name) == found


def test_bytes_are_not_shown(shown):
    assert shown("a.bin", b"\x00\x01") == shown("a.txt", b"\xff\xfe\x00") == shown("e", b"")


def test_page_can_be_opened_apart_unless_it_is_too_large(shown):
    assert shown("a.html", b"<p>x").page
    assert not shown("a.txt", b"<p>x").page
    assert not shown("a.html", b"<p>" * TEXT_BYTES, size=SHOWN_BYTES + 1).page
    assert not shown("a.png", b"\x89PNG\r\n\x1a\n" + b"x" * TEXT_BYTES, size=SHOWN_BYTES + 1).image
