"""What becomes of values that training did not promise: missing ones, and categories that it never saw."""

from __future__ import annotations

from enum import StrEnum


class NanPolicy(StrEnum):
    """What becomes of null and NaN in a request or a table; infinities are refused under all of them."""

    COLUMNS = "columns"  # null where the column is nullable; NaN in a request is refused, in a table it is null
    REFUSE = "refuse"  # none anywhere: the model sees every value
    ALLOW = "allow"  # both anywhere, as null: the model copes with it
    DEFAULT = "default"  # both become the column's default where it has one; elsewhere as under `COLUMNS`


class UnseenPolicy(StrEnum):
    """What becomes of a category that was not there in training."""

    ALLOW = "allow"  # it counts as "other", as the model learned it
    REFUSE = "refuse"  # the row is refused
    DEFAULT = "default"  # it becomes the column's default; null where it has none and is nullable
