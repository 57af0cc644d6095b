"""What gunicorn and flask start: one app."""

import sys

from webapp import create_app
from webapp.settings import SettingsError

try:
    app = create_app()
except SettingsError as error:
    sys.exit(f"Rollcall cannot start: {error}")
