from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.bias import BiasSettings


def test_settings_refuse_a_growth_below_zero():
    with pytest.raises(InvalidInputError, match="growth of 0 or more"):
        BiasSettings(max_growth=-0.1)
