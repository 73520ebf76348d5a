from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions
from millwright.data.profiles import store_profile
from millwright.data.versions.condition import RowCondition
from millwright.data.versions.erasure import Erased, erase, find_rows
from millwright.data.versions.retention import RetentionRule, vacuum

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.storage.catalog import Stores

PERSON = "zoe.unmistakable@example.com"
ZOE = RowCondition(values={"email": PERSON})


def people(*emails: str | None, start: int = 0) -> pl.DataFrame:
    return pl.DataFrame(
        {"id": range(start, start + len(emails)), "email": emails, "age": range(20, 20 + len(emails))},
        schema_overrides={"email": pl.String},
    )


def write(catalog: DatasetCatalog, frame: pl.DataFrame, dataset: str = "people", **options: object) -> None:
    catalog.write(frame, dataset, kind=DatasetKind.TABLE, options=WriteOptions(**options))


@pytest.fixture
def five(catalog: DatasetCatalog) -> DatasetCatalog:
    """Five versions: without her, with her, with more behind, with others changed, and without her again."""
    write(catalog, people("a@x", "b@x"))
    write(catalog, people("c@x", PERSON, "d@x"))
    write(catalog, people("e@x", PERSON, start=10), mode="append")
    write(catalog, pl.DataFrame({"id": [0], "email": ["changed@x"], "age": [9]}), mode="merge", key=("id",))
    catalog.delete("people", f"email = '{PERSON}'")
    return catalog


@pytest.fixture
def forget(stores: Stores, root: Path, clock: ManualClock):
    def run(condition: RowCondition = ZOE, *, dataset: str = "people", reason: str = "request 12") -> Erased:
        return erase(stores, str(root), dataset, condition, reason=reason, clock=clock, actor="ada")

    return run


def every_byte(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file of the workspace; tables of Parquet files decoded."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()
            if path.suffix == ".parquet":
                yield path, json.dumps(pl.read_parquet(path).to_dicts(), default=str).encode()


def holding(folder: Path, text: str = PERSON) -> list[str]:
    return sorted({str(path.relative_to(folder)) for path, data in every_byte(folder) if text.encode() in data})


def test_value_is_nowhere_in_the_workspace_any_more(
    five: DatasetCatalog, stores: Stores, tmp_path: Path, forget
) -> None:
    assert len(holding(tmp_path)) > 3
    forget()
    stores.close()  # so that the database's log is folded in
    assert holding(tmp_path) == []


def test_every_version_has_its_other_rows_in_their_order(five: DatasetCatalog, forget) -> None:
    before = [five.get(f"people@{n}").read() for n in range(1, 6)]
    done = forget()
    assert dict(done.found.versions) == {2: 1, 3: 2, 4: 2}
    for version, frame in enumerate(before, start=1):
        dataset = five.get(f"people@{version}")
        expected = frame.filter(pl.col("email") != PERSON)
        assert dataset.verify().equals(expected)
        assert dataset.scan().collect().equals(expected)
        assert dataset.record.rows == expected.height


def test_records_say_what_was_erased_and_nothing_of_it(
    five: DatasetCatalog, stores: Stores, clock: ManualClock, forget
) -> None:
    former = five.get("people@3").record
    stores.lineage.add(
        [
            LineageEdge(
                source_kind=NodeKind.DATASET, source_id="people@3", relation="trained_on",
                target_kind=NodeKind.MODEL_VERSION, target_id="churn@1", at=clock.now(),
            )
        ]
    )  # fmt: skip
    clock.advance(timedelta(days=1))
    erasure = forget().record
    assert erasure is not None
    assert stores.datasets.list_erasures() == [erasure]
    assert (erasure.versions, erasure.models) == ({"2": 1, "3": 2, "4": 2}, ("churn@1",))
    assert (erasure.at, erasure.actor, erasure.reason) == (clock.now(), "ada", "request 12")
    assert erasure.condition["columns"] == ["email"]
    record = stores.datasets.get_version("people", 3)
    assert record.created_at == former.created_at
    assert record.details["erased"] == [
        {"id": erasure.id, "at": clock.now().isoformat(), "rows": 2, "former_digest": former.digest}
    ]
    assert "erased" not in stores.datasets.get_version("people", 1).details
    event = stores.audit.list(subject="people")[0]
    assert (event.action, event.details["versions"]) == ("dataset.erase", {"2": 1, "3": 2, "4": 2})


def test_details_that_hold_the_value_go_and_others_stay(catalog: DatasetCatalog, stores: Stores, forget) -> None:
    details = {"sql": f"SELECT * FROM a WHERE email <> '{PERSON}'", "engine": "polars", "zoe": "zoe@other"}  # noqa: S608
    write(catalog, people("a@x", PERSON), details=details)
    forget()
    kept = stores.datasets.get_version("people").details
    assert "sql" not in kept
    assert (kept["engine"], kept["zoe"]) == ("polars", "zoe@other")


def test_writing_goes_on_after_an_erasure(five: DatasetCatalog, forget) -> None:
    forget()
    write(five, people("f@x", start=50), mode="append")
    assert five.get("people").verify()["email"].to_list()[-1] == "f@x"
    write(five, pl.DataFrame({"id": [0], "email": ["again@x"], "age": [9]}), mode="merge", key=("id",))
    assert "again@x" in five.get("people").verify()["email"]
    five.delete("people", "id = 0")
    five.restore("people@2")
    assert five.get("people").verify()["email"].to_list() == ["c@x", "d@x"]
    write(five, people("g@x"))
    assert five.get("people").verify().height == 1


def test_second_erasure_of_somebody_else_works_on_the_new_table(
    five: DatasetCatalog, stores: Stores, tmp_path: Path, root: Path, forget
) -> None:
    forget()
    assert forget().record is None
    forget(RowCondition(sql="email = 'a@x' OR id = 11 AND age < 0"))
    assert [path.name for path in root.iterdir()] == ["people~2"]
    assert len(stores.datasets.list_erasures("people")) == 2
    assert five.get("people@1").verify()["email"].to_list() == ["b@x"]
    stores.close()
    assert holding(tmp_path, "a@x") == []


def test_version_of_nothing_but_the_person_is_empty_afterwards(catalog: DatasetCatalog, forget) -> None:
    write(catalog, people(PERSON))
    write(catalog, people("a@x"))
    forget()
    assert catalog.get("people@1").verify().is_empty()
    assert catalog.get("people@1").read().columns == ["id", "email", "age"]


def test_rows_of_expired_versions_and_killed_writers_go_too(
    five: DatasetCatalog, stores: Stores, tmp_path: Path, root: Path, clock: ManualClock, forget
) -> None:
    stray = next((root / "people").glob("*.parquet"))
    people(PERSON).write_parquet(root / "people" / "rows-never-committed.parquet")
    assert stray.exists()
    vacuum(stores, str(root), "people", RetentionRule(versions=1), clock=clock, actor="ada")
    done = forget()
    assert (dict(done.found.versions), done.found.expired) == ({}, (1, 2, 3, 4))
    assert done.record is not None
    stores.close()
    assert holding(tmp_path) == []
    assert five.get("people").verify().height == 3


def test_profile_of_a_version_that_held_rows_is_deleted(
    stores: Stores, catalog: DatasetCatalog, tmp_path: Path, forget
) -> None:
    frame = pl.DataFrame({"id": [1, 2, 3], "town": ["Bern", "Bern", "Rareville"]})
    write(catalog, frame)
    record = stores.datasets.get_version("people")
    digest = record.profile or store_profile(frame, stores.artifacts)
    stores.datasets.amend_version(replace(record, profile=digest))
    profile = next(path for path in tmp_path.rglob("*") if path.name.endswith(digest[4:]))
    assert profile.exists()
    forget(RowCondition(values={"id": "3"}))
    assert stores.datasets.get_version("people").profile is None
    assert not profile.exists()


def test_versions_without_the_column_are_named(catalog: DatasetCatalog, forget) -> None:
    write(catalog, pl.DataFrame({"name": ["x", "y"]}))
    write(catalog, people("a@x", PERSON))
    write(
        catalog, pl.DataFrame({"id": [7], "email": [PERSON], "age": [1], "city": ["Bern"]}), mode="append", evolve=True
    )
    done = forget()
    assert (dict(done.found.versions), done.found.not_searched) == ({2: 1, 3: 2}, (1,))
    assert catalog.get("people@1").verify().height == 2
    assert catalog.get("people@3").verify().to_dicts() == [{"id": 0, "email": "a@x", "age": 20, "city": None}]


def test_rows_in_which_the_condition_is_null_stay(catalog: DatasetCatalog, forget) -> None:
    write(catalog, people("a@x", None, PERSON))
    forget(RowCondition(sql=f"email = '{PERSON}'"))
    assert catalog.get("people").verify()["email"].to_list() == ["a@x", None]


def test_search_changes_nothing(five: DatasetCatalog, stores: Stores, root: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    found = find_rows(stores, str(root), "people", ZOE)
    assert dict(found.versions) == {2: 1, 3: 2, 4: 2}
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


@pytest.mark.parametrize("reason", ["", "  ", f"{PERSON} asked", PERSON.upper()])
def test_reason_must_be_given_and_not_repeat_the_value(five: DatasetCatalog, forget, reason: str) -> None:
    for condition in (ZOE, RowCondition(sql=f"email = '{PERSON}'")):
        with pytest.raises(InvalidInputError, match="Expected a reason") as refused:
            forget(condition, reason=reason)
        assert PERSON not in str(refused.value)


def test_unknown_dataset_and_columns_are_refused(five: DatasetCatalog, forget) -> None:
    with pytest.raises(NotFoundError):
        forget(dataset="peopel")
    with pytest.raises(InvalidInputError, match="columns mail in"):
        forget(RowCondition(values={"mail": PERSON}))


ERASE_AND_DIE = """
import os, signal, sys
from millwright.core.clock import SystemClock
from millwright.data.versions import erasure
from millwright.data.versions.condition import RowCondition
from millwright.storage.catalog import open_stores

root, at, number = sys.argv[1], sys.argv[2], int(sys.argv[3])

def watch(frame, event, _):
    global number
    if event == "call" and frame.f_code.co_qualname == at and "millwright" in frame.f_code.co_filename:
        number -= 1
        if number == 0:
            os.kill(os.getpid(), signal.SIGKILL)

stores = open_stores(
    records_url=f"sqlite:///{root}/records.db", artifacts_url=f"{root}/artifacts", predictions_url=f"{root}/predictions"
)
sys.setprofile(watch)
erasure.erase(
    stores, f"{root}/tables", "people", RowCondition(values={"email": sys.argv[4]}), reason="request 12",
    clock=SystemClock(), actor="ada",
)
"""


@pytest.mark.parametrize(
    ("at", "number", "is_done"),
    [
        ("_look_again", 1, False),
        ("SqlDatasetStore.add_erasure", 1, False),
        ("LocalFolder.delete", 4, True),
    ],
)
def test_killed_erasure_is_finished_by_the_next(
    five: DatasetCatalog, stores: Stores, tmp_path: Path, forget, at: str, number: int, is_done: bool
) -> None:
    before = [five.get(f"people@{n}").read().filter(pl.col("email") != PERSON) for n in range(1, 6)]
    killed = subprocess.run(
        [sys.executable, "-c", ERASE_AND_DIE, str(tmp_path), at, str(number), PERSON],
        check=False, env={**os.environ},
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    assert len(stores.datasets.list_erasures()) == is_done
    for version in range(1, 6):
        five.get(f"people@{version}").verify()
    assert holding(tmp_path)
    done = forget()
    assert (done.record is None) is is_done
    assert done.swept.files > 0
    assert len(stores.datasets.list_erasures()) == 1
    for version, expected in enumerate(before, start=1):
        assert five.get(f"people@{version}").verify().equals(expected)
    stores.close()
    assert holding(tmp_path) == []
