"""Data quality: what is wrong with the values of a window, whatever their distribution; one check per module.

| module          | asks                                                                       | compared with         |
|-----------------|----------------------------------------------------------------------------|-----------------------|
| `missing`       | are values missing more often?                                             | the reference         |
| `type_change`   | do values arrive in another type?                                          | the signature         |
| `out_of_range`  | do numbers lie below or above the range?                                   | the reference         |
| `new_category`  | are there categories that are new?                                         | the reference         |
| `schema_change` | did columns appear or vanish?                                              | the signature         |
| `duplicate`     | do rows or keys repeat themselves?                                         | the reference         |
| `volume`        | are there more or fewer rows an hour than usual?                           | history, or a setting |
| `freshness`     | did rows or labels stop coming?                                            | a setting             |

`check` holds what each of them reads and answers, `catalog` runs them, `settings` says which. Every one of them finds
nothing on a window that is like the reference, whatever its size (`tests/unit/monitoring/quality`).
"""

from __future__ import annotations

from millwright.monitoring.quality.catalog import QualityResult, check_quality, check_silence
from millwright.monitoring.quality.check import Measure, QualityCheck, QualitySubject
from millwright.monitoring.quality.settings import QualitySettings

__all__ = [
    "Measure",
    "QualityCheck",
    "QualityResult",
    "QualitySettings",
    "QualitySubject",
    "check_quality",
    "check_silence",
]
