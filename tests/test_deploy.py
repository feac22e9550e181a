"""What is deployed with: held to Kubernetes' schemas and to our settings, as no cluster runs here."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from qa.settings import PREFIX, Settings

DEPLOY = Path(__file__).parent.parent / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
FILES = sorted(path for path in KUBERNETES.glob("*.yaml") if path.name != "kustomization.yaml")
SETTINGS = {PREFIX + name.upper() for name in Settings.model_fields}


def objects(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text("utf-8")))


def pods() -> Iterator[dict[str, Any]]:
    for path in FILES:
        for one in objects(path):
            if template := one["spec"].get("template"):
                yield template["spec"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_an_object_is_what_kubernetes_knows(path: Path) -> None:
    for one in objects(path):
        # A name is required of what is applied under one, not of what is created under a new one.
        kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)


def test_a_wrong_object_would_be_found() -> None:
    (one,) = objects(KUBERNETES / "autoscaler.yaml")
    one["spec"]["maxReplica"] = one["spec"].pop("maxReplicas")
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)


def test_objects_name_each_other() -> None:
    (kustomization,) = objects(KUBERNETES / "kustomization.yaml")
    found = [one for name in kustomization["resources"] for one in objects(KUBERNETES / name)]
    by_kind = {one["kind"]: one["spec"] for one in found}
    served = by_kind["StatefulSet"]["template"]["metadata"]["labels"]
    assert by_kind["StatefulSet"]["selector"]["matchLabels"] == served
    assert by_kind["Service"]["selector"] == served
    assert by_kind["PodDisruptionBudget"]["selector"]["matchLabels"] == served
    assert by_kind["StatefulSet"]["serviceName"] == "wenzheng"
    assert {one["metadata"]["name"] for one in found} == {"wenzheng"}
    (container,) = by_kind["StatefulSet"]["template"]["spec"]["containers"]
    ports = {port["name"] for port in container["ports"]}
    probes = [container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")]
    assert [one["path"] for one in probes] == ["/healthz", "/healthz", "/readyz"]
    assert {one["port"] for one in probes} <= ports
    assert by_kind["Service"]["ports"][0]["targetPort"] in ports


def test_programs_may_do_no_more_than_they_need() -> None:
    for pod in pods():
        # Kubernetes would set WENZHENG_PORT to an address, which is no port.
        assert pod["enableServiceLinks"] is False
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == 10001
        for container in pod["containers"]:
            own = container["securityContext"]
            assert own["readOnlyRootFilesystem"] is True
            assert own["allowPrivilegeEscalation"] is False
            assert own["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["limits"]["memory"]
            assert {"/data", "/tmp"} <= {one["mountPath"] for one in container["volumeMounts"]}


def test_every_setting_that_is_given_is_one() -> None:
    given = {
        one["name"] for pod in pods() for container in pod["containers"] for one in container["env"]
    }
    example = (KUBERNETES / "secret.example.env").read_text("utf-8")
    given |= {line.partition("=")[0] for line in example.splitlines()}
    (compose,) = objects(DEPLOY / "compose.yaml")
    of_compose = set(compose["x-wenzheng"]["environment"]) - {"FORWARDED_ALLOW_IPS"}
    assert (given | of_compose) <= SETTINGS
    needed = {"WENZHENG_DATABASE_URL", "WENZHENG_MILVUS_URI", "WENZHENG_API_KEYS", "WENZHENG_CACHE"}
    assert needed <= given & of_compose
