"""MLflow's wire protocol: what unmodified MLflow clients ask a tracking server.

One module per family of endpoints, each ending in its `ROUTES`; `routes` joins them. `route` finds them, `request`
decodes as MLflow's server does, `permission` says what each needs, `failure` and `answer` write what clients expect,
`application` runs it all. Handlers call the same stores and services as everything else in Millwright: there is one
truth, told in two languages.
"""

from __future__ import annotations
