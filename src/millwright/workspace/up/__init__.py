"""Everything of a project on one machine: parts as processes, watched, begun anew when they die, ended together.

| module       | holds                                                                          |
|--------------|--------------------------------------------------------------------------------|
| `part`       | one part: what is run, and how it says that it is ready                         |
| `process`    | a part's process: its output line by line, its end                              |
| `supervisor` | starts the parts, looks after them, ends them                                   |
| `served`     | which models the serving part serves                                            |

Path: `mw up` → `Supervisor.run` → `PartProcess` → `mw server`, `mw worker`, `mw serve`.
"""

from __future__ import annotations

from millwright.workspace.up.part import Part
from millwright.workspace.up.served import Served
from millwright.workspace.up.supervisor import Supervisor, SupervisorOptions

__all__ = ["Part", "Served", "Supervisor", "SupervisorOptions"]
