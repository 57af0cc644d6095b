"""Creates the app for gunicorn and for the command `flask`."""

import gc
import sys

# Nearly all objects that imports create stay. Looking for garbage among them takes a tenth of the start. After
# `freeze`, the collector ignores them, also later, when a command is imported.
gc.disable()

import click

from webapp import create_app, create_command_app
from webapp.settings_checks import SettingsError

# `flask users list` looks for the command in the context of `flask`. Commands of Flask itself, like `flask run`, have a
# context of their own inside it, and need the whole app.
_context = click.get_current_context(silent=True)
_for_command = _context is not None and _context.parent is None
try:
    app = create_command_app() if _for_command else create_app()
except SettingsError as error:
    sys.exit(f"Rollcall cannot start: {error}")
finally:
    gc.freeze()
    gc.enable()
