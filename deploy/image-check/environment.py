"""Prints the environment of the check: that of staging with other names, ports and secrets."""

from __future__ import annotations

import sys
from pathlib import Path

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parents[2]
OWN = {
    "BASE_URL": "http://localhost:18080",
    "COMPOSE_PROJECT_NAME": "rollcall-image-check",
    "IMAGE_TAG": "check",
    "HTTP_PORT": "18080",
    "HTTPS_PORT": "18443",
    "EDGE_SUBNET": "172.30.85.0/24",
    "PASSWORD_CHANGE_REQUIRED": "off",
}

values = dotenv_values(ROOT / "deploy/staging.env.example") | OWN | {"SECRETS_DIR": f"{sys.argv[1]}/secrets"}
print("\n".join(f"{name}={value or ''}" for name, value in values.items()))
