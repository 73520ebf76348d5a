"""Filters and orders parsed: recursive descent, with the depth bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError
from millwright.core.filter.token import Token, TokenKind, tokens
from millwright.core.records.search import All, Any_, Comparison, Order

if TYPE_CHECKING:
    from millwright.core.filter.schema import FilterSchema
    from millwright.core.records.search import Condition

MAX_DEPTH = 50  # parentheses inside parentheses
MAX_COMPARISONS = 1000
_NOT = {
    "=": "!=",
    "!=": "=",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
    "IN": "NOT IN",
    "NOT IN": "IN",
    "IS NULL": "IS NOT NULL",
    "IS NOT NULL": "IS NULL",
}


def parse_filter(text: str, schema: FilterSchema, *, disjunctions: bool = False) -> Condition | None:
    """A filter as a condition.

    Args:
        text: The filter; None is given for an empty one.
        schema: What can be compared.
        disjunctions: Whether OR, NOT and parentheses are allowed; MLflow's language has only AND.

    Raises:
        InvalidInputError: It cannot be read; says where, and what was expected.
    """
    if not text.strip():
        return None
    parser = Parser(tokens(text), schema, disjunctions=disjunctions)
    return parser.whole()


def parse_order(text: str, schema: FilterSchema) -> Order:
    """One key of an order: a field, then ASC or DESC (ASC without).

    Raises:
        InvalidInputError: It cannot be read, or there is no such field.
    """
    written, _, direction = text.strip().rpartition(" ")
    if direction.upper() not in {"ASC", "DESC"}:
        written, direction = text.strip(), "ASC"
    written = written.strip()
    if not written:
        raise InvalidInputError(f"Invalid order_by clause '{text}': expected a field and ASC or DESC.")
    if len(written.split()) == 2 and "`" not in written and '"' not in written and written not in schema.texts:
        raise InvalidInputError(
            f"Invalid ordering key in order_by clause '{text}'.", hint="Write a field, and then ASC or DESC."
        )
    inside = written.partition(".")[2] or written
    if " " in inside and inside[0] not in {"`", '"'} and written not in {**schema.texts, **schema.numbers}:
        raise InvalidInputError(
            f"Invalid order_by clause '{text}': expected one field and ASC or DESC.",
            hint="Keys with spaces stand in back-ticks.",
        )
    return Order(field=schema.field(written), ascending=direction.upper() == "ASC")


class Parser:
    """Reads one filter.

    Args:
        found: Its tokens.
        schema: What can be compared.
        disjunctions: Whether OR, NOT and parentheses are allowed.
    """

    def __init__(self, found: list[Token], schema: FilterSchema, *, disjunctions: bool) -> None:
        self._tokens = found
        self._schema = schema
        self._disjunctions = disjunctions
        self._at = 0
        self._comparisons = 0

    def whole(self) -> Condition:
        """The condition that all tokens make.

        Raises:
            InvalidInputError: They make none.
        """
        condition = self._either(0)
        if self._next.kind is not TokenKind.END:
            raise self._unexpected("AND or the end" if not self._disjunctions else "AND, OR or the end")
        return condition

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _word(self, word: str) -> bool:
        found = self._next.kind is TokenKind.WORD and self._next.text == word
        self._at += found
        return found

    def _mark(self, kind: TokenKind) -> bool:
        found = self._next.kind is kind
        self._at += found
        return found

    def _take(self, kind: TokenKind) -> Token:
        token = self._next
        if token.kind is not kind:
            raise self._unexpected(kind.value)
        self._at += 1
        return token

    def _either(self, depth: int) -> Condition:
        parts = [self._both(depth)]
        while self._disjunctions and self._word("OR"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else Any_(parts=tuple(parts))

    def _both(self, depth: int) -> Condition:
        parts = [self._one(depth)]
        while self._word("AND"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else All(parts=tuple(parts))

    def _one(self, depth: int) -> Condition:
        if depth > MAX_DEPTH:
            raise InvalidInputError(f"Expected at most {MAX_DEPTH} parentheses inside one another, found more.")
        if self._disjunctions and self._word("NOT"):
            return _negated(self._one(depth + 1))
        if self._disjunctions and self._next.kind is TokenKind.OPEN:
            self._at += 1
            condition = self._either(depth + 1)
            self._take(TokenKind.CLOSE)
            return condition
        return self._comparison()

    def _comparison(self) -> Comparison:
        self._comparisons += 1
        if self._comparisons > MAX_COMPARISONS:
            raise InvalidInputError(f"Expected at most {MAX_COMPARISONS:,} comparisons in a filter, found more.")
        token = self._next
        if token.kind is TokenKind.TEXT and token.quoted:  # "a key" in double quotes
            self._at += 1
            named = self._schema.field(f'"{token.text}"')
        else:
            named = self._schema.field(self._take(TokenKind.FIELD).text)
        op = self._operator()
        return self._schema.comparison(named, op, self._value(op))

    def _operator(self) -> str:
        token = self._next
        if token.kind is TokenKind.OPERATOR:
            self._at += 1
            return token.text
        if self._word("IS"):
            negated = self._word("NOT")
            if not self._word("NULL"):
                raise self._unexpected("NULL")
            return "IS NOT NULL" if negated else "IS NULL"
        negated = self._word("NOT")
        for word in ("IN", "LIKE", "ILIKE", "RLIKE"):
            if (word == "IN" or not negated) and self._word(word):
                return f"NOT {word}" if negated else word
        raise self._unexpected("a comparison")

    def _value(self, op: str) -> str | float | tuple[str, ...] | None:
        if op.endswith("NULL"):
            return None
        if op in {"IN", "NOT IN"}:
            return self._texts()
        token = self._next
        if token.kind is TokenKind.NUMBER:
            self._at += 1
            return float(token.text) if any(each in token.text for each in ".eE") else int(token.text)
        return self._take(TokenKind.TEXT).text

    def _texts(self) -> tuple[str, ...]:
        self._take(TokenKind.OPEN)
        found = [self._take(TokenKind.TEXT).text]
        while self._mark(TokenKind.COMMA):
            if self._mark(TokenKind.CLOSE):  # ('a',)
                return tuple(found)
            found.append(self._take(TokenKind.TEXT).text)
        self._take(TokenKind.CLOSE)
        return tuple(found)

    def _unexpected(self, expected: str) -> InvalidInputError:
        token = self._next
        shown = repr(token.text) if token.text else token.kind.value
        return InvalidInputError(
            f"Invalid clause(s) in filter string: expected {expected} at position {token.at}, found {shown}.",
            hint="Write for example: metrics.auc > 0.8 and params.model = 'rf'.",
        )


def _negated(condition: Condition) -> Condition:
    if isinstance(condition, All):
        return Any_(parts=tuple(_negated(part) for part in condition.parts))
    if isinstance(condition, Any_):
        return All(parts=tuple(_negated(part) for part in condition.parts))
    if condition.op not in _NOT:
        raise InvalidInputError(f"NOT cannot stand before a comparison with {condition.op}.", hint="Use != or NOT IN.")
    return Comparison(field=condition.field, op=_NOT[condition.op], value=condition.value)
