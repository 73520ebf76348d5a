from __future__ import annotations

import ast
import textwrap

from millwright.pipelines.fingerprint.calling import called_names, loose_names

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
    assert called_names(ast.parse(SOURCE).body) == {"key", "reverse", "strict"}
    assert called_names([]) == frozenset()
