"""A project that relies on autologging: a grid search with scikit-learn, then LightGBM with its curve."""

from __future__ import annotations

import lightgbm
import mlflow
import pandas as pd
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, train_test_split

data = load_diabetes(as_frame=True)
train_x, test_x, train_y, test_y = train_test_split(data.data, data.target, random_state=0)

mlflow.set_experiment("autologging")
mlflow.autolog()
with mlflow.start_run(run_name="ridge") as parent:
    GridSearchCV(Ridge(), {"alpha": [0.1, 1.0, 10.0]}, cv=3).fit(train_x, train_y)
with mlflow.start_run(run_name="lightgbm") as boosted:
    lightgbm.train(
        {"objective": "regression", "metric": "l2", "verbose": -1, "num_threads": 1},
        lightgbm.Dataset(train_x, train_y),
        num_boost_round=15,
        valid_sets=[lightgbm.Dataset(test_x, test_y)],
    )

client = mlflow.MlflowClient()
children = client.search_runs(
    [parent.info.experiment_id],
    f"tags.mlflow.parentRunId = '{parent.info.run_id}'",
    order_by=["metrics.mean_test_score"],
)
curve = client.get_metric_history(boosted.info.run_id, "valid_0-l2")
inputs = client.get_run(boosted.info.run_id).inputs.dataset_inputs
frame = pd.DataFrame(mlflow.search_runs(order_by=["start_time DESC"]))
models = mlflow.search_logged_models(output_format="list")
named = {"ridge", "lightgbm"} <= set(frame["tags.mlflow.runName"])
print(len(children), [point.step for point in curve], len(inputs), named, len(models))  # noqa: T201 - what the test reads
