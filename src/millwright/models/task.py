"""What a model is asked: one of two classes, one of several, a number, or an array of numbers."""

from __future__ import annotations

from enum import StrEnum


class Task(StrEnum):
    """The kind of question a model answers."""

    BINARY = "binary"  # two classes; the second of the signature's classes is the positive one
    MULTICLASS = "multiclass"  # three classes or more
    REGRESSION = "regression"  # a real number
    TENSOR = "tensor"  # an array of numbers, such as an embedding; nothing says which would be right

    @property
    def is_classification(self) -> bool:
        """True for classes, False for numbers."""
        return self in (Task.BINARY, Task.MULTICLASS)
