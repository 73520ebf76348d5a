from __future__ import annotations

import pytest

from millwright.evaluation.wording import counted, number, percent, title


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.8613, "0.861"),
        (-0.02, "-0.020"),
        (0.0, "0"),
        (3.0, "3"),
        (12.345, "12.35"),
        (1250.0, "1,250"),
        (123456.7, "123,457"),
        (0.00000032, "3.2e-07"),
        (float("inf"), "inf"),
    ],
)
def test_number_has_about_four_significant_digits(value: float, text: str):
    assert number(value) == text


@pytest.mark.parametrize(("share", "text"), [(0.95, "95 %"), (0.365, "36.5 %"), (1.0, "100 %")])
def test_percent_has_no_needless_decimals(share: float, text: str):
    assert percent(share) == text


def test_title_is_the_metrics_title_and_an_unknown_name_stays():
    assert title("roc_auc") == "ROC AUC"
    assert title("mine") == "mine"


def test_counted_knows_one_from_many():
    assert counted(1, "row") == "1 row"
    assert counted(1250, "row") == "1,250 rows"
