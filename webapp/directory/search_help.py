"""The examples in the help of the search box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

from webapp.attributes.models import Attribute
from webapp.core.clock import now
from webapp.core.texts import _


class SearchHelp(NamedTuple):
    """The values in the examples: an e-mail domain, a group name, and a term for an attribute with its label."""

    domain: str
    year: int
    group: str = ""
    choice: tuple[str, str] | None = None

    @classmethod
    def of(cls, *, domain: str, group: str, attributes: Sequence[Attribute]) -> Self:
        """The example for attributes is the first choice of the first attribute that has choices."""
        found = ((f"{each.key}:{each.options[0].value}", each.label) for each in attributes if each.options)
        return cls(domain, now().year, group, next(found, None))

    @property
    def examples(self) -> list[tuple[str, str]]:
        """Pairs of a search text and what it finds, in the current language."""
        year = self.year
        terms = [
            (_('"anna"'), _("this exact spelling, in this alphabet only")),
            (_("anna -smith"), _("the first word without the second")),
            (_("email:@%(domain)s", domain=self.domain), _("part of the e-mail address")),
            (_("status:active,deactivated"), _("people with one of these statuses")),
            (_("invitation:sent"), _("people who have not accepted yet")),
            (_("role:Owner"), _("people with this role")),
        ]
        if self.group:
            terms.append((_('group:"%(name)s"', name=self.group), _("members of this group and of groups inside it")))
        terms += [
            (_("last_sign_in:<30d"), _("last sign-in over 30 days ago")),
            (_("last_sign_in:never"), _("people who never signed in")),
            (_("created:%(year)s-01-01..%(year)s-03-31", year=year), _("added in this period")),
        ]
        if self.choice:
            terms.append(self.choice)
        return [(str(term), str(found)) for term, found in terms]
