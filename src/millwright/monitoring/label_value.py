"""What a label of a model may be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError
from millwright.models.task import Task
from millwright.monitoring.labelled import class_text

if TYPE_CHECKING:
    from millwright.models.signature import Signature

_SHOWN = 20  # classes that a message names
_TRUTH = {"true": 1.0, "false": 0.0}


class ExpectedLabel:
    """Reads labels of one model version.

    Args:
        signature: Of the version.
    """

    def __init__(self, signature: Signature) -> None:
        self._numbers = signature.task is Task.REGRESSION
        self._classes = signature.classes
        self._by_text = {class_text(value).casefold(): value for value in signature.classes}

    def read(self, value: Any, *, row: int) -> Any:
        """A label as the JSON value that the model itself would answer with.

        Args:
            value: A JSON value, or text that stands for one: `1`, `1.0`, `"1"` and true are the class 1; `True`,
                `"true"` and 1 are the class true. Text is compared without surrounding blanks; its case counts only
                when two classes differ in nothing else.
            row: Its number, for the message.

        Raises:
            InvalidInputError: It is no class of the model, or no finite number.
        """
        return self._read_number(value, row) if self._numbers else self._read_class(value, row)

    def _read_number(self, value: Any, row: int) -> float:
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise InvalidInputError(
                f"Row {row}: expected a finite number as label, found {value!r}.",
                hint="Correct the row; nothing was stored.",
            )
        return number

    def _read_class(self, value: Any, row: int) -> Any:
        text = class_text(value).strip()
        for known in self._classes:
            if class_text(known) == text:
                return known
        found = self._by_text.get(text.casefold())
        if found is not None and len(self._by_text) == len(self._classes):
            return found
        number = _as_number(text)
        for known in self._classes:
            if number is not None and not isinstance(known, str) and float(known) == number:
                return known
        shown = ", ".join(class_text(known) for known in self._classes[:_SHOWN])
        raise InvalidInputError(
            f"Row {row}: expected one of the model's classes ({shown}) as label, found {value!r}.",
            hint="Correct the row; nothing was stored.",
        )


def _as_number(text: str) -> float | None:
    if text.casefold() in _TRUTH:
        return _TRUTH[text.casefold()]
    try:
        return float(text)
    except ValueError:
        return None
