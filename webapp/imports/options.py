"""What an import does with its rows: the mapping of the columns, the mode and the key."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.access.checks import powers_of_actor
from webapp.attributes.models import FIELD_PREFIX
from webapp.attributes.queries import live_attributes
from webapp.attributes.visibility import visible_attributes
from webapp.core.errors import Invalid
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.imports.files.info import FileInfo
from webapp.imports.files.mapping import Mapping, check_mapping
from webapp.imports.models import KEY_FIELDS, THRESHOLD_DEFAULT, Import, Mode, attribute_of_key


@dataclass(frozen=True)
class Options:
    """`key_field`: email, username, id or attr.KEY. `threshold`: percent of people that MATCH may deactivate."""

    mapping: Mapping
    mode: Mode = Mode.CREATE
    key_field: str = KEY_FIELDS[0]
    invite: bool = False
    threshold: int = THRESHOLD_DEFAULT

    def apply_to(self, imported: Import, *, by: Actor) -> None:
        """Set the options of a locked import. Raise Invalid if they do not fit the file."""
        info = FileInfo.from_json(imported.info)
        if len(info.encodings) > 1:
            raise Invalid(_("Choose the encoding of the file first"), field="encoding", code="ambiguous")
        check_options(self, by=by)
        imported.mapping, imported.mode, imported.key_field = self.mapping.to_json(), self.mode, self.key_field
        imported.invite, imported.threshold = self.invite, self.threshold


def check_options(options: Options, *, by: Actor) -> None:
    """Raise Invalid if the key does not exist or no column has it, or if the threshold is not a percentage."""
    key = attribute_of_key(options.key_field)
    if key is None and options.key_field not in KEY_FIELDS:
        raise Invalid(_("Choose one of the options"), field="key", code="unknown")
    # Matching by an attribute that `by` cannot see would tell who has which value.
    visible = visible_attributes(live_attributes(), powers_of_actor(by)) if key else []
    if key and not any(attribute.key == key and attribute.unique for attribute in visible):
        raise Invalid(_("The attribute by which rows are matched must exist and be unique"), field="key")
    if not 0 <= options.threshold <= 100:
        raise Invalid(_("Enter a number from 0 to 100"), field="threshold", code="range")
    check_mapping(options.mapping, key=f"{FIELD_PREFIX}{key}" if key else options.key_field)
