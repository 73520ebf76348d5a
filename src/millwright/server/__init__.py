"""The server: MLflow's wire, the native API and pages, with users and roles.

| module      | holds                                                                                          |
|-------------|------------------------------------------------------------------------------------------------|
| `options`   | where the server listens, its limits, and whether it may start there                            |
| `run`       | takes the socket and serves until stopped                                                       |
| `http_protocol` | bounds on what a client sends before anybody looks at it                                   |
| `app`       | joins the layers in front and the applications behind them                                      |
| `front`     | which application answers; `/health`, `/version`, `/metrics`                                    |
| `security`  | the guard: host check, response headers                                                         |
| `traffic`   | request ids, counts, log lines, limits, origins, compression                                    |
| `auth`      | who calls, and what they may do                                                                 |
| `principal` | somebody who has proved who they are                                                            |
| `transfer`  | addresses that are given out for one transfer of a file                                         |
| `mlflow`    | MLflow's wire: a bare ASGI application                                                          |
| `site`      | the Litestar application, loaded behind the open socket: `api` and `pages`                      |
| `api`       | `/api/v1/…`, `/openapi.json`                                                                    |
| `pages`     | server-rendered pages without JavaScript                                                        |
| `service`   | what handlers read from and write to                                                            |
| `failure`   | whatever goes wrong, in the one error shape                                                     |

Paths:

- `mw server`: `run.serve` → `app.build_app` → uvicorn.
- any request: `Observation` → `Guard` → `Origins` → `Limits` → `Compression` → `Authentication` → `Front`.
- on the wire: `Front` → `MlflowApp` → the authorizer → a handler in `mlflow` → a store.
- a page: `Front` → Litestar → the guard of `auth.native` → a handler in `pages` → a store → `Page` → the template.
- an API call: the same way to a handler in `api`, which answers with the record as JSON.

No handler of `api` and `pages` changes anything but the caller's own tokens and the queue of runs, and none may: a test
walks every route for its methods.
"""

from __future__ import annotations
