"""Messages on the next page that also offer a way back."""

from __future__ import annotations

from typing import Any

from flask import flash

from webapp.core.languages import _


def flash_undoable(message: str, *, undo: str) -> None:
    """Says on the next page what was done, with a button that takes it back by posting to the address `undo`."""
    shown: Any = {"text": message, "action": undo, "label": _("Undo")}
    flash(shown, "success")
