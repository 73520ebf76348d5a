"""Conditions on traces as SQL; `t` is the trace."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError
from millwright.core.records.search import All, Any_, Comparison, Kind
from millwright.storage.backends.sql.search_comparison import Sql, joined, number_test, text_test, time_test

if TYPE_CHECKING:
    from millwright.core.records.search import Condition

SOURCE_RUN = "mlflow.sourceRun"
_SESSION = "mlflow.trace.session"
# What clients call the states.
STATUS = "CASE t.state WHEN 'unspecified' THEN 'STATE_UNSPECIFIED' ELSE upper(t.state) END"
TEXTS = {
    "request_id": "t.id",
    "experiment_id": "t.experiment_id",
    "status": STATUS,
    "client_request_id": "t.client_request_id",
    "request": "t.request_preview",
    "response": "t.response_preview",
}
NUMBERS = {
    "execution_time_ms": "t.duration_ms",
    "end_time_ms": "(t.requested_at / 1000 + coalesce(t.duration_ms, 0))",
}
FACTS = {Kind.TAG: "trace_tags", Kind.METADATA: "trace_metadata"}
_SPAN_COLUMNS = ("name", "type", "status", "content")
_ASSESSED = (Kind.FEEDBACK, Kind.EXPECTATION)


def trace_condition(where: Condition | None, *, sqlite: bool) -> Sql:
    """What traces must be.

    Raises:
        InvalidInputError: A field is not one of traces, or has no such comparison.
    """
    return Sql("1 = 1") if where is None else _Compiler(sqlite=sqlite).condition(where)


class _Compiler:
    def __init__(self, *, sqlite: bool) -> None:
        self._sqlite = sqlite

    def condition(self, condition: Condition) -> Sql:
        if isinstance(condition, Any_):
            return joined([self.condition(part) for part in condition.parts], "OR", "1 = 0")
        parts = condition.parts if isinstance(condition, All) else (condition,)
        spans = [part for part in parts if isinstance(part, Comparison) and part.field.kind is Kind.SPAN]
        found = [self._other(part) for part in parts if part not in spans]
        if spans:
            tests = joined([self._span(part) for part in spans], "AND", "1 = 1")
            exists = f"EXISTS (SELECT 1 FROM trace_spans s WHERE s.trace_id = t.id AND {tests.text})"  # noqa: S608
            found.append(Sql(exists, tests.values))
        return joined(found, "AND", "1 = 1")

    def _other(self, part: Condition) -> Sql:
        if not isinstance(part, Comparison):
            return self.condition(part)
        kind = part.field.kind
        if kind is Kind.ATTRIBUTE:
            return self._attribute(part)
        if kind in FACTS:
            return self._fact(part)
        if kind in _ASSESSED:
            return self._assessed(part)
        if kind is Kind.ISSUE and part.op == "=":
            return Sql(
                "EXISTS (SELECT 1 FROM assessments a WHERE a.trace_id = t.id AND a.kind = 'issue' AND a.name = ?)",
                (str(part.value),),
            )
        raise _unfit(part)

    def _attribute(self, part: Comparison) -> Sql:
        key = part.field.key
        if key in TEXTS:
            return text_test(TEXTS[key], part, sqlite=self._sqlite)
        if key == "timestamp_ms":
            return time_test("t.requested_at", part)
        if key in NUMBERS:
            return number_test(NUMBERS[key], part)
        if key == "prompt" and part.op == "=":
            return _linked("prompt", str(part.value))
        raise _unfit(part)

    def _fact(self, part: Comparison) -> Sql:
        table, key = FACTS[part.field.kind], part.field.key
        exists = f"EXISTS (SELECT 1 FROM {table} x WHERE x.trace_id = t.id AND x.key = ?"  # noqa: S608 - constants
        if part.op == "IS NULL":
            return Sql(f"NOT {exists})", (key,))
        if part.op == "IS NOT NULL":
            return Sql(f"{exists})", (key,))
        test = text_test("x.value", part, sqlite=self._sqlite)
        found = Sql(f"{exists} AND {test.text})", (key, *test.values))
        if part.field.kind is Kind.METADATA and key == SOURCE_RUN and part.op == "=":
            return joined([_linked("run", str(part.value)), found], "OR", "")
        return found

    def _span(self, part: Comparison) -> Sql:
        key = part.field.key
        if key in _SPAN_COLUMNS:
            return text_test(f"s.{key}", part, sqlite=self._sqlite)
        name = key.removeprefix("attributes.")
        if name == key or not name:
            raise _unfit(part)
        # Clients write each attribute as JSON text: of a text, the quotes around it do not count.
        if self._sqlite:
            place, column = f"$.attributes.{json.dumps(name)}", "trim(json_extract(s.content, ?), '\"')"
            column = f"CASE WHEN json_valid(s.content) THEN {column} END"
        else:
            place, column = name, "trim(s.content::json -> 'attributes' ->> ?, '\"')"
        test = text_test(column, part, sqlite=self._sqlite)
        count = test.text.count(column)
        return Sql(test.text, (*(place,) * count, *test.values))

    def _assessed(self, part: Comparison) -> Sql:
        kind, key = part.field.kind, part.field.key
        test = self._value(part)
        of = Sql(f"a.kind = ? AND a.name = ? AND a.valid AND {test.text}", (kind.value, key, *test.values))
        own = f"EXISTS (SELECT 1 FROM assessments a WHERE a.trace_id = t.id AND {of.text})"  # noqa: S608 - constants
        # An assessment of a session is one of each of its traces, if they are of one experiment.
        of_session = (
            "EXISTS (SELECT 1 FROM trace_metadata y JOIN assessments a ON a.session = y.value "  # noqa: S608 - constants
            "JOIN traces u ON u.id = a.trace_id AND u.experiment_id = t.experiment_id "
            f"WHERE y.trace_id = t.id AND y.key = '{_SESSION}' AND {of.text})"
        )
        both = Sql(f"({own} OR {of_session})", of.values * 2)
        return Sql(f"NOT {both.text}", both.values) if part.op == "IS NULL" else both

    def _value(self, part: Comparison) -> Sql:
        if part.op in ("IS NULL", "IS NOT NULL"):
            return Sql("1 = 1")
        if part.op in ("<", "<=", ">", ">="):
            return number_test("a.number", part)
        test = text_test("a.value", part, sqlite=self._sqlite)
        if part.op not in ("=", "!="):
            return test
        quoted = text_test("a.value", replace(part, value=json.dumps(part.value, ensure_ascii=False)), sqlite=True)
        return joined([test, quoted], "OR" if part.op == "=" else "AND", "")


def _linked(kind: str, target: str) -> Sql:
    text = f"EXISTS (SELECT 1 FROM trace_links l WHERE l.kind = '{kind}' AND l.target = ? AND l.trace_id = t.id)"  # noqa: S608
    return Sql(text, (target,))


def _unfit(part: Comparison) -> InvalidInputError:
    return InvalidInputError(
        f"Expected a comparison that traces have, found {part.op} of the {part.field.kind} '{part.field.key}'.",
        hint="Prompts and issues take = only.",
    )
