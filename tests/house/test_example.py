"""Examples in docstrings run, and print what they say."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

from house.source import modules


@pytest.mark.parametrize("name", [module.name for module in modules() if "\n    >>> " in module.text])
def test_examples_in_docstrings_print_what_they_say(name: str) -> None:
    result = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert result.attempted > 0
    assert result.failed == 0
