"""Brings experiments, runs and models from MLflow, and back to it.

It stands in `registry`, the lowest room that may know runs (through `storage`) and registered models at once.

| module          | holds                                                                                        |
|-----------------|----------------------------------------------------------------------------------------------|
| `content`       | what is carried, in one form for all places; digests of it                                    |
| `place`         | what a place must be able to do to be read from, and to be written to                         |
| `sqlite_place`  | a stock MLflow SQLite file, read only, with its artifacts in one folder                       |
| `rest_place`    | a server that speaks MLflow's REST: a stock one or ours; read and written                     |
| `rest_models`   | its registered models                                                                        |
| `rest_form`     | MLflow's JSON to what is carried, and back                                                    |
| `rest_client`   | plain HTTP for it                                                                             |
| `store_place`   | this workspace's own stores; read and written                                                 |
| `store_models`  | their registered models                                                                      |
| `logged_model`  | logged models of MLflow 3: what is carried of them, and when two of them are equal            |
| `logged_model_transfer` | carries them from place to place, and compares                                       |
| `sqlite_logged_model`, `rest_logged_model`, `store_logged_model` | how a file, a server and this workspace have them |
| `reading`       | a run read whole, to be compared                                                             |
| `rest_left_out` | what a server has that is not carried                                                        |
| `folder`        | files below one folder and nowhere else                                                       |
| `transfer`      | carries everything from one place to another, then compares                                   |
| `report`        | what was carried, what was there already, and what differs                                    |

Path of an import: `mw import mlflow` → `Transfer.run` → a place's `iter_…` → `StorePlace.put_…` → the stores.

Nothing is ever unpickled, and no model is loaded: artifacts are bytes. A source is not trusted: its texts never become
paths outside the folder that was named, and its database is opened read only with its functions switched off.

It may be interrupted and run again, and run twice: a run is there whole (found by its id, or by the tag that remembers
where it came from) or is carried again.
"""
