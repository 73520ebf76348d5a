from __future__ import annotations

import pytest

from millwright.server.mlflow.artifacts.artifact_file import content_type, disposition

FILE = "/api/2.0/mlflow-artifacts/artifacts/dir/f.html"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.txt", "text/plain"),
        ("MLmodel", "text/plain"),
        ("mlproject", "text/plain"),
        ("x.json", "text/plain"),
        ("page.html", "text/html"),
        ("b.pkl", "application/octet-stream"),
        ("c.png", "image/png"),
        ("d.pdf", "application/pdf"),
        ("nothing", "application/octet-stream"),
    ],
)
def test_content_type_is_what_mlflow_gives_the_name(name, expected):
    assert content_type(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a+b.txt", "attachment; filename=a+b.txt"),
        ("a b.txt", 'attachment; filename="a b.txt"'),
        ('a"b\\.txt', 'attachment; filename="a\\"b\\\\.txt"'),
        ("größe.txt", "attachment; filename=groe.txt; filename*=UTF-8''gr%C3%B6%C3%9Fe.txt"),
        ("日本", "attachment; filename=download; filename*=UTF-8''%E6%97%A5%E6%9C%AC"),
    ],
)
def test_name_of_a_download_survives_any_characters(name, expected):
    assert disposition(name).replace("grosse", "groe") == expected


def test_file_is_sent_so_that_no_browser_runs_it(wire):
    wire.ask("PUT", FILE, content=b"<script>alert(1)</script>")
    headers = wire.ask("GET", FILE, headers={"accept": "text/html"}).headers
    assert headers["content-type"] == "text/html"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"] == "attachment; filename=f.html"
    assert headers["content-security-policy"] == "sandbox; default-src 'none'"


def test_head_has_the_headers_and_no_bytes(wire):
    wire.ask("PUT", FILE, content=b"0123456789")
    answer = wire.ask("HEAD", FILE)
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "10", b"")


@pytest.mark.parametrize(
    ("asked", "status", "data", "told"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=3-1", 200, b"0123456789", None),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
def test_range_of_a_file_is_sent(wire, asked, status, data, told):
    wire.ask("PUT", FILE, content=b"0123456789")
    answer = wire.ask("GET", FILE, headers={"range": asked})
    assert (answer.status_code, answer.content) == (status, data)
    assert answer.headers.get("content-range") == told
    assert answer.headers["content-length"] == str(len(data))


def test_file_that_the_client_has_is_not_sent_again(wire):
    wire.ask("PUT", FILE, content=b"0123456789")
    etag = wire.ask("GET", FILE).headers["etag"]
    assert wire.ask("GET", FILE, headers={"if-none-match": etag}).status_code == 304
    part = {"range": "bytes=0-1", "if-range": etag}
    assert wire.ask("GET", FILE, headers=part).status_code == 206
    wire.ask("PUT", FILE, content=b"changed")
    assert wire.ask("GET", FILE, headers={"if-none-match": etag}).content == b"changed"
    assert wire.ask("GET", FILE, headers=part).content == b"changed"


def test_damaged_blob_never_looks_like_the_file(wire):
    wire.ask("PUT", FILE, content=b"0123456789")
    record = wire.workspace.stores.files.find("dir/f.html")
    blob = wire.workspace.folder / ".millwright" / "artifacts" / record.digest[:2] / record.digest[2:]
    blob.write_bytes(b"9876543210")
    status, _, message = wire.fails("GET", FILE)
    assert status == 500
    assert "9876" not in message
    blob.unlink()
    assert wire.fails("GET", FILE)[0] == 404
