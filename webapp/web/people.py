"""The form field that names a person, and the finder of people that it asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self
from uuid import UUID

from wtforms import StringField
from wtforms.validators import ValidationError

from webapp.core.context import current_registry
from webapp.core.texts import _


class Person(Protocol):
    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def status(self) -> Any: ...


class NamedAddress(str):
    """The e-mail address of a person, with the name that a form shows beside it."""

    __slots__ = ("name",)
    name: str

    def __new__(cls, email: str, name: str) -> Self:
        address = super().__new__(cls, email)
        address.name = name
        return address


@dataclass(frozen=True)
class Found:
    """The person that a text names without doubt, or else the people that it may mean."""

    person: Person | None = None
    candidates: Sequence[Person] = ()


@dataclass
class PeopleFinder:
    """Finds the people that the viewer can see and that a text names. The package `directory` registers it."""

    find: Callable[[str], Found] = lambda text: Found()


class PersonField(StringField):
    """Names a person by e-mail address, username, ID or full name.

    After validation `data` is the e-mail address if the text names one person, else the text. If the text can mean
    several people, the field has an error and `candidates`: the page shows them as radio buttons. Whether the person
    exists is left to the service.

    A script sends the ID of the chosen person, and the visible text as `<name>.typed`. The radio buttons send
    `<name>.choice`. It counts only while the text is `<name>.offered`, the one that they were offered for.
    """

    data: str | None
    candidates: Sequence[Person] = ()

    def process(self, formdata: Any, *args: Any, **options: Any) -> None:
        sent = formdata or {}
        self._typed = sent.get(f"{self.name}.typed", "")
        self._offered, self._choice = sent.get(self.offered_name, ""), sent.get(self.choice_name, "")
        super().process(formdata, *args, **options)

    def process_formdata(self, values: list[str]) -> None:
        super().process_formdata(values)
        if self._choice and self.data == self._offered:
            self.data = self._choice

    def pre_validate(self, form: Any) -> None:
        if not self.data or self.data == self.object_data:
            return
        found = current_registry().get(PeopleFinder).find(self.data)
        self.candidates = found.candidates
        if found.person:
            self.data = NamedAddress(found.person.email, found.person.name)
        elif found.candidates:
            raise ValidationError(_("Choose one of these people, or enter an e-mail address"))

    @property
    def offered_name(self) -> str:
        return f"{self.name}.offered"

    @property
    def choice_name(self) -> str:
        return f"{self.name}.choice"

    @property
    def person_name(self) -> str:
        """The name of the person whose address the field shows, or an empty text."""
        return self.data.name if isinstance(self.data, NamedAddress) and self._value() == self.data else ""

    def _value(self) -> str:
        was_chosen = bool(self._typed or self._choice)
        if not self.raw_data or (was_chosen and isinstance(self.data, NamedAddress)):
            return self.data or ""
        # The ID of a person who cannot be found says nothing. Show the text that was visible when it was chosen.
        return self._typed or str(self.raw_data[0])
