from __future__ import annotations

from millwright.evaluation.plots.confusion import confusion_figure
from millwright.evaluation.report import Confusion


def square(k: int) -> Confusion:
    rows = tuple(tuple(9 if i == j else 1 for j in range(k)) for i in range(k))
    return Confusion(labels=tuple(f"class {i}" for i in range(k)), matrix=rows)


def test_confusion_colours_by_share_of_the_true_class_and_writes_counts_and_shares():
    made = confusion_figure(Confusion(labels=("no", "yes"), matrix=((30, 10), (0, 0))), "late")

    (heat,) = made.data
    assert [list(row) for row in heat.z] == [[0.75, 0.25], [0.0, 0.0]]
    assert heat.text[0][0] == "30<br>75 %"
    assert made.layout.xaxis.title.text == "Predicted late"
    assert made.layout.yaxis.autorange == "reversed"


def test_confusion_writes_counts_only_when_cells_are_small():
    assert confusion_figure(square(9), "kind").data[0].text[0][0] == "9"


def test_confusion_writes_nothing_when_cells_are_tiny():
    assert confusion_figure(square(20), "kind").data[0].texttemplate == ""


def test_confusion_escapes_labels():
    made = confusion_figure(Confusion(labels=("<i>a", "b"), matrix=((1, 0), (0, 1))), "<b>")

    assert made.data[0].x[0] == "&lt;i&gt;a"
    assert "<b>" not in made.layout.xaxis.title.text
