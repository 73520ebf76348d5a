from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from litestar.testing import TestClient

from millwright.server.app import build_app
from millwright.server.options import ServerOptions
from millwright.server.service import services_of
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

BASE = "/api/2.0/mlflow-artifacts"
INVALID = (400, "INVALID_PARAMETER_VALUE", "Invalid path")


def begin(wire, count=2, path="dir", name="/srv/ada/a b.bin"):
    return wire.post(f"{BASE}/mpu/create/{path}", {"path": name, "num_parts": count})


def put(wire, upload, number, data):
    parts = urlsplit(upload["credentials"][number - 1]["url"])
    assert parts.netloc == "127.0.0.1"
    answer = wire.ask("PUT", f"{parts.path}?{parts.query}", content=data)
    assert (answer.status_code, answer.text) == (200, "{}")
    return {"part_number": number, "etag": answer.headers["etag"]}


def complete(upload, parts):
    return ("POST", f"{BASE}/mpu/complete/dir", {"path": "a b.bin", "upload_id": upload["upload_id"], "parts": parts})


def left(wire):
    """The files of uploads that have not ended."""
    folder = wire.workspace.folder / ".millwright"
    return [path for path in folder.rglob("uploads/*/*") if path.name != "done.json"]


def test_file_is_made_of_its_parts_in_order_and_the_parts_go(wire):
    upload = begin(wire, 3)
    parts = [put(wire, upload, number, bytes([number]) * 1_500_000) for number in (3, 1, 2)]
    assert wire.ask(*complete(upload, parts)).json() == {}
    whole = b"".join(bytes([number]) * 1_500_000 for number in (1, 2, 3))
    assert wire.ask("GET", f"{BASE}/artifacts/dir/a%20b.bin").content == whole
    assert left(wire) == []
    # A client that heard no answer asks again, or gives up: neither harms the file.
    assert wire.ask(*complete(upload, parts)).json() == {}
    assert wire.post(f"{BASE}/mpu/abort/dir", {"path": "a b.bin", "upload_id": upload["upload_id"]}) == {}
    assert wire.ask("GET", f"{BASE}/artifacts/dir/a%20b.bin").content == whole


def test_aborted_upload_leaves_nothing_and_takes_nothing(wire):
    upload = begin(wire)
    part = put(wire, upload, 1, b"x")
    assert left(wire)
    for _ in range(2):
        assert wire.post(f"{BASE}/mpu/abort/dir", {"path": "a b.bin", "upload_id": upload["upload_id"]}) == {}
    assert left(wire) == []
    url = urlsplit(upload["credentials"][0]["url"])
    assert wire.fails("PUT", f"{url.path}?{url.query}", content=b"x")[0] == 404
    assert wire.fails(*complete(upload, [part]))[0] == 404


def test_parts_that_do_not_fit_their_etags_make_no_file(wire):
    upload = begin(wire)
    one, two = put(wire, upload, 1, b"one"), put(wire, upload, 2, b"two")
    bad = (
        [one, {**two, "etag": one["etag"]}],
        [one, two, {"part_number": 3, "etag": two["etag"]}],
        [one, one],
        [{**one, "etag": "../../etc/passwd"}],
        [{"part_number": 1}],
    )
    for parts in bad:
        assert wire.fails(*complete(upload, parts))[:2] == (400, "INVALID_PARAMETER_VALUE")
    assert wire.ask("GET", f"{BASE}/artifacts/dir/a%20b.bin").status_code == 404
    assert wire.ask(*complete(upload, [one, two])).status_code == 200


def test_upload_is_that_of_its_path_alone(wire):
    upload = begin(wire)
    url = urlsplit(upload["credentials"][0]["url"])
    other = url.path.replace("/dir/", "/other/")
    assert wire.fails("PUT", f"{other}?{url.query}", content=b"x")[0] == 404
    for step, more in (("complete", {"parts": [{"part_number": 1, "etag": "0" * 64}]}), ("abort", {})):
        body = {"path": "a b.bin", "upload_id": upload["upload_id"], **more}
        for path in ("other", "dir/deeper"):
            answer = wire.ask("POST", f"{BASE}/mpu/{step}/{path}", body)
            assert answer.status_code == (404 if step == "complete" else 200)
    assert put(wire, upload, 1, b"still there")


@pytest.mark.parametrize("step", ["create", "complete", "abort"])
def test_path_or_name_that_leads_elsewhere_is_refused(wire, step):
    body = {"path": "f.bin", "upload_id": "x", "parts": [{"part_number": 1, "etag": "0" * 64}]}
    for path in ("a%2F%2E%2E%2F%2E%2E", "a%252F%252E%252E", "%2Fetc", "a%23b"):
        assert wire.fails("POST", f"{BASE}/mpu/{step}/{path}", body) == INVALID
    for name in ("..", "a/..", "a\\..", "%2e%2e", "a\nb", "/"):
        assert wire.fails("POST", f"{BASE}/mpu/{step}/dir", {**body, "path": name}) == INVALID
    assert wire.fails("POST", f"{BASE}/mpu/{step}/dir", {})[0] == 400


@pytest.mark.parametrize("upload_id", ["", "x", "../../x", "0" * 12 + "-" + "0" * 32, "f" * 12 + "-" + "0" * 32])
def test_id_that_is_none_is_refused(wire, upload_id):
    body = {"path": "f.bin", "upload_id": upload_id, "parts": [{"part_number": 1, "etag": "0" * 64}]}
    assert wire.fails("POST", f"{BASE}/mpu/complete/dir", body)[0] in {400, 404}
    answer = wire.ask("PUT", f"{BASE}/mpu/part/dir/f.bin", params={"upload_id": upload_id, "part_number": "1"})
    assert answer.status_code in {400, 404}


@pytest.mark.parametrize("number", ["", "0", "-1", "1.5", "10001", "999999", "1e3", "\uff19", "1 "])
def test_part_number_has_bounds(wire, number):
    upload = begin(wire)
    query = {"upload_id": upload["upload_id"], "part_number": number}
    assert wire.ask("PUT", f"{BASE}/mpu/part/dir/a%20b.bin", params=query, content=b"x").status_code == 400


@pytest.mark.parametrize("count", [0, -1, 10_001, 10**30, "x"])
def test_number_of_parts_has_bounds(wire, count):
    assert wire.fails("POST", f"{BASE}/mpu/create/dir", {"path": "a", "num_parts": count})[0] == 400


def test_parts_are_not_larger_in_all_than_an_artifact_may_be(tmp_path: Path):
    with Workspace.open(tmp_path) as workspace:
        app = build_app(services_of(workspace), ServerOptions(max_artifact_bytes=1000))
        with TestClient(app, base_url="http://127.0.0.1") as client:  # type: ignore[arg-type]
            upload = client.post(f"{BASE}/mpu/create/dir", json={"path": "a", "num_parts": 3}).json()
            urls = [each["url"] for each in upload["credentials"]]
            assert client.put(urls[0], content=b"x" * 1001).status_code == 413
            assert client.put(urls[0], content=b"x" * 600).status_code == 200
            assert client.put(urls[1], content=b"x" * 600).status_code == 400
            assert client.put(urls[1], content=b"x" * 400).status_code == 200
            assert client.put(urls[2], content=b"x").status_code == 400
            assert client.put(urls[0], content=b"y" * 600).status_code == 200


def test_presigned_address_gives_the_file_and_ranges_of_it(wire):
    wire.ask("PUT", f"{BASE}/artifacts/dir/f%25.txt", content=b"0123456789")
    told = wire.get(f"{BASE}/presigned/dir/f%25.txt")
    assert (told["file_size"], told["headers"]) == (10, {})
    assert wire.client.get(told["url"]).content == b"0123456789"
    part = wire.client.get(told["url"], headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")


def test_there_is_no_address_of_what_is_no_file(wire):
    wire.ask("PUT", f"{BASE}/artifacts/dir/f.txt", content=b"0")
    assert wire.fails("GET", f"{BASE}/presigned/nowhere")[0] == 404
    assert wire.fails("GET", f"{BASE}/presigned/dir")[0] == 400
    assert wire.fails("GET", f"{BASE}/presigned/a%23b") == INVALID
