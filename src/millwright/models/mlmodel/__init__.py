"""MLflow's model folders: a file `MLmodel`, and beside it the model in one of MLflow's flavors.

`writing.export_folder` writes one from a package, `reading.import_folder` reads one into a model. Neither needs MLflow,
and no pickle is written or read. `loader` is what MLflow calls for models that none of its flavors can hold.
"""
