from __future__ import annotations

from millwright.deployment.realtime.protocol import all_routes
from millwright.deployment.realtime.route import RouteOptions


def test_every_path_stands_once():
    paths = [route.path for route in all_routes(RouteOptions())]
    assert len(set(paths)) == len(paths)
    assert {"/", "/predict", "/invocations", "/score", "/v1/models/{model}:predict", "/openapi.json"} <= set(paths)


def test_chosen_path_comes_before_ours_of_the_same_name(make_serving, row):
    serving = make_serving(routes=RouteOptions(predict_paths=("/predict", "/ping"), health_paths=("/", "/invocations")))
    answer = {"predictions": [{"prediction": "v1", "probability": 1 / 13.5}]}
    assert serving.post("/predict", {"instances": [row]}).json == answer
    assert serving.get("/").json == {"ready": True}
    assert serving.post("/ping", {"instances": [row]}).json == answer
    assert serving.get("/ping").body == b"\n"
    assert serving.get("/invocations").json == {"ready": True}
    assert serving.post("/invocations", {"dataframe_records": [row]}).json == answer


def test_chosen_paths_are_listed():
    paths = {route.path for route in all_routes(RouteOptions(predict_paths=("/p",), health_paths=("/h",)))}
    assert paths - {route.path for route in all_routes(RouteOptions())} == {"/p", "/h"}
