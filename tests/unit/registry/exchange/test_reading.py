from __future__ import annotations

from dataclasses import replace

from millwright.core.digest import digest_bytes
from millwright.registry.exchange.reading import HashedPieces, hashed, read_run
from millwright.registry.exchange.sqlite_place import SqlitePlace


def test_run_is_read_whole_and_a_difference_is_told(origin):
    place = SqlitePlace(origin.path, origin.artifacts)
    (run, _) = place.iter_runs("1")
    content = read_run(place, run, place.list_files(run))
    assert content.points == 304
    assert content.files == {"a b ü.txt": digest_bytes(b""), "model/MLmodel": digest_bytes(b"flavors: {}")}
    assert content.difference(replace(content, points=3)) == "304 metric points were carried, 3 are there"
    assert content.difference(replace(content, files={"a b ü.txt": ""})) == "its files differ: a b ü.txt, model/MLmodel"
    assert content.difference(replace(content, files={**content.files, "x": ""})).endswith("there are more")
    assert "parameters" in content.difference(replace(content, digest=""))
    place.close()


def test_pieces_are_hashed_as_they_pass_by():
    pieces = HashedPieces(iter([b"ab", b"", b"c"]))
    assert b"".join(pieces) == b"abc"
    assert pieces.digest == hashed(iter([b"abc"])) == digest_bytes(b"abc")
