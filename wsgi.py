"""What gunicorn and flask start: one app."""

import gc
import sys

# Nearly all objects that imports create stay. Looking for garbage among them takes a tenth of the start.
gc.disable()

from webapp import create_app
from webapp.settings_checks import SettingsError

try:
    app = create_app()
except SettingsError as error:
    sys.exit(f"Rollcall cannot start: {error}")
finally:
    gc.enable()
