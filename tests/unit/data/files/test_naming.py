from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from millwright.core.ids import Digest
from millwright.data.files import release_files
from millwright.data.files.naming import forget_files, name_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.files import Added
    from millwright.storage.catalog import Stores


def test_blobs_of_every_manifest_are_named(folder: Path, add: Callable[..., Added], stores: Stores) -> None:
    first = add(folder).dataset.read()["digest"].to_list()
    (folder / "a.txt").write_bytes(b"other")
    second = add(folder).dataset.read()["digest"].to_list()
    assert set(stores.snapshots.named_digests()) >= {*first, *second}
    assert all(stores.files.is_named(digest) for digest in {*first, *second})


def test_names_are_given_once(stores: Stores, clock: ManualClock) -> None:
    digests = {Digest("a" * 64): 3, Digest("b" * 64): 4}
    assert name_files(digests, "photos", stores, clock.now()) == set(digests)
    assert name_files(digests, "photos", stores, clock.now()) == set()


def test_names_that_no_version_needs_are_taken_when_they_are_old(
    folder: Path, add: Callable[..., Added], stores: Stores, catalog: DatasetCatalog, clock: ManualClock
) -> None:
    needed = set(add(folder).dataset.read()["digest"])
    name_files({Digest("f" * 64): 1}, "photos", stores, clock.now())
    now = clock.now()
    assert release_files("photos", catalog=catalog, stores=stores, before=now - timedelta(hours=1)) == 0
    assert release_files("photos", catalog=catalog, stores=stores, before=now + timedelta(hours=1)) == 1
    assert set(stores.files.iter_digests()) == needed
    assert release_files("nothing", catalog=catalog, stores=stores, before=now) == 0


def test_forgotten_blobs_go_at_once_unless_something_else_names_them(stores: Stores, clock: ManualClock) -> None:
    kept, shared, gone = (stores.artifacts.put(data) for data in (b"kept", b"shared", b"gone"))
    name_files({kept: 4, shared: 6, gone: 4}, "photos", stores, clock.now())
    name_files({shared: 6}, "others", stores, clock.now())
    assert forget_files("photos", wanted={kept}, stores=stores) == (1, 4)
    assert [stores.artifacts.exists(digest) for digest in (kept, shared, gone)] == [True, True, False]
    assert not stores.files.list("datasets/photos", after=kept)
    assert forget_files("photos", wanted={kept}, stores=stores) == (0, 0)
