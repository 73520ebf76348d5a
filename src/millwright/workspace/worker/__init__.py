"""Workers: take runs from the queue and execute each in a process of its own.

| module      | holds                                                                                       |
|-------------|---------------------------------------------------------------------------------------------|
| `worker`    | the loop: claims, starts, ends, hands back                                                   |
| `slot`      | one run in its process, as the worker sees it                                                |
| `order`     | what a worker and such a process tell each other                                             |
| `child`     | such a process: executes the run, and ends at once when its worker is gone                   |
| `execution` | the run itself, inside that process                                                          |
| `heartbeat` | renews the leases of the runs that a worker has                                              |
| `settling`  | what becomes of a request when its process has ended                                         |
| `duties`    | what every worker looks after: schedules, triggers, what others left behind                  |
| `target`    | a pipeline as it is queued, scheduled or registered                                          |
| `chores`    | what workers look after beside the queue: monitors, retraining, summaries                   |
| `account`   | what one worker did beside runs                                                             |
| `foresight` | whether a retraining would train anything new                                               |
| `code`      | digests of the code that a pipeline's steps reach, made in a process apart                   |

Path of a run: `Worker.run` → `RunQueueStore.claim` → `Slot` (a process) → `child` → `Launcher.run`, with the request's
id as the run's → `Settling.end` → `RunQueueStore.finish`.

What happens when something dies:

- user code takes its process with it: the worker hands the request back; after `max_attempts` it has failed;
- the worker is killed: its processes read the end of their input and stop; when the lease has ended, another worker
  takes the request up, and the run goes on where its finished steps end;
- the worker is stopped for a while (a laptop that sleeps): its processes stop themselves when their lease has ended.
"""

from __future__ import annotations
