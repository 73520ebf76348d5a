from __future__ import annotations

from contextlib import contextmanager
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import ConfigurationError, InvalidInputError
from millwright.data.sources import catalog
from millwright.data.sources.catalog import BUILT_IN, source_kinds, source_opener
from millwright.data.sources.request import OpenedSource, SourceOptions
from millwright.data.sources.source import read_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.core.progress import ProgressTask

NOT_A_FUNCTION = 3


@contextmanager
def open_numbers(source: str, options: SourceOptions) -> Iterator[OpenedSource]:
    """A kind of a third party: `numbers://5` has five rows."""
    assert options.format in {"", "numbers"}

    def load(_task: ProgressTask) -> tuple[pl.DataFrame, str]:
        return pl.DataFrame({"n": range(int(source.rpartition("/")[2]))}), "numbers"

    yield OpenedSource(uri=source, digest=None, load=load)


@pytest.fixture
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        EntryPoint("numbers", f"{__name__}:open_numbers", catalog.ENTRY_POINT_GROUP),
        EntryPoint("broken", f"{__name__}:NOT_A_FUNCTION", catalog.ENTRY_POINT_GROUP),
    ]
    monkeypatch.setattr(EntryPoint, "load", lambda entry: globals()[entry.value.rpartition(":")[2]])
    monkeypatch.setattr(catalog, "entry_points", lambda group: entries if group == catalog.ENTRY_POINT_GROUP else [])


@pytest.mark.parametrize("kind", BUILT_IN)
def test_built_in_kind_can_be_loaded(kind: str) -> None:
    assert callable(source_opener(kind))


@pytest.mark.usefixtures("_installed")
def test_kind_of_an_installed_package_is_read_by_its_scheme_and_by_its_name() -> None:
    assert source_kinds()[-2:] == ("numbers", "broken")
    assert read_source("numbers://5").frame["n"].to_list() == [0, 1, 2, 3, 4]
    assert read_source("x/2", SourceOptions(format="numbers")).format == "numbers"


@pytest.mark.usefixtures("_installed")
def test_kind_that_is_no_function_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="'broken'"):
        source_opener("broken")


def test_unknown_format_names_the_nearest() -> None:
    with pytest.raises(InvalidInputError, match=r"no format 'parket'.*Did you mean 'parquet'"):
        read_source("x", SourceOptions(format="parket"))
