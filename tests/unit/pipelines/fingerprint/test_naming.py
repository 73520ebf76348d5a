from __future__ import annotations

import ast
import math
import os.path
import typing

import numpy as np
import pytest

from millwright.pipelines.fingerprint.naming import GlobalNames


@pytest.mark.parametrize(
    ("value", "token"),
    [
        (np, "<numpy>"),
        (np.linalg, "<numpy.linalg>"),
        (math, "<math>"),
        (os.path, "<os.path>"),
        (math.sqrt, "<sqrt>"),
        (GlobalNames, "<GlobalNames>"),
        (3, "here"),
        (None, "here"),
    ],
)
def test_function_class_or_module_is_called_by_its_own_name(value: object, token: str) -> None:
    assert GlobalNames({"here": value}).token("here") == token


def test_name_that_is_no_global_stays() -> None:
    assert GlobalNames({}).token("len") == GlobalNames().token("len") == "len"


def test_two_names_are_never_called_the_same() -> None:
    names = GlobalNames({"a": math.sqrt, "b": np.sqrt, "c": math.sqrt, "sqrt": 1})
    tokens = [names.token(name) for name in ("a", "b", "c", "sqrt", "a")]
    assert len(set(tokens)) == 4
    assert tokens[0] == tokens[4]


def test_chain_begins_with_the_own_name() -> None:
    assert GlobalNames({"n": np}).label(("n", "linalg", "norm")) == "<numpy>.linalg.norm"


@pytest.mark.parametrize(("text", "is_cast"), [("c", True), ("t.cast", True), ("cast", False), ("x.cast", False)])
def test_cast_is_known_by_what_it_stands_for(text: str, is_cast: bool) -> None:
    names = GlobalNames({"c": typing.cast, "t": typing, "cast": 1, "x": 1})
    assert names.is_cast(ast.parse(text, mode="eval").body) is is_cast
