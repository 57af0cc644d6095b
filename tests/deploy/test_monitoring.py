"""The Grafana dashboard and the Prometheus alerts name metrics that Rollcall has."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from flask.testing import FlaskClient

from tests.processes import ROOT
from tests.required import require
from webapp.web.api import App

FOLDER = ROOT / "deploy/prometheus"
# Suffixes that Prometheus adds to a histogram.
SUFFIXES = re.compile(r"_(bucket|count|sum)$")
pytestmark = pytest.mark.one_engine


@pytest.fixture
def client(app_with: Callable[..., App]) -> FlaskClient:
    return app_with(METRICS_TOKEN="scrape me").test_client()


def test_every_metric_and_endpoint_exists(app: App, client: FlaskClient) -> None:
    dashboard = json.loads((ROOT / "deploy/grafana/rollcall.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    rules = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"][0]["rules"]
    asked += [rule["expr"] for rule in rules]
    names = {SUFFIXES.sub("", name) for text in asked for name in re.findall(r"rollcall_\w+", text)}
    known = set(re.findall(r"^# TYPE (\w+)", metrics(client), re.MULTILINE))
    assert names <= known
    endpoints = {name for text in asked for name in re.findall(r'endpoint="([\w.]+)"', text)}
    assert endpoints <= app.view_functions.keys()


def test_labels_have_few_values_whatever_clients_send(client: FlaskClient) -> None:
    for number in range(20):
        client.open(f"/unknown-{number}/<script>", method=f"WORD{number}")
        client.get(f"/users/{number}?q={number}", headers={"User-Agent": f"agent {number}"})
    labels = re.findall(r"rollcall_request_seconds_count{(.*)}", metrics(client))
    assert 'endpoint="none",method="other",status="404"' in labels
    assert not [text for text in labels if "unknown" in text or "WORD" in text or "agent" in text]


def test_the_alerts_fire_when_they_should(tmp_path: Path) -> None:
    require(shutil.which("promtool"), "promtool (Debian's package prometheus) is not installed")
    for command in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]):
        result = subprocess.run(["promtool", *command], cwd=FOLDER, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr


def metrics(client: FlaskClient) -> str:
    return client.get("/metrics", headers={"Authorization": "Bearer scrape me"}).text
