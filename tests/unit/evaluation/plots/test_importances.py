from __future__ import annotations

from millwright.evaluation.plots.importances import importances_figure
from millwright.evaluation.report import Importance


def test_importances_put_the_most_important_on_top():
    made = importances_figure(
        [Importance(column="days", mean=0.3, std=0.02), Importance(column="crew", mean=0.1, std=0.01)], "roc_auc"
    )

    (bars,) = made.data
    assert list(bars.y) == ["crew", "days"]  # plotly draws from the bottom
    assert list(bars.error_x.array) == [0.01, 0.02]
    assert made.layout.xaxis.title.text == "Loss of ROC AUC"


def test_importances_leave_out_the_least_important_of_many_and_say_so():
    made = importances_figure([Importance(column=f"c{i}", mean=-float(i), std=0.0) for i in range(25)], "rmse")

    assert len(made.data[0].y) == 20
    assert "5 least important columns" in made.layout.title.subtitle.text.replace("<br>", " ")
