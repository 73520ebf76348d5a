from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from millwright.data.files.difference import compare_files

FOLDERS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("xyz"), max_size=6)


def manifest(files: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {"path": list(files), "digest": list(files.values())}, schema={"path": pl.String, "digest": pl.String}
    )


def test_files_are_added_removed_changed_and_moved() -> None:
    found = compare_files(
        manifest({"same": "1", "other": "2", "gone": "3", "old/name": "4", "twin": "5"}),
        manifest({"same": "1", "other": "9", "new": "8", "new/name": "4", "twin": "5", "twin2": "5"}),
    )
    assert (found.added, found.removed, found.changed) == (("new", "twin2"), ("gone",), ("other",))
    assert (found.moved, found.unchanged) == ((("old/name", "new/name"),), 2)


@given(FOLDERS, FOLDERS)
def test_difference_leads_from_one_folder_to_the_other(former: dict[str, str], latter: dict[str, str]) -> None:
    found = compare_files(manifest(former), manifest(latter))
    before = {path for path, _ in found.moved}
    after = {path for _, path in found.moved}
    rebuilt = former.keys() - set(found.removed) - before | set(found.added) | after
    assert rebuilt == latter.keys()
    assert all(former[old] == latter[new] for old, new in found.moved)
    assert found.unchanged + len(found.changed) == len(former.keys() & latter.keys())
    assert set(found.changed) == {path for path in former.keys() & latter.keys() if former[path] != latter[path]}
