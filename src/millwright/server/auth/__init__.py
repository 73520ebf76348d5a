"""Who calls, and what they may do.

| module          | holds                                                                                       |
|-----------------|---------------------------------------------------------------------------------------------|
| `password`      | Argon2 hashes                                                                               |
| `token`         | the form of API tokens                                                                      |
| `attempt`       | how often somebody may guess, counted over all workers                                      |
| `session`       | logins in browsers                                                                          |
| `authentication`| from a request's credentials to a principal; refuses everything else but a few open paths   |
| `login`         | the pages to log in and out                                                                 |
| `oidc`          | logging in by an OpenID provider                                                            |
| `authorization` | decides on calls of MLflow's wire                                                           |
| `native`        | decides on pages and the native API                                                         |
| `account`       | changes of users, roles and tokens, each with its audit entry                               |
| `own_token`     | what users do with their own tokens by themselves                                           |
| `account_page`  | their page, and that of all users                                                           |
| `form`          | small pages with forms                                                                      |
| `mlflow_user`   | MLflow's own endpoints of users                                                             |
| `mlflow_role`   | MLflow's endpoints of roles and permissions                                                 |
| `mlflow_caller` | who calls these, and what they call a user, a role and a permission                         |

Path of a request: `Authentication.__call__` → `Authenticator.identify` (cached for two seconds) → the application,
whose authorizer asks the principal for its role in the project of each thing that the request names.
"""

from __future__ import annotations
