"""Three-way merge of an edit form with changes that others saved after it was opened."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, TypeVar

from flask import render_template, request
from pydantic import TypeAdapter, ValidationError
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, IntegerField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from webapp.core.errors import Stale
from webapp.core.formats import format_datetime
from webapp.core.texts import _
from webapp.web.forms import Form, LocalDateTimeField

T = TypeVar("T")
# The values of a field as a browser sends them: none or one, or several of a SelectMultipleField.
Sent = list[str]
_OPENED_WITH = TypeAdapter(dict[str, Sent])
_UNMERGED = frozenset({"csrf_token", "version", "opened_with"})
# Each further attempt means that someone else saved in between.
_ATTEMPTS_MAX = 5


@dataclass(frozen=True)
class Difference:
    """A field whose saved value differs from the submitted one. `before` is the value when the form was opened."""

    name: str
    label: str
    theirs: str
    mine: str
    before: str | None


class Conflict(Stale):
    """Both people changed the same fields to different values."""

    def __init__(self, conflicts: list[Difference], other_changes: list[Difference]) -> None:
        super().__init__(_("Someone else saved other changes while you were editing"))
        self.conflicts = conflicts
        self.other_changes = other_changes


class OpenedForm(Form):
    """A form that contains the values with which it was opened, to tell which fields a person changed.

    A browser sends these values back in a hidden field. Other senders can leave them out.
    """

    # No ID: a page can have several of these forms.
    opened_with = StringField("", widget=HiddenInput(), render_kw={"id": False})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # None: the form was filled with saved values, not with a request.
        if self.opened_with.raw_data is None:
            values = {field.name: sent_values(field) for field in self.merged_fields()}
            self.opened_with.data = json.dumps(values, ensure_ascii=False)

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values.items() if name != "opened_with"}

    def merged_fields(self) -> Iterator[Field]:
        return (field for field in self if field.name not in _UNMERGED and not isinstance(field, PasswordField))

    def original_values(self) -> dict[str, Sent]:
        """Return the values with which the form was opened, by field name. Empty if the sender left them out."""
        try:
            return _OPENED_WITH.validate_json(self.opened_with.data or "{}")
        except ValidationError:
            return {}

    def untouched_fields(self) -> set[str]:
        """Return the names of the fields that still have the value with which the form was opened."""
        before = self.original_values()
        return {field.name for field in self.merged_fields() if before.get(field.name) == sent_values(field)}


class VersionedForm(OpenedForm):
    """A form that edits one row. `save_merged` saves it."""

    version = IntegerField("", validators=[InputRequired()], widget=HiddenInput())

    def validate(self, extra_validators: Any = None) -> bool:
        self._apply_choices()
        return bool(super().validate(extra_validators))

    def describe(self, field: Field, values: Sent) -> str:
        """Return the value of a field in words, or an empty text."""
        return describe_values(field, values)

    def merge(self, saved: Self) -> None:
        """Take over the saved values of untouched fields, and the saved version. Raise Conflict."""
        before = self.original_values()
        conflicts: list[Difference] = []
        other_changes: list[Difference] = []
        for field, saved_field in zip(self.merged_fields(), saved.merged_fields(), strict=True):
            mine, theirs, was = sent_values(field), sent_values(saved_field), before.get(field.name)
            if mine == was or not _is_submitted(field):
                _set_values(field, theirs)
            elif was is not None and isinstance(field, SelectMultipleField):
                _set_values(field, sorted((set(theirs) | set(mine) - set(was)) - (set(was) - set(mine))))
            elif mine != theirs:
                difference = self._difference(field, theirs, mine, was)
                (other_changes if theirs == was else conflicts).append(difference)
        _set_values(self.version, [str(saved.version.data)])
        _set_values(self.opened_with, [saved.opened_with.data])
        if conflicts:
            raise Conflict(conflicts, other_changes)

    def hidden_values(self) -> list[tuple[str, str]]:
        """Return the names and values of all merged fields, to send them again with the page of a conflict."""
        return [(field.name, value) for field in self.merged_fields() for value in sent_values(field) or _empty(field)]

    def passwords(self) -> list[Field]:
        """Return the fields of passwords that were submitted. The page of a conflict asks for them again."""
        return [field for field in self if isinstance(field, PasswordField) and field.data]

    def _apply_choices(self) -> None:
        """Set the fields for which the page of a conflict was answered with the saved value, or not answered."""
        before, conflicts = self.original_values(), request.form.getlist("conflict")
        for field in self.merged_fields():
            name = field.name
            if name in conflicts and name in before and request.form.get(f"keep.{name}") != "mine":
                _set_values(field, before[name])

    def _difference(self, field: Field, theirs: Sent, mine: Sent, was: Sent | None) -> Difference:
        before = None if was is None else self.describe(field, was)
        return Difference(
            field.name, field.label.text, self.describe(field, theirs), self.describe(field, mine), before
        )


def save_merged(form: VersionedForm, save: Callable[[], T], *, saved: Callable[[], VersionedForm]) -> T:
    """Return what `save` returns. It saves the values of `form` and raises Stale if its version is not the saved one.

    Then merge `form` with the form of the saved row, which `saved` returns, and save again. Raise Conflict if both
    people changed a field to different values.
    """
    for _attempt in range(_ATTEMPTS_MAX):
        try:
            return save()
        except Stale:
            form.merge(saved())
    return save()


def conflict_page(form: VersionedForm, conflict: Conflict, **context: Any) -> str:
    """Return the page that asks which value to keep in each field that both people changed.

    `context`: `name` of the row, its page `back`, `action` to send the form to, `audit_action`, and `edit`, the last
    audit record of the row or None.
    """
    return render_template("errors/conflict.html", form=form, conflict=conflict, **context)


def sent_values(field: Field) -> Sent:
    """Return the value of a field as a browser sends it, without differences that saving would remove."""
    match field.data:
        case None | "" | False:
            return []
        case True:
            return ["y"]
        case list() as values:
            return sorted(map(str, values))
        case datetime() as moment:
            return [moment.isoformat()]
        case value:
            return ["\n".join(line.strip() for line in str(value).strip().splitlines())]


def describe_values(field: Field, values: Sent) -> str:
    if isinstance(field, BooleanField):
        return str(_("Yes") if values else _("No"))
    if isinstance(field, SelectField):
        return ", ".join(_labels_of(field, values))
    if values and isinstance(field, LocalDateTimeField):
        # The browser sent the values with which the form was opened: they can be anything.
        with suppress(ValueError):
            return format_datetime(field.parse(values[0]))
    return ", ".join(values)


def _labels_of(field: SelectField, values: Iterable[str]) -> list[str]:
    labels = {str(choice.value): str(choice.label) for choice in field.choices or ()}
    return [labels.get(value, value) for value in values or _empty(field)]


def _is_submitted(field: Field) -> bool:
    """Whether the request has a value. Browsers send no value of an empty checkbox."""
    return bool(field.raw_data) or isinstance(field, BooleanField | SelectMultipleField)


def _set_values(field: Field, values: Sent) -> None:
    """Process `values` as if they had been submitted."""
    field.process(MultiDict([(field.name, value) for value in values or _empty(field)]))


def _empty(field: Field) -> Sent:
    return [] if isinstance(field, BooleanField | SelectMultipleField) else [""]
