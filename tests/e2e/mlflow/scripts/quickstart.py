"""A first script with MLflow, as its users write them: only the tracking URI, from the environment, says where to."""

from __future__ import annotations

import mlflow
from mlflow.models import infer_signature
from sklearn import datasets
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

features, target = datasets.load_iris(return_X_y=True)
train_x, test_x, train_y, test_y = train_test_split(features, target, test_size=0.2, random_state=42)
params = {"solver": "lbfgs", "max_iter": 1000, "random_state": 8888}
model = LogisticRegression(**params).fit(train_x, train_y)
accuracy = accuracy_score(test_y, model.predict(test_x))

mlflow.set_experiment("MLflow Quickstart")
with mlflow.start_run():
    mlflow.log_params(params)
    mlflow.log_metric("accuracy", accuracy)
    mlflow.set_tag("Training Info", "Basic LR model for iris data")
    info = mlflow.sklearn.log_model(
        sk_model=model,
        name="iris_model",
        signature=infer_signature(train_x, model.predict(train_x)),
        input_example=train_x,
        registered_model_name="tracking-quickstart",
    )

loaded = mlflow.pyfunc.load_model(info.model_uri)
client = mlflow.MlflowClient()
client.set_registered_model_alias("tracking-quickstart", "champion", 1)
by_alias = mlflow.pyfunc.load_model("models:/tracking-quickstart@champion")
assert (loaded.predict(test_x) == model.predict(test_x)).all()
assert (by_alias.predict(test_x) == model.predict(test_x)).all()
found = mlflow.search_runs(filter_string="metrics.accuracy > 0.5 and params.solver = 'lbfgs'")
print(len(found), found["metrics.accuracy"][0] == accuracy, info.registered_model_version)  # noqa: T201 - what the test reads
