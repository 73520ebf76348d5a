"""What stands between the socket and the applications: each module is one layer around the next.

| module        | does                                                                                  |
|---------------|---------------------------------------------------------------------------------------|
| `observation` | gives each request an id, counts and times it, writes it into the log                 |
| `origin`      | refuses what other web pages want changed here; answers browsers that ask before (CORS) |
| `limit`       | requests per minute and client, size of bodies                                        |
| `compression` | gzip for JSON of 1 kB and more                                                        |
| `metrics`     | what is counted, as Prometheus reads it                                               |
| `log_format`  | one line of JSON for each thing that is logged                                        |
"""

from __future__ import annotations
