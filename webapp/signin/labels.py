"""Labels of security events."""

from __future__ import annotations

from webapp.core.texts import _
from webapp.signin.models import EventKind

EVENT_LABELS = {
    EventKind.SIGN_IN_FAILED: _("Wrong password at sign-in"),
    EventKind.SIGN_IN_REFUSED: _("Right password, but the account is not active"),
    EventKind.SIGN_IN_DELAYED: _("Sign-in blocked for some minutes after too many failed attempts"),
    EventKind.SECOND_FACTOR_FAILED: _("Wrong code at sign-in"),
    EventKind.PASSKEY_FAILED: _("Passkey refused"),
    EventKind.CONFIRMATION_FAILED: _("Wrong password or code when confirming"),
}
