from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConfigurationError
from millwright.storage.catalog import Stores, open_stores
from millwright.testing import sample

if TYPE_CHECKING:
    from pathlib import Path

_OPEN = """
import sys
from millwright.storage.catalog import open_stores
root = sys.argv[1]
stores = open_stores(records_url=f"sqlite:///{root}/new/x.db", artifacts_url=f"{root}/a", predictions_url=f"{root}/p")
if len(sys.argv) > 2:
    stores.datasets.list_datasets()
    heavy = {"alembic", "polars", "pyarrow", "fsspec", "psycopg", "sqlalchemy.dialects.postgresql"}
    print(sorted(heavy & sys.modules.keys()))
    of_sql = [name.removeprefix("millwright.storage.backends.sql.") for name in sys.modules]
    print(*sorted({"audit", "datasets", "experiments", "models", "monitors", "runs", "traces"}.intersection(of_sql)))
"""


def opened(root: Path) -> Stores:
    return open_stores(records_url=f"sqlite:///{root}/new/x.db", artifacts_url=f"{root}/a", predictions_url=f"{root}/p")


def test_open_stores_makes_a_workspace_that_is_there_when_opened_again(tmp_path: Path) -> None:
    stores = opened(tmp_path)
    stores.datasets.create_version(sample.dataset_version())
    digest = stores.artifacts.put(b"x")
    stores.predictions.append([sample.prediction()])
    stores.close()
    again = opened(tmp_path)
    assert again.datasets.get_version("schedules").version == 1
    assert again.artifacts.get(digest) == b"x"
    assert again.predictions.list_endpoints() == ["delay"]
    again.close()


def test_stores_may_be_used_after_they_were_closed(tmp_path: Path) -> None:
    stores = opened(tmp_path)
    stores.close()
    assert stores.datasets.list_datasets() == []
    stores.close()


def test_open_stores_loads_nothing_heavy_when_the_workspace_is_up_to_date(tmp_path: Path) -> None:
    opened(tmp_path).close()
    command = [sys.executable, "-c", _OPEN, str(tmp_path), "print"]
    heavy, stores = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert heavy == "[]"
    assert stores.split() == ["datasets"]  # the one that was asked for


def test_stores_have_the_names_that_they_declare_and_no_other(tmp_path: Path) -> None:
    stores = opened(tmp_path)
    for name in Stores.__annotations__:
        assert getattr(stores, name) is getattr(stores, name)
    with pytest.raises(AttributeError, match=r"Expected the name of a store, found 'modells'\."):
        _ = stores.modells  # type: ignore[attr-defined]
    stores.close()


def test_stores_that_are_replaced_leave_the_others_and_the_origin_as_they_are(tmp_path: Path) -> None:
    stores = opened(tmp_path)
    other = opened(tmp_path / "other")
    mixed = stores.replaced(runs=other.runs)
    assert mixed.runs is other.runs
    assert stores.runs is not other.runs
    mixed.datasets.create_version(sample.dataset_version())
    assert stores.datasets.get_version("schedules").version == 1
    stores.close()
    other.close()


def test_threads_that_ask_for_a_store_at_once_are_given_the_same(tmp_path: Path) -> None:
    stores = opened(tmp_path)
    gate = threading.Barrier(4)

    def ask() -> object:
        gate.wait()
        return stores.models

    with ThreadPoolExecutor(4) as pool:
        assert len({id(each.result()) for each in [pool.submit(ask) for _ in range(4)]}) == 1
    stores.close()


def test_open_stores_works_in_several_processes_at_once_when_the_workspace_is_new(tmp_path: Path) -> None:
    for attempt in range(2):
        root = tmp_path / str(attempt)
        processes = [
            subprocess.Popen([sys.executable, "-c", _OPEN, str(root)], stderr=subprocess.PIPE) for _ in range(3)
        ]
        errors = [process.communicate()[1] for process in processes]
        assert [(process.returncode, error) for process, error in zip(processes, errors, strict=True)] == [(0, b"")] * 3
        shutil.rmtree(root)


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///", "/some/path.db", "", "sqlite:relative.db"])
def test_open_stores_refuses_a_url_of_another_kind(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"sqlite:///.*postgresql://"):
        open_stores(records_url=url, artifacts_url="memory://a", predictions_url="memory://p")
