"""Rules for a model's inputs, set when it is packaged: columns that may be absent or null, and policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import InvalidInputError, closest
from millwright.models.check import describe, expectation, fits
from millwright.models.column import MAX_CATEGORIES, ColumnType, SignatureColumn
from millwright.models.policy import NanPolicy, UnseenPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.models.model import Model
    from millwright.models.signature import Signature


@dataclass(frozen=True, kw_only=True, slots=True)
class InputRules:
    """What a model takes beside what training saw. What is not said stays as it is.

    Attributes:
        nan: What becomes of null and NaN.
        unseen: What becomes of categories that were not there in training.
        optional: Columns that may be absent; their default then stands in, or null.
        nullable: Columns that may be null.
        defaults: A value by column: for rows without it, and where a policy says `default`.
    """

    nan: str = NanPolicy.COLUMNS
    unseen: str = UnseenPolicy.ALLOW
    optional: tuple[str, ...] = ()
    nullable: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)


def with_rules(model: Model, rules: InputRules) -> Model:
    """A model that takes what the rules say; its example rows are those that they take.

    Raises:
        InvalidInputError: A rule names no column or policy, a default doesn't fit its column, or the model doesn't
            answer nulls that a rule lets through.
    """
    signature = ruled(model.signature, rules)
    kept = [row for row in model.example if not signature.check_rows([row])]
    changed = replace(model, signature=signature, example=tuple(signature.complete(kept)))
    _try_nulls(model, changed)
    return changed


def ruled(signature: Signature, rules: InputRules) -> Signature:
    """A signature with rules applied; see `with_rules`.

    Raises:
        InvalidInputError: A rule names no column or policy, or a default doesn't fit its column.
    """
    nan, unseen = _policy(NanPolicy, rules.nan, "nan"), _policy(UnseenPolicy, rules.unseen, "unseen")
    names = [column.name for column in signature.inputs]
    for name in (*rules.optional, *rules.nullable, *rules.defaults):
        if name not in names:
            raise InvalidInputError(f"Expected columns of the model, found '{name}'.", hint=closest(name, names))
    inputs = tuple(_ruled(column, rules, nan) for column in signature.inputs)
    for column in inputs:
        _check(column, unseen)
    return replace(signature, inputs=inputs, nan=nan, unseen=unseen)


def _policy(kind: Any, value: str, name: str) -> Any:
    try:
        return kind(value)
    except ValueError as error:
        known = [each.value for each in kind]
        raise InvalidInputError(
            f"Expected {name} to be one of {', '.join(known)}, found {value!r}.", hint=closest(str(value), known)
        ) from error


def _ruled(column: SignatureColumn, rules: InputRules, nan: NanPolicy) -> SignatureColumn:
    default = rules.defaults.get(column.name, column.default)
    required = column.required and column.name not in rules.optional
    nullable = column.nullable or column.name in rules.nullable or (not required and default is None)
    if nan is NanPolicy.ALLOW or (nan is NanPolicy.DEFAULT and default is not None):
        nullable = True
    elif nan is NanPolicy.REFUSE:
        nullable, required = False, required or default is None
    said = None if nullable is not required else nullable
    return replace(column, required=required, may_be_null=said, default=default)


def _check(column: SignatureColumn, unseen: UnseenPolicy) -> None:
    default = column.default
    if default is not None and not fits(column)(default):
        raise InvalidInputError(
            f"Expected the default of column '{column.name}' to be {expectation(column)}, found {describe(default)}."
        )
    if column.type is not ColumnType.CATEGORY or unseen is UnseenPolicy.ALLOW:
        return
    if len(column.categories) >= MAX_CATEGORIES:
        raise InvalidInputError(
            f"Column '{column.name}' has more categories than the {MAX_CATEGORIES:,} that a signature keeps: it cannot "
            "be told which are unseen.",
            hint="Leave unseen='allow'.",
        )
    if default is not None and default not in column.categories:
        raise InvalidInputError(
            f"Expected the default of column '{column.name}' to be a seen category, found {describe(default)}.",
            hint=closest(str(default), column.categories),
        )
    if unseen is UnseenPolicy.DEFAULT and default is None and not column.nullable:
        raise InvalidInputError(
            f"Column '{column.name}' has no default that could stand for unseen categories.",
            hint="Name one: defaults={…}, or let the column be nullable.",
        )


def _try_nulls(before: Model, after: Model) -> None:
    """Refuses nulls that the model was never meant to see, and does not answer."""
    fills = after.signature.nan is NanPolicy.DEFAULT
    opened = [
        column.name
        for column, old in zip(after.signature.inputs, before.signature.inputs, strict=True)
        if column.nullable and not old.nullable and not (fills and column.default is not None)
    ]
    for name in opened if before.example else ():
        row = {**before.example[0], name: None}
        reason = _refusal(after, [row])
        if reason:
            raise InvalidInputError(
                f"The model does not answer null in column '{name}': {reason}",
                hint="Give the column a default and say nan='default', or train the model on rows with nulls.",
            )


def _refusal(model: Model, rows: Iterable[Mapping[str, Any]]) -> str:
    try:
        values = model.compute_rows(list(rows))
    except Exception as error:  # noqa: BLE001 - whatever a library raises for a null
        return (str(error).splitlines() or [type(error).__name__])[0]
    return "" if np.isfinite(values).all() else "it answers NaN."
