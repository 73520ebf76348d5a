from __future__ import annotations

from typing import Any

import pytest

import millwright as mw
from millwright.core.errors import InvalidInputError


@mw.step
def pair() -> tuple[int, str]:
    return 1, "b"


@mw.pipeline
def demo() -> None:
    pair()


def test_result_gives_records_and_values_by_name(bench: Any) -> None:
    result = bench.run(demo)
    assert result.step("pair").step == "pair"
    assert (result.value("pair"), result.value("pair", 1)) == (1, "b")


@pytest.mark.parametrize(("name", "index", "message"), [("pear", 0, "Did you mean 'pair'"), ("pair", 5, "none at 5")])
def test_result_refuses_what_is_not_there(bench: Any, name: str, index: int, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        bench.run(demo).value(name, index)
