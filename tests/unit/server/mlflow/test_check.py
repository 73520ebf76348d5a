from __future__ import annotations

import pytest

from millwright.server.mlflow.check import bad_page, check_name, check_page, check_text, chosen
from millwright.server.mlflow.failure import WireError


@pytest.mark.parametrize("name", ["m", "a/b", "val loss", "a.b-c_d:e", "ü"])
def test_usual_names_are_allowed(name):
    check_name(name, "key")


@pytest.mark.parametrize("name", ["a*", "", ".", "../a", "/a", "a//b", "a/../b", "a\n"])
def test_name_that_is_no_path_to_itself_is_refused_with_its_place(name):
    with pytest.raises(WireError, match=r"for parameter 'metrics\[3\].name' supplied"):
        check_name(name, "metrics[3].name")


@pytest.mark.parametrize("text", ["\x00", "a\ud800"])
def test_text_that_no_database_keeps_is_refused(text):
    with pytest.raises(WireError, match="lone surrogates"):
        check_text(text, "value")


@pytest.mark.parametrize("count", [0, -1, 50_001])
def test_page_has_1_to_50000_results(count):
    with pytest.raises(WireError, match=f"Invalid value {count} for parameter 'max_results' supplied"):
        check_page(count)


@pytest.mark.parametrize("given_as", ["B", 2, "2"])
def test_enum_is_told_by_name_or_number(given_as):
    assert chosen(given_as, ("A", "B"), "view") == "B"


@pytest.mark.parametrize("given_as", ["C", 0, 3, "-1", ""])
def test_other_values_of_an_enum_are_refused(given_as):
    with pytest.raises(WireError, match="Expected one of A, B"):
        chosen(given_as, ("A", "B"), "view")


def test_error_of_a_search_is_about_its_token_if_it_has_one():
    error = ValueError("other")
    assert bad_page(error, "") is error
    assert "Invalid page token" in str(bad_page(error, "x"))
