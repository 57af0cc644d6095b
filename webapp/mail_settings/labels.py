"""Labels of the fields of e-mail settings, and the name of their subject, in the audit trail."""

from __future__ import annotations

from webapp.core.texts import _

FIELD_LABELS = {
    "support_contact": _("Contact for questions"),
    "signature_en": _("Signature in English"),
    "signature_ru": _("Signature in Russian"),
    "invitation_intro_en": _("Introduction of invitations in English"),
    "invitation_intro_ru": _("Introduction of invitations in Russian"),
    "logo": _("Logo"),
}


def subject_text(_label: str) -> str:
    return str(_("E-mails"))
