from __future__ import annotations

import copy

import pytest
import yaml

from millwright.exports.image import MODEL_FOLDER
from millwright.exports.kserve import KServeTarget, inference_service
from tiny.resource_models import check_inference_service, needs_models

MODES = ("standard", "knative")


@needs_models
@pytest.mark.parametrize("mode", MODES)
def test_service_fits_kserves_own_models(planned, mode):
    check_inference_service(inference_service(planned(mode=mode, namespace="models", env={"A": "b"})))


@needs_models
@pytest.mark.parametrize(
    ("keys", "value", "told"),
    [
        (("minReplica",), 1, "minReplica is not known"),
        (("minReplicas",), "one", "minReplicas is 'one'"),
        (("containers", 0, "readinesProbe"), {"periodSeconds": 1}, "readinesProbe is not known"),
        (("containers", 0, "readinessProbe", "httpGet"), {"path": "/"}, "port"),
        (("deploymentStrategy", "rolling"), {}, "rolling is not known"),
    ],
)
def test_wrong_service_does_not_fit_them(planned, keys, value, told):
    wrong = copy.deepcopy(inference_service(planned()))
    place = wrong["spec"]["predictor"]
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    with pytest.raises(ValueError, match=told):
        check_inference_service(wrong)


@pytest.mark.parametrize("version", ["1.30.0", "latest"])
@pytest.mark.parametrize("mode", MODES)
def test_predictor_is_a_pod_that_kubernetes_takes(planned, mode, version):
    schemas = pytest.importorskip(
        "kubernetes_validate", reason="Kubernetes' schemas are not installed: pip install kubernetes-validate"
    )
    predictor = dict(inference_service(planned(mode=mode))["spec"]["predictor"])
    for own in ("minReplicas", "maxReplicas", "timeout", "scaleMetric", "scaleTarget", "deploymentStrategy"):
        predictor.pop(own, None)
    document = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "predictor"}, "spec": predictor}
    schemas.validate(document, schemas.latest_version() if version == "latest" else version, strict=True)
    document["spec"] = {**predictor, "minReplicas": 1}
    with pytest.raises(schemas.ValidationError):
        schemas.validate(document, schemas.latest_version(), strict=True)


@pytest.mark.parametrize("mode", MODES)
def test_predictor_says_protocol_v2_and_answers_by_the_services_name(planned, mode):
    document = inference_service(planned(mode=mode))
    (server,) = document["spec"]["predictor"]["containers"]
    assert {"name": "PROTOCOL", "value": "v2"} in server["env"]
    assert server["name"] == "kserve-container"
    assert server["args"] == ["serve", f"{document['metadata']['name']}={MODEL_FOLDER}"]


def test_knative_gets_nothing_that_it_refuses(planned):
    document = inference_service(planned(mode="knative", min_replicas=0))
    predictor = document["spec"]["predictor"]
    assert document["metadata"]["annotations"]["serving.kserve.io/deploymentMode"] == "Serverless"
    assert not {"terminationGracePeriodSeconds", "deploymentStrategy"} & set(predictor)
    assert not {"lifecycle", "startupProbe"} & set(predictor["containers"][0])
    assert (predictor["minReplicas"], predictor["scaleMetric"]) == (0, "concurrency")


def test_folder_holds_the_service_and_the_image(planned, tmp_path):
    target, plan = KServeTarget(), planned()
    files = target.files(plan)
    assert yaml.safe_load(files["inferenceservice.yaml"]) == inference_service(plan)
    assert "image/Dockerfile" in files
    assert [command.split()[0] for command in target.commands(plan, tmp_path)] == ["docker", "kubectl", "kubectl"]
