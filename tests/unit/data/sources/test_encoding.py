from __future__ import annotations

import codecs

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.sources.encoding import to_utf8

TEXT = "näme,cost\nJosé,5\nZoë,7\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("latin-1"),
        TEXT.replace("\n", "\r").encode(),
    ],
    ids=["utf-8", "utf-8 marked", "utf-16", "utf-16-be marked", "utf-16-le", "utf-16-be", "latin-1", "old Mac"],
)
def test_text_is_the_same_in_every_encoding(data: bytes) -> None:
    assert to_utf8(data, "x.csv").decode() == TEXT


def test_text_of_windows_keeps_its_signs() -> None:
    assert to_utf8("price\n5 €\n".encode("cp1252"), "x.csv").decode() == "price\n5 €\n"


def test_text_with_bytes_that_windows_does_not_use_counts_as_latin_1() -> None:
    assert to_utf8(b"a\n\x81\xe9\n", "x.csv").decode() == "a\n\x81é\n"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n", "picture"),
        (b"<!DOCTYPE html><html>", "HTML page"),
        (b"<?xml version='1.0'?>", "XML"),
        (bytes(range(256)) * 10, "no text"),
        (b"a,b\n1,\x00\n", "no text"),
        (b"\xff\xfea", "no text"),
    ],
)
def test_file_that_is_no_text_is_refused_by_what_it_is(data: bytes, found: str) -> None:
    with pytest.raises(InvalidInputError, match=r"Expected a table in x\.csv") as caught:
        to_utf8(data, "x.csv")
    assert found in caught.value.message
    assert caught.value.hint
