"""Evidence in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from webapp.attributes.models import Attribute
from webapp.core.texts import _
from webapp.duplicates.likeness import Evidence

_TEXTS = {
    "plus_address": _("E-mail addresses that differ only after the plus"),
    "dots": _("E-mail addresses that differ only in dots"),
    "lookalike_address": _("E-mail addresses that look the same in Latin and Cyrillic letters"),
    "lookalike_name": _("Names that look the same in Latin and Cyrillic letters"),
    "same_name": _("Same name"),
    "name_order": _("Same name in another order"),
    "without_patronymic": _("Same name, one without the patronymic"),
    "other_script": _("Same name in Latin and in Cyrillic letters"),
    "similar_name": _("Names that sound alike"),
}
# From this strength on.
_STRENGTHS = ((75, "strong", _("Very likely")), (45, "medium", _("Likely")), (0, "weak", _("Possible")))


def evidence_texts(
    evidence: Iterable[Evidence], attributes: Sequence[Attribute], *, visible: Collection[str]
) -> list[str]:
    """Return each reason in words. `visible` are the keys of the attributes that the viewer may see."""
    labels = {attribute.key: attribute.label for attribute in attributes}
    return list(dict.fromkeys(_text(each, labels, visible) for each in evidence))


def _text(evidence: Evidence, labels: dict[str, str], visible: Collection[str]) -> str:
    fact = evidence.fact
    if evidence.code == "local_part":
        return str(_("“%(local)s” before the @ in both e-mail addresses", local=fact.text))
    if evidence.code == "attribute":
        if fact.attribute not in visible:
            return str(_("Same value in a field that you cannot see"))
        return str(_("Same value of “%(label)s”", label=labels[fact.attribute]))
    return str(_TEXTS[evidence.code])


def strength_level(strength: int) -> tuple[str, str]:
    """Return the name of the level and its label."""
    return next((name, str(label)) for least, name, label in _STRENGTHS if strength >= least)
