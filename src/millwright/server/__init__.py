"""The control plane for people who were not there: every record as pages and as JSON, read only.

| module     | holds                                                                                           |
|------------|-------------------------------------------------------------------------------------------------|
| `options`  | where the server listens; whoever is not on this machine is refused until there are accounts     |
| `app`      | joins API, pages, errors and the guard into one ASGI application                                 |
| `service`  | what handlers read from: stores, registry, monitor                                               |
| `failure`  | whatever goes wrong, in the one error shape                                                      |
| `security` | the guard in front of everything: host check, response headers                                   |
| `run`      | serves the application until stopped                                                             |
| `api`      | `/api/v1/…`, `/openapi.json`, `/health`, `/version`                                              |
| `pages`    | server-rendered pages without JavaScript                                                         |

Paths:

- `mw server`: `run.serve` → `app.build_app` → uvicorn.
- a page: `Guard` → Litestar's route → a handler in `pages` → a store → `Page` → the template.
- an API call: `Guard` → Litestar's route → a handler in `api` → a store → the record as JSON.

No handler changes anything, and nothing here may: a test walks every route for its methods.
"""
