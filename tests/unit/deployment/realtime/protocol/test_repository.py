from __future__ import annotations

import pytest

READY = [{"name": "delay", "version": "1", "state": "READY", "reason": ""}]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"ready": true}'])
def test_golden_index(serving, body):
    """`POST v2/repository/index` → `[{"name", "version", "state", "reason"}]`."""
    response = serving.ask("POST", "/v2/repository/index", body)
    assert (response.status, response.json) == (200, READY)


def test_index_of_a_server_that_ends(serving):
    serving.state.draining = True
    assert serving.ask("POST", "/v2/repository/index").json[0]["state"] == "UNLOADING"
    assert serving.post("/v2/repository/index", {"ready": True}).json == []


@pytest.mark.parametrize("body", [b"[]", b'{"ready": 1}', b"x"])
def test_wrong_body_is_refused(serving, body):
    assert serving.ask("POST", "/v2/repository/index", body).status == 400


@pytest.mark.parametrize("model", ["/v2/models/delay", "/v2/models/site/versions/1"])
def test_config_names_tensors_as_the_metadata_does(serving, model):
    config, metadata = serving.get(f"{model}/config").json, serving.get(model).json
    assert (config["name"], config["platform"]) == (metadata["name"], metadata["platform"])
    for configured, described in (("input", "inputs"), ("output", "outputs")):
        assert [
            (tensor["name"], tensor["data_type"].removeprefix("TYPE_").replace("STRING", "BYTES"), tensor["dims"])
            for tensor in config[configured]
        ] == [(tensor["name"], tensor["datatype"], tensor["shape"]) for tensor in metadata[described]]
    assert [tensor["optional"] for tensor in config["input"]] == [False, False, True, False, True, True]


@pytest.mark.parametrize("path", ["/v2/models/stats", "/v2/models/delay/stats", "/v2/models/delay/versions/1/stats"])
def test_rows_predicted_are_counted(serving, row, path):
    serving.post("/predict", [row, row])
    assert serving.get(path).json == {"model_stats": [{"name": "delay", "version": "1", "inference_count": 2}]}


@pytest.mark.parametrize("path", ["/v2/models/dealy/config", "/v2/models/delay/versions/2/stats"])
def test_unknown_model_and_version_are_refused(serving, path):
    assert serving.get(path).status == 404
