from __future__ import annotations

import pytest

from millwright.testing import sample
from millwright.testing.prediction_columns import prediction_columns


@pytest.mark.parametrize("as_texts", [True, False])
def test_columns_are_the_records_they_were_made_from(as_texts: bool) -> None:
    rows = [sample.prediction(seconds=second, key=None) for second in range(3)]
    assert list(prediction_columns(rows, as_texts=as_texts)) == rows
