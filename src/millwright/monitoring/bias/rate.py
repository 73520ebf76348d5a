"""What is measured of each group.

| measure          | task           | of which rows           | is the mean of                                      |
|------------------|----------------|-------------------------|-----------------------------------------------------|
| `selection_rate` | two classes    | answered                | the answer is the positive class                    |
| `true_positive_rate`  | two classes | labelled, positive    | the answer is the positive class                    |
| `false_positive_rate` | two classes | labelled, negative    | the answer is the positive class                    |
| `accuracy`       | classes        | labelled                | the answer is right                                 |
| `mean_prediction`| numbers        | answered                | the answer                                          |
| `mean_error`     | numbers        | labelled                | answer less truth                                   |
| `absolute_error` | numbers        | labelled                | its size                                            |

The differences of the first three between groups are demographic parity and, together, equalized odds (Hardt, Price and
Srebro, Equality of opportunity in supervised learning, 2016), as Fairlearn computes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.models.task import Task
from millwright.monitoring.labelled import class_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.models.signature import Signature


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupRate:
    """One measure of one group.

    Attributes:
        measure: Which one.
        group: The value of the column that groups.
        rows: Rows that it is the mean of, n ≥ 1.
        value: The mean.
        variance: Of the mean: the rows' sample variance over n; of a share with one row more of either outcome, so that
            a group in which all are alike is not taken for certain (Agresti and Caffo, 2000).
    """

    measure: str
    group: str
    rows: int
    value: float
    variance: float


def group_rates(
    groups: pl.Series, outputs: pl.DataFrame, labels: pl.Series, signature: Signature
) -> tuple[GroupRate, ...]:
    """The measures of each group.

    Args:
        groups: (n,) the group of each row, text.
        outputs: n answers (`monitored_column.output_table`).
        labels: n labels (`labelled.label_series`), null where unknown.
        signature: Of the model.

    Returns:
        One per measure and group that has rows for it, measures in the order of the table above, groups by name.
    """
    answers = outputs.get_column("prediction")
    found = []
    for measure, rows, values in _measures(answers, labels, signature):
        kept = pl.DataFrame({"group": groups, "value": values.cast(pl.Float64)}).filter(rows)
        sums = kept.group_by("group").agg(
            pl.len().alias("rows"), pl.col("value").mean().alias("mean"), pl.col("value").var().alias("variance")
        )
        for group, n, mean, spread in sums.sort("group").iter_rows():
            variance = (spread or 0.0) / n
            if signature.task.is_classification:
                share = (mean * n + 1) / (n + 2)
                variance = share * (1 - share) / (n + 2)
            found.append(GroupRate(measure=measure, group=group, rows=n, value=mean, variance=variance))
    return tuple(found)


def _measures(
    answers: pl.Series, labels: pl.Series, signature: Signature
) -> Iterator[tuple[str, pl.Series, pl.Series]]:
    """Name, which rows, and of which value the mean."""
    answered = answers.is_not_null()
    labelled = answered & labels.is_not_null()
    if signature.task is Task.REGRESSION:
        error = answers - labels
        yield "mean_prediction", answered, answers
        yield "mean_error", labelled, error
        yield "absolute_error", labelled, error.abs()
        return
    if signature.task is Task.BINARY:
        positive = class_names(signature)[1]
        chosen = answers == positive
        yield "selection_rate", answered, chosen
        yield "true_positive_rate", labelled & (labels == positive), chosen
        yield "false_positive_rate", labelled & (labels != positive), chosen
    yield "accuracy", labelled, answers == labels
