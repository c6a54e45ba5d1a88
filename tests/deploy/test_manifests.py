"""What deploy/ holds is checked without a cluster: schemas, names that must agree, and what must be closed."""

import re
import shutil
import subprocess
from datetime import datetime, timedelta, timezone

import kubernetes_validate
import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import ROOT
from tests.servers import must_be_there

DEPLOY = ROOT / "deploy"
MANIFESTS = [
    pytest.param(manifest, id=f"{path.stem}-{manifest['kind']}-{manifest['metadata']['name']}")
    for path in sorted((DEPLOY / "kubernetes").glob("*.yml"))
    for manifest in yaml.safe_load_all(path.read_text())
]
# Keys of a service in the Compose specification, as far as they are used here: a misspelled one is found.
SERVICE_KEYS = {
    *("build", "cap_add", "cap_drop", "command", "cpus", "depends_on", "environment", "healthcheck", "image"),
    *("mem_limit", "networks", "ports", "read_only", "restart", "security_opt", "stop_grace_period", "tmpfs"),
    "volumes",
}


@pytest.mark.parametrize("manifest", MANIFESTS)
def test_a_kubernetes_manifest_fits_its_schema(manifest):
    kubernetes_validate.validate(manifest, "1.28", strict=True)


def test_the_schema_check_finds_a_misspelled_key():
    manifest = yaml.safe_load("{apiVersion: v1, kind: Service, metadata: {name: x}, spec: {portz: []}}")
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifest, "1.28", strict=True)


def containers():
    for parameter in MANIFESTS:
        manifest = parameter.values[0]
        if manifest["kind"] == "Deployment":
            pod = manifest["spec"]["template"]["spec"]
            for container in pod["containers"]:
                yield pytest.param(pod, container, id=container["name"])


@pytest.mark.parametrize(("pod", "container"), containers())
def test_a_container_runs_as_nobody_with_limits_and_probes(pod, container):
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"]["drop"] == ["ALL"]
    assert set(container["resources"]["limits"]) == {"cpu", "memory"}
    assert "readinessProbe" in container
    assert "livenessProbe" in container


def compose():
    return yaml.safe_load((DEPLOY / "compose.yml").read_text())


def test_compose_names_agree():
    content = compose()
    services = content["services"]
    assert {"guide-1", "guide-2", "nginx", "postgres", "redis"} == set(services)
    for name, service in services.items():
        assert set(service) <= SERVICE_KEYS, name
        assert set(service.get("depends_on", {})) <= set(services), name
        assert set(service["networks"]) <= set(content["networks"]), name
        for other in service.get("depends_on", {}):
            assert "healthcheck" in services[other] or other.startswith("guide"), f"{name} waits for {other}"
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in content["volumes"] or source.startswith(("./", "../")), f"{name}: {volume}"


def test_only_nginx_is_reached_from_outside():
    content = compose()
    assert [name for name, service in content["services"].items() if "ports" in service] == ["nginx"]
    assert content["networks"]["inside"]["internal"] is True
    assert [name for name, one in content["services"].items() if "outside" in one["networks"]] == ["nginx"]


@pytest.mark.parametrize("name", ["guide-1", "guide-2", "nginx"])
def test_what_is_near_the_outside_is_closed(name):
    service = compose()["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["mem_limit"]


def test_every_secret_comes_from_the_environment_and_a_missing_one_stops_the_start():
    text = (DEPLOY / "compose.yml").read_text()
    needed = set(re.findall(r"\$\{(\w+):\?", text))
    named = set(re.findall(r"^(\w+)=$", (DEPLOY / "environment.example").read_text(), re.MULTILINE))
    assert needed == named
    assert set(re.findall(r"\$\{(\w+)", text)) == needed


def test_every_variable_is_one_of_the_guides():
    settings = (ROOT / "infusion_guide" / "settings.py").read_text()
    given = set(compose()["services"]["guide-1"]["environment"])
    for parameter in MANIFESTS:
        if parameter.values[0]["metadata"]["name"] == "guide" and parameter.values[0]["kind"] == "Deployment":
            container = parameter.values[0]["spec"]["template"]["spec"]["containers"][0]
            given |= {variable["name"] for variable in container["env"]}
    assert {name for name in given if f'"{name}"' not in settings} == set()


def test_the_image_is_built_from_what_is_there_and_runs_as_nobody():
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), line
                assert f"!{source.split('/')[0]}" in ignored, f"{source} is kept out by .dockerignore"
    assert "USER 10001" in lines
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    assert not any("secret" in line.lower() or "password" in line.lower() for line in lines)


@pytest.fixture
def nginx_configuration(tmp_path):
    """nginx.conf with this machine's paths: the names of containers do not resolve here."""
    must_be_there(shutil.which("nginx"), "nginx")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (tmp_path / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "key.pem").write_bytes(key.private_bytes(pem, *plain))
    text = (DEPLOY / "nginx.conf").read_text()
    text = text.replace("/etc/nginx/tls", str(tmp_path)).replace("guide-1:", "127.0.0.1:").replace("guide-2:", "[::1]:")
    path = tmp_path / "nginx.conf"
    path.write_text(text.replace("/var/run/nginx.pid", str(tmp_path / "nginx.pid")))
    return path


def test_nginx_takes_its_configuration(nginx_configuration):
    command = ["nginx", "-t", "-q", "-c", str(nginx_configuration), "-p", str(nginx_configuration.parent)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "emerg" not in result.stderr


def test_nginx_keeps_metrics_inside_and_names_its_proxy():
    text = (DEPLOY / "nginx.conf").read_text()
    assert "location = /metrics { return 404; }" in text
    assert "X-Forwarded-For $remote_addr" in text
    assert "Strict-Transport-Security" in text
    assert "client_max_body_size 16k" in text
