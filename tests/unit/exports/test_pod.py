from __future__ import annotations

import yaml

from millwright.exports import pod
from millwright.exports.image import TEMPORARY, USER


def test_container_has_no_rights_and_one_place_to_write_to(planned):
    plan = planned()
    server = pod.container(plan, "server")
    assert server["securityContext"]["readOnlyRootFilesystem"] is True
    assert server["securityContext"]["runAsUser"] == USER
    assert server["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert server["volumeMounts"] == [{"name": "temporary", "mountPath": TEMPORARY}]
    assert pod.volumes(plan)[0]["name"] == "temporary"


def test_memory_is_limited_and_cpu_time_is_not(planned):
    server = pod.container(planned(cpu="500m", memory="2Gi"), "server")
    assert server["resources"] == {"requests": {"cpu": "500m", "memory": "2Gi"}, "limits": {"memory": "2Gi"}}


def test_probes_ask_paths_that_the_server_answers(planned):
    from millwright.deployment.realtime.protocol import all_routes
    from millwright.deployment.realtime.route import RouteOptions

    known = {route.path for route in all_routes(RouteOptions()) if "GET" in route.handlers}
    server = pod.container(planned(), "server")
    probes = (server["readinessProbe"], server["livenessProbe"], pod.startup_probe())
    assert {probe["httpGet"]["path"] for probe in probes} <= known
    assert server["readinessProbe"]["httpGet"]["path"] != server["livenessProbe"]["httpGet"]["path"]


def test_pod_is_killed_only_after_farewell_and_drain(planned):
    plan = planned()
    pause = int(pod.farewell()["preStop"]["exec"]["command"][1])
    assert pod.grace_s(plan) > pause + plan.drain_s


def test_variables_stand_in_the_container(planned):
    plan = planned(env={"MILLWRIGHT_SERVE__MAX_ROWS": "100"})
    assert "env" not in pod.container(planned(), "server")
    assert pod.container(plan, "server", env={"A": "b"})["env"] == [
        {"name": "A", "value": "b"},
        {"name": "MILLWRIGHT_SERVE__MAX_ROWS", "value": "100"},
    ]


def test_documents_are_yaml_in_the_order_they_were_written_in():
    (text,) = pod.documents({"a.yaml": {"kind": "Zoo", "apiVersion": "v1", "name": "żółw"}}).values()
    assert text.decode() == "kind: Zoo\napiVersion: v1\nname: żółw\n"
    assert yaml.safe_load(text) == {"kind": "Zoo", "apiVersion": "v1", "name": "żółw"}
