"""Mappings that people save by name. They are suggested for the next file with the same headings."""

from __future__ import annotations

from sqlalchemy import select

from webapp.core.clock import now
from webapp.core.errors import Invalid
from webapp.core.permissions import Actor
from webapp.core.text import caseless_key, clean_text
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.imports.creating import headings_key
from webapp.imports.files.info import FileInfo
from webapp.imports.models import MAPPING_NAME_MAX, SavedMapping
from webapp.imports.options import Options
from webapp.imports.services import check_may_import


@transaction()
def save_mapping(name: str, info: FileInfo, options: Options, *, by: Actor) -> SavedMapping:
    """Save the options under a name. An earlier mapping with this name is replaced. Raise Invalid."""
    check_may_import(by)
    name = clean_text(name, field="save_as")
    if not name or len(name) > MAPPING_NAME_MAX:
        message = _("Enter a name of at most %(max)s characters", max=MAPPING_NAME_MAX)
        raise Invalid(message, field="save_as", code="length")
    key = caseless_key(name)
    saved = db.session.scalars(select(SavedMapping).where(SavedMapping.name_key == key).with_for_update()).first()
    if saved is None:
        saved = SavedMapping(name_key=key)
        db.session.add(saved)
    saved.name, saved.headings_key, saved.saved_at = name, headings_key(info), now()
    saved.mapping = options.mapping.to_json()
    saved.options = {"mode": options.mode.value, "key_field": options.key_field, "threshold": options.threshold}
    return saved
