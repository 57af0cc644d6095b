"""The words for states, and for yes and no, that files contain."""

from __future__ import annotations

from webapp.attributes.values import NO, YES
from webapp.core.statuses import Status
from webapp.core.text import caseless_key
from webapp.core.texts import in_all_languages

_ACTIVE = (
    "active, enabled, current, employed, working, on leave, vacation, recovery, password_expired, password expired,"
    " locked_out, locked out, normal, ok, confirmed, verified, registered, member, активен, активна, активный,"
    " активная, активно, включён, включена, включен, работает, действует, действующий, в отпуске, отпуск, декрет,"
    " aktiv, aktiviert, beschäftigt, actif, active, activé, activo, activa, attivo, ativo, aktywny"
)
_INVITED = (
    "invited, pending, staged, provisioned, pending activation, pending user action, not activated, new, unconfirmed,"
    " never logged in, pending acceptance, pendingacceptance, приглашён, приглашен, приглашена, ожидает, ожидание,"
    " новый, не активирован, eingeladen, ausstehend, invité, en attente, invitado, pendiente"
)
_DEACTIVATED = (
    "deactivated, suspended, disabled, inactive, blocked, locked, deprovisioned, archived, terminated, left, leaver,"
    " former, resigned, retired, dismissed, closed, revoked, deleted, removed, no, отключён, отключен, отключена,"
    " заблокирован, заблокирована, неактивен, неактивна, неактивный, не активен, уволен, уволена, уволено,"
    " приостановлен, приостановлена, архив, в архиве, не работает, удалён, удален, удалена,"
    " gesperrt, deaktiviert, inaktiv, ausgeschieden, gekündigt, archiviert, désactivé, inactif, suspendu, bloqué,"
    " parti, inactivo, bloqueado, suspendido, inattivo"
)
_OWN_LABELS = {Status.ACTIVE: "Active", Status.INVITED: "No password yet", Status.DEACTIVATED: "Deactivated"}
STATUSES = {
    caseless_key(word): str(status)
    for status, words in ((Status.DEACTIVATED, _DEACTIVATED), (Status.INVITED, _INVITED), (Status.ACTIVE, _ACTIVE))
    for word in [*words.split(","), *in_all_languages(_OWN_LABELS[status])]
}
# A flag such as accountEnabled can be in a column that is called status.
STATUSES |= dict.fromkeys(("true", "1", "yes", "да", "истина", "wahr", "ja"), str(Status.ACTIVE))
STATUSES |= dict.fromkeys(("false", "0", "нет", "ложь", "falsch", "nein"), str(Status.DEACTIVATED))

# Also as spreadsheets write them in other languages.
YES_WORDS = YES | {
    "t",
    "on",
    "истина",
    "вкл",
    "wahr",
    "ja",
    "vrai",
    "oui",
    "verdadero",
    "sí",
    "si",
    "vero",
    "x",
    "✓",
    "✔",
}
NO_WORDS = NO | {"f", "off", "ложь", "выкл", "falsch", "nein", "faux", "non", "falso", "null"}
