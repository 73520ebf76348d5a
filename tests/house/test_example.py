"""Examples in docstrings run, and print what they say."""

from __future__ import annotations

import doctest
import re
from importlib import import_module

import pytest

from house.source import modules

WITH_EXAMPLES = [module.name for module in modules() if re.search(r"^\s+>>> ", module.text, re.MULTILINE)]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_in_docstrings_print_what_they_say(name: str) -> None:
    result = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0
