from __future__ import annotations

import ast
import json
import textwrap

import pytest

from millwright.pipelines.fingerprint.calling import ANY, called_names, loose_names

SOURCE = textwrap.dedent("""
    class A:
        def m(self, key):
            def inner(value): pass
            return sorted(key, key=lambda one: one)

        @staticmethod
        def s(x):
            options = {"reverse": True, 1: 2}
            options["strict"] = f(**options)
            return options[0]

    pick = lambda first, *, second=lambda third: 1: first
""")


def test_loose_names_are_those_of_lambdas_and_of_methods_first_parameters() -> None:
    assert loose_names(ast.parse(SOURCE).body) == ("self", "one", "first", "second", "third")
    (method, *_) = ast.parse(SOURCE).body[0].body  # type: ignore[attr-defined]
    assert loose_names([method]) == ("one",)
    assert loose_names([method], is_method=True) == ("self", "one")


def test_called_names_are_keywords_and_what_may_become_one() -> None:
    assert called_names(ast.parse(SOURCE).body) == {"key", "reverse", "strict", ANY}
    assert called_names(ast.parse(SOURCE).body, {"f": textwrap.dedent}) == {"key", "reverse", "strict"}
    assert called_names([]) == frozenset()


def test_called_names_leave_out_keywords_of_functions_that_only_the_code_calls() -> None:
    source = "def f(x):\n    def g(a, **more): return h(b=a)\n    return g(a=x, c=1)"
    assert called_names(ast.parse(source).body) == {"b", "c"}


@pytest.mark.parametrize(
    ("call", "is_any"),
    [
        ("x(**options)", True),
        ("unknown(**options)", True),
        ("first(**options)", True),
        ("Model(**options)", False),
        ("Model(x, **options)", True),
        ("Model(1, f=lambda a: a, **options)", True),
        ("json.dumps(**options)", False),
        ("x.fit(**options)", True),
        ("x(**rest)", False),
        ("x(**OPTIONS)", False),
        ("x(**json.OPTIONS)", False),
        ("x(**{'a': 1, **rest})", False),
        ("x(**{x: 1})", True),
        ("x(**{'a': 1, **options})", True),
        ("x(**load(options))", True),
    ],
)
def test_any_name_is_called_where_keys_are_not_known_and_a_lambda_may_get_them(call: str, is_any: bool) -> None:
    namespace = {"Model": dict, "first": lambda a: a, "json": json}
    source = f"def f(x, options, **rest):\n    return {call}"
    assert (ANY in called_names(ast.parse(source).body, namespace)) is is_any


def test_key_that_is_looked_up_is_no_name_that_is_called() -> None:
    assert called_names(ast.parse("row['a'] + row.get('b'); row['c'] = 1").body) == {"c"}
