"""Bias: whether declared groups are treated more differently than they were.

Of each window, by the model's answers alone and, where labels are known, by how right they were.

| module     | holds                                                               |
|------------|---------------------------------------------------------------------|
| `rate`     | what is measured of each group, by group, and how sure it is  |
| `gap`      | the largest difference between groups, beside that of the reference |
| `settings` | which groups, and how much more is too much                         |
"""

from __future__ import annotations

from millwright.monitoring.bias.gap import Gap, GroupBias, measure_bias
from millwright.monitoring.bias.rate import GroupRate, group_rates
from millwright.monitoring.bias.settings import BiasSettings

__all__ = ["BiasSettings", "Gap", "GroupBias", "GroupRate", "group_rates", "measure_bias"]
