"""The overview of the settings, and the security rules."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.core.context import current_settings
from webapp.core.permissions import Permission
from webapp.settings_pages.security_rules import security_rules
from webapp.web.guards import requires

settings_pages = Blueprint("settings", __name__, url_prefix="/settings")


@settings_pages.get("")
@requires(Permission.SETTINGS_MANAGE, everywhere=True)
def index() -> ResponseReturnValue:
    return render_template("settings_pages/index.html")


@settings_pages.get("/security")
@requires(Permission.SETTINGS_MANAGE, everywhere=True)
def security() -> ResponseReturnValue:
    """Show the rules that count now. They are set outside Rollcall, so that a stolen session cannot change them."""
    return render_template("settings_pages/security.html", sections=security_rules(current_settings()))
