"""A monitoring report as sections of a page (`evaluation.page.html_report`).

| module        | shows                                                                       |
|---------------|-----------------------------------------------------------------------------|
| `report`      | the result, and the other sections in their order                           |
| `drift`       | every column's score, and the distributions side by side                    |
| `unseen`      | values that the reference does not have                                     |
| `quality`     | missing values, and the other checks of data quality                        |
| `performance` | metrics on labels, per slice, beside the past, and those that are expected  |
| `bias`        | gaps between groups                                                         |
| `operations`  | latency, throughput, failures, refusals and cost                            |
| `course`      | drift, performance and operations over the reports so far                   |
| `past_report` | a report of an earlier check, as those two draw it                          |

What explains drift and a loss stands in `monitoring.insight_page`.
"""

from __future__ import annotations

from millwright.monitoring.page.drift import distribution_figure
from millwright.monitoring.page.past_report import PastReport
from millwright.monitoring.page.report import report_sections

__all__ = ["PastReport", "distribution_figure", "report_sections"]
