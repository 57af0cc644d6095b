"""Prints compose.yaml for docker-compose 1.29, which reads the limits of a container from other fields."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]

compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
for service in compose["services"].values():
    limits = service.pop("deploy")["resources"]["limits"]
    service |= {"cpus": float(limits["cpus"]), "mem_limit": limits["memory"], "pids_limit": limits["pids"]}
print(yaml.safe_dump(compose, sort_keys=False))
