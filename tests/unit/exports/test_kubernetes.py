"""Manifests against Kubernetes' own schemas, in their strict form: a field that is not there is an error."""

from __future__ import annotations

import copy
import shutil
import subprocess

import pytest
import yaml

from millwright.core.progress import SilentProgress
from millwright.exports.folder import write_files
from millwright.exports.kubernetes import KubernetesTarget
from tiny.resource_models import keda_reads, needs_models

schemas = pytest.importorskip(
    "kubernetes_validate", reason="Kubernetes' schemas are not installed: pip install kubernetes-validate"
)

VERSIONS = ("1.25.0", "1.30.0", schemas.latest_version())


def documents_of(plan):
    files = KubernetesTarget().files(plan)
    return {path: yaml.safe_load(content) for path, content in files.items() if path.endswith(".yaml")}


@pytest.fixture
def documents(planned):
    return documents_of(planned(namespace="models", env={"MILLWRIGHT_SERVE__MAX_ROWS": "100"}))


@pytest.mark.parametrize("version", VERSIONS)
def test_manifests_fit_the_schemas_of_kubernetes(documents, version):
    resources = [each for path, each in documents.items() if path != "kustomization.yaml"]
    assert {each["kind"] for each in resources} == {
        "Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget",
    }  # fmt: skip
    for each in resources:
        schemas.validate(each, version, strict=True)


@pytest.mark.parametrize(
    ("path", "keys", "value"),
    [
        ("deployment.yaml", ("spec", "replica"), 2),
        ("deployment.yaml", ("spec", "template", "spec", "containers", 0, "ports", 0, "containerPort"), "8080"),
        ("deployment.yaml", ("spec", "template", "spec", "containers", 0, "readinesProbe"), {}),
        ("service.yaml", ("spec", "ports", 0, "targetport"), 80),
        ("horizontalpodautoscaler.yaml", ("spec", "maxReplicas"), None),
        ("poddisruptionbudget.yaml", ("spec", "maxUnavailable"), []),
    ],
)
def test_wrong_manifest_does_not_fit(documents, path, keys, value):
    wrong = copy.deepcopy(documents[path])
    place = wrong
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    with pytest.raises(schemas.ValidationError):
        schemas.validate(wrong, VERSIONS[-1], strict=True)


def test_service_and_budget_find_the_pods_of_the_deployment(documents):
    labels = documents["deployment.yaml"]["spec"]["template"]["metadata"]["labels"]
    for chosen in (
        documents["service.yaml"]["spec"]["selector"],
        documents["poddisruptionbudget.yaml"]["spec"]["selector"]["matchLabels"],
        documents["deployment.yaml"]["spec"]["selector"]["matchLabels"],
    ):
        assert chosen.items() <= labels.items()
        assert "1" not in chosen.values(), "a version's number in a selector could never change"
    (port,) = documents["service.yaml"]["spec"]["ports"]
    server = documents["deployment.yaml"]["spec"]["template"]["spec"]["containers"][0]
    assert port["targetPort"] in [each["name"] for each in server["ports"]]


def test_new_pods_come_before_old_ones_go(documents):
    spec = documents["deployment.yaml"]["spec"]
    assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    server = spec["template"]["spec"]["containers"][0]
    assert {"startupProbe", "readinessProbe", "livenessProbe", "lifecycle", "securityContext"} <= set(server)
    assert server["image"] == "late-visit:1"


def test_number_of_replicas_is_the_autoscalers_or_ours_but_never_both(planned):
    with_hpa = documents_of(planned(min_replicas=3, max_replicas=5))
    assert "replicas" not in with_hpa["deployment.yaml"]["spec"]
    assert with_hpa["horizontalpodautoscaler.yaml"]["spec"]["minReplicas"] == 3
    fixed = documents_of(planned(min_replicas=3, autoscaler="none"))
    assert fixed["deployment.yaml"]["spec"]["replicas"] == 3
    assert fixed["kustomization.yaml"]["resources"] == ["deployment.yaml", "service.yaml", "poddisruptionbudget.yaml"]


def test_keda_asks_cpu_time_and_prometheus(planned):
    documents = documents_of(planned(autoscaler="keda", prometheus="http://prometheus:9090"))
    spec = documents["scaledobject.yaml"]["spec"]
    assert [each["type"] for each in spec["triggers"]] == ["cpu", "prometheus"]
    assert spec["scaleTargetRef"]["name"] == documents["deployment.yaml"]["metadata"]["name"]
    assert spec["triggers"][1]["metadata"]["serverAddress"] == "http://prometheus:9090"
    assert all(isinstance(value, str) for each in spec["triggers"] for value in each["metadata"].values())
    assert "horizontalpodautoscaler.yaml" not in documents
    assert len(documents_of(planned(autoscaler="keda"))["scaledobject.yaml"]["spec"]["triggers"]) == 1


@needs_models
def test_scaled_object_is_what_kedas_models_read(planned):
    options = {"autoscaler": "keda", "prometheus": "http://prometheus:9090"}
    document = documents_of(planned(**options))["scaledobject.yaml"]
    assert keda_reads(document) == document
    wrong = copy.deepcopy(document)
    wrong["spec"]["maxReplicaCounts"] = 3
    assert keda_reads(wrong) == document
    wrong["spec"]["triggers"] = "cpu"
    with pytest.raises(ValueError, match="list"):
        keda_reads(wrong)


def test_metric_that_keda_asks_for_is_one_that_the_server_has(planned):
    import inspect

    from millwright.deployment.realtime.protocol import metrics

    documents = documents_of(planned(autoscaler="keda", prometheus="http://prometheus:9090"))
    query = documents["scaledobject.yaml"]["spec"]["triggers"][1]["metadata"]["query"]
    name = query.partition("rate(")[2].partition("{")[0].removesuffix("_total")
    assert f'"{name}"' in inspect.getsource(metrics)


def test_build_context_comes_along_unless_the_image_is_there(planned, tmp_path):
    target = KubernetesTarget()
    plan, built = planned(), planned(image="registry.example.com/late:3", builds_image=False, namespace="models")
    assert "image/Dockerfile" in target.files(plan)
    assert not [path for path in target.files(built) if path.startswith("image/")]
    assert target.commands(plan, tmp_path)[0].startswith("docker build --tag late-visit:1 ")
    assert target.commands(built, tmp_path) == (
        f"kubectl apply --kustomize {tmp_path}",
        "kubectl rollout status deployment/late-visit --namespace models",
    )


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_kustomize_reads_the_folder(planned, tmp_path):
    write_files(KubernetesTarget().files(planned()), tmp_path / "k8s", progress=SilentProgress())
    command = ["kubectl", "kustomize", tmp_path / "k8s"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {each["kind"] for each in yaml.safe_load_all(done.stdout)} == {
        "Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget",
    }  # fmt: skip
