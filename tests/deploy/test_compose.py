"""compose.yaml and the example environments match the settings of Rollcall."""

from __future__ import annotations

import ipaddress
import json
import re
import shutil
import stat
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from dotenv import dotenv_values
from pydantic import SecretStr

from tests.deploy.servers import VARIABLE, compose, interpolate
from tests.processes import ROOT
from webapp.settings import Settings, load_settings

TEXT = (ROOT / "compose.yaml").read_text()
SERVICES = compose()["services"]
ENVIRONMENTS = ("production", "staging")
# Variables of the official images.
IMAGE_VARIABLES = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE", "POSTGRES_INITDB_ARGS"}
ROLLCALL_VARIABLES = {name.upper() for name in Settings.model_fields}
# A variable of Compose: the prefix of containers, networks and volumes.
COMPOSE_VARIABLES = {"COMPOSE_PROJECT_NAME"}


def example(environment: str) -> dict[str, str]:
    return {name: text or "" for name, text in dotenv_values(ROOT / f"deploy/{environment}.env.example").items()}


@pytest.mark.parametrize("service", SERVICES)
def test_every_variable_of_a_container_is_a_setting(service: str):
    names = {name.removesuffix("_FILE") if name not in IMAGE_VARIABLES else name for name in environment_of(service)}
    assert names <= ROLLCALL_VARIABLES | IMAGE_VARIABLES


def test_every_setting_of_security_reaches_the_containers():
    names = {name.removesuffix("_FILE") for name in environment_of("web")}
    limits = {name for name in ROLLCALL_VARIABLES if name.endswith("_LIMIT")}
    assert limits | {"MFA_REQUIRED", "MFA_GRACE_DAYS", "PASSWORD_CHANGE_REQUIRED", "SECRET_KEY_PREVIOUS"} <= names


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_example_has_exactly_the_variables_of_compose(environment: str):
    assert example(environment).keys() == {found[1] for found in VARIABLE.finditer(TEXT)} | COMPOSE_VARIABLES


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_settings_of_an_example_are_valid(environment: str, tmp_path: Path):
    make_secrets(tmp_path / "secrets")
    values = example(environment)
    environ = {name: interpolate(str(text), values) for name, text in environment_of("web").items()}
    environ = {name: text.replace("/run/secrets", f"{tmp_path}/secrets") for name, text in environ.items()}
    settings = load_settings(environ | {"APP_ENV": "production"})
    assert settings.base_url == values["BASE_URL"]
    assert (settings.mfa_required, settings.login_limit, settings.previous_secret_keys) == ("staff", "10/5minutes", [])
    assert settings.proxies == [ipaddress.ip_network(values["EDGE_SUBNET"])]
    password = (tmp_path / "secrets/postgres_password").read_text()
    assert settings.database_url == f"postgresql+psycopg2://rollcall:{password}@db:5432/rollcall"


def test_every_variable_of_the_systemd_unit_is_a_setting():
    unit = (ROOT / "deploy/rollcall.service").read_text()
    names = {name.removesuffix("_FILE") for name in re.findall(r"^Environment=([A-Z_]+)=", unit, re.MULTILINE)}
    assert names - {"PYTHONDONTWRITEBYTECODE"} <= ROLLCALL_VARIABLES
    credentials = {*re.findall(r"^LoadCredential=(\w+):", unit, re.MULTILINE)}
    assert credentials == {*re.findall(r"_FILE=%d/(\w+)$", unit, re.MULTILINE)}


def test_the_systemd_unit_hides_the_history_of_the_checkout():
    unit = (ROOT / "deploy/rollcall.service").read_text()
    folder = re.search(r"^WorkingDirectory=(.+)$", unit, re.MULTILINE)[1]
    assert f"\nInaccessiblePaths=-{folder}/.git\n" in unit


def test_no_secret_is_a_variable():
    secret = {name.upper() for name, field in Settings.model_fields.items() if field.annotation is SecretStr}
    secret |= {"DATABASE_URL", "MAIL_URL"}
    for service in SERVICES:
        assert not secret & environment_of(service).keys(), service
    assert not secret & {found[1] for found in VARIABLE.finditer(TEXT)}


def test_secrets_are_created_once_in_a_private_folder(tmp_path: Path):
    folder = tmp_path / "secrets"
    assert make_secrets(folder) == 0
    before = {file.name: file.read_text() for file in folder.iterdir()}
    assert make_secrets(folder) == 1
    assert before == {file.name: file.read_text() for file in folder.iterdir()}
    assert before.keys() == compose()["secrets"].keys()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_both_environments_can_run_on_one_machine():
    shared = {
        "API_LIMIT",
        "BACKUP_HOURS",
        "BACKUP_KEEP",
        "CERTIFICATES_DIR",
        "EXPORT_LIMIT",
        "LOGIN_LIMIT",
        "MFA_GRACE_DAYS",
        "MFA_REQUIRED",
        "PASSWORD_CHANGE_REQUIRED",
        "RESET_LIMIT",
        "WEB_CONCURRENCY",
        "SESSION_HOURS",
        "BIN_DAYS",
        "TRUSTED_HOSTS",
        "MAIL_FROM",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_TRACES_SAMPLER_ARG",
    }
    production, staging = (example(environment) for environment in ENVIRONMENTS)
    assert {name for name in production if production[name] == staging[name]} == shared
    first, second = (ipaddress.ip_network(values["EDGE_SUBNET"]) for values in (production, staging))
    assert not first.overlaps(second)


def test_the_scheme_of_the_address_matches_the_nginx_server():
    for environment in ENVIRONMENTS:
        values = example(environment)
        assert urlsplit(values["BASE_URL"]).scheme == values["NGINX_SERVER"]


def test_only_nginx_publishes_ports():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert [name for name, service in SERVICES.items() if "edge" in service["networks"]] == ["nginx", "web", "worker"]
    assert compose()["networks"]["data"] == {"internal": True}


@pytest.mark.parametrize("service", SERVICES)
def test_every_container_has_limits_and_no_capabilities(service: str):
    definition = SERVICES[service]
    assert (definition["cap_drop"], definition["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert definition["deploy"]["resources"]["limits"].keys() == {"cpus", "memory", "pids"}
    assert definition["restart"] == ("no" if service == "migrate" else "unless-stopped")
    assert definition.get("read_only", False) == (service != "db")


def test_the_database_starts_before_migrations_and_these_before_web():
    healthy, done = {"condition": "service_healthy"}, {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["depends_on"] == {"db": healthy}
    assert SERVICES["web"]["depends_on"] == {"db": healthy, "migrate": done}
    assert [name for name, service in SERVICES.items() if "test" in service.get("healthcheck", {})] == [
        "nginx",
        "db",
        "redis",
    ]


def test_every_mounted_file_exists():
    for volume in SERVICES["nginx"]["volumes"][:-1]:
        for server in ("http", "https"):
            assert (ROOT / interpolate(volume, {"NGINX_SERVER": server}).split(":")[0]).exists()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_compose_can_parse_the_file(environment: str):
    """Parse the file with Docker Compose if it is installed, otherwise with PyYAML."""
    values = example(environment)
    parsed = yaml.safe_load(interpolate(TEXT, values))
    if has_compose():
        command = ["docker", "compose", "--env-file", f"deploy/{environment}.env.example", "config", "--format", "json"]
        output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=300).stdout
        parsed = json.loads(output)
    assert parsed["services"].keys() == SERVICES.keys()
    assert parsed["services"]["web"]["image"] == f"rollcall:{values['IMAGE_TAG']}"


def environment_of(service: str) -> dict[str, str]:
    return SERVICES[service].get("environment", {})


def make_secrets(folder: Path) -> int:
    command = ["sh", str(ROOT / "deploy/make-secrets.sh"), str(folder)]
    return subprocess.run(command, capture_output=True, timeout=300, check=False).returncode


def has_compose() -> bool:
    docker = shutil.which("docker")
    return (
        bool(docker)
        and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0
    )
