from __future__ import annotations

from urllib.parse import quote

import pytest

ROOT = "/api/2.0/mlflow-artifacts/artifacts"
INVALID = (400, "INVALID_PARAMETER_VALUE", "Invalid path")
ELSEWHERE = [
    "..", "../x", "a/../../x", "/etc/passwd", "//etc/passwd", "%2e%2e/x", "%252e%252e/x", "%25252e%25252e%25252fx",
    "..%2fx", "..\\x", "a\\..\\x", "C:/x", "C:\\x", "C%3A/x", "a\0b", "a%00b", "a#b", "a%23b", "file:/etc/passwd",
    "file:///etc/passwd",     "a\nb", "%2fetc/passwd", "%5c..%5cx", "a/%2e%2e/%2e%2e/x", "\x7f",
]  # fmt: skip


def put(wire, path, data=b"data"):
    answer = wire.ask("PUT", f"{ROOT}/{quote(path)}", content=data)
    assert (answer.status_code, answer.text) == (200, "{}")


def get(wire, path, **headers):
    return wire.ask("GET", f"{ROOT}/{quote(path)}", headers=headers)


def names(wire, path):
    answer = wire.ask("GET", ROOT, params={"path": path})
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize(
    "name", ["a.txt", "with space.bin", "größe 日本.txt", "100%.csv", "a+b&c=d;e", "'quoted\".txt"]
)
@pytest.mark.parametrize("data", [b"", b"x", bytes(range(256)) * 10_000], ids=len)
def test_file_comes_back_as_it_was_put(wire, name, data):
    put(wire, f"1/{name}", data)
    answer = get(wire, f"1/{name}")
    assert answer.status_code == 200
    assert answer.content == data
    assert names(wire, "1") == {"files": [{"path": name, "is_dir": False, "file_size": len(data)}]}


def test_listing_has_folders_and_sizes_and_is_empty_where_nothing_is(wire):
    assert names(wire, "") == {}
    put(wire, "a.txt", b"0")
    put(wire, "dir/b.txt", b"12")
    assert wire.ask("GET", ROOT).json() == {
        "files": [{"path": "a.txt", "is_dir": False, "file_size": 1}, {"path": "dir", "is_dir": True}]
    }
    assert (
        names(wire, "dir")
        == names(wire, "dir/")
        == names(wire, "./dir")
        == {"files": [{"path": "b.txt", "is_dir": False, "file_size": 2}]}
    )
    assert names(wire, "a.txt") == names(wire, "nowhere") == {}


def test_missing_artifact_is_404_and_a_folder_is_no_file(wire):
    put(wire, "dir/b.txt")
    assert wire.fails("GET", f"{ROOT}/nope") == (404, "RESOURCE_DOES_NOT_EXIST", "No such artifact: 'nope'")
    status, code, message = wire.fails("GET", f"{ROOT}/dir")
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message == "Artifact path refers to a directory, not a file: 'dir'"


@pytest.mark.parametrize("path", ELSEWHERE, ids=repr)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_path_that_leads_elsewhere_is_refused_for_every_method(wire, path, method):
    put(wire, "safe")
    encoded = quote(path, safe="").replace("..", "%2E%2E")
    answer = wire.ask(method, f"{ROOT}/{encoded}")
    assert answer.status_code == 400
    # Control characters do not even come through to the wire.
    assert not path.isprintable() or answer.json() == {"error_code": INVALID[1], "message": INVALID[2]}
    assert names(wire, "")["files"] == [{"path": "safe", "is_dir": False, "file_size": 4}]


@pytest.mark.parametrize("path", ELSEWHERE, ids=repr)
def test_path_that_leads_elsewhere_is_refused_in_queries(wire, path):
    answer = wire.ask("GET", ROOT, params={"path": path})
    assert answer.status_code == 400
    assert not path.isprintable() or answer.json() == {"error_code": INVALID[1], "message": INVALID[2]}


def test_folder_is_deleted_whole_and_deleting_nothing_is_fine(wire):
    put(wire, "a/b/c")
    put(wire, "a/d")
    for path in ("a/b", "a/b", "a/d/"):
        answer = wire.ask("DELETE", f"{ROOT}/{path}")
        assert (answer.status_code, answer.text) == (200, "{}")
    assert names(wire, "a") == {}


def test_file_where_a_folder_is_and_the_other_way_round_is_refused_for_good(wire):
    put(wire, "a/b")
    for path in ("a", "a/b/c"):
        status, code, _ = wire.fails("PUT", f"{ROOT}/{path}", content=b"x")
        assert (status, code) == (409, "RESOURCE_CONFLICT")  # no client retries that


@pytest.mark.parametrize("path", ["d/", "d/%2e", "a/b//"])
def test_file_is_not_put_where_a_folder_is_meant(wire, path):
    answer = wire.ask("PUT", f"{ROOT}/{path}", content=b"data")
    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert names(wire, "") == {}
