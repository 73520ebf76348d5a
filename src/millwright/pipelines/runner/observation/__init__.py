"""What is seen of a step while it executes: what it prints and logs, and what it takes of the machine.

    with observe(context) as seen:
        ...  # the step's function
    seen.log_bytes(), seen.usage(resources)

Path of a printed line: `sys.stdout` → `Routing` (whose step is it?) → `Observation.put` → `Recording` (bounded) →
`log_bytes` (secrets masked). Of a line that C code prints: file descriptor 1 → `Descriptors` → `Recording`.
"""

from __future__ import annotations

from millwright.pipelines.runner.observation.live import LiveLogs
from millwright.pipelines.runner.observation.observation import Observation, observe
from millwright.pipelines.runner.observation.price import Prices, estimated_cost

__all__ = ["LiveLogs", "Observation", "Prices", "estimated_cost", "observe"]
