"""Role × route × object: every route about a person, entered by everybody, at people inside and outside their reach.

The routes are read from the app, so that a new one is in here by itself. What is expected is told by three facts alone:
which permission the route names, where the one who acts holds it, and what the other one may do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from werkzeug.routing import Rule

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp import create_app
from webapp.access.models import ADMINISTRATOR, AUDITOR, BUILT_IN, GROUP_OWNER, HELPDESK, OWNER
from webapp.core.permissions import Permission
from webapp.settings import load_settings
from webapp.users.schemas import UserOut

_APP = create_app(load_settings({"APP_ENV": "testing"}))
# Those about groups ask about the group, not about the person: tests/groups.
ABOUT_GROUPS = Permission.GROUPS_MANAGE
ROUTES: list[tuple[str, Rule, Permission]] = [
    (method, rule, _APP.view_functions[rule.endpoint].guard)
    for rule in _APP.url_map.iter_rules()
    for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    if "user_id" in rule.arguments and rule.endpoint in _APP.view_functions and not rule.rule.startswith("/api/")
]
REFUSED = {403, 404, 422}
# By a single button: the page that it stands on says why.
BUTTONS = {"access.revoke"}


@dataclass(frozen=True)
class Actors:
    """Who acts: with which role, and whether within the group North only."""

    role: UUID | None
    within: bool = False

    def holds(self, permission: Permission) -> bool:
        return self.role is not None and permission in BUILT_IN[self.role].permissions

    def reaches(self, permission: Permission, *, inside: bool) -> bool:
        return self.holds(permission) and (inside or not self.within)


ACTORS = {
    "owner": Actors(OWNER),
    "administrator": Actors(ADMINISTRATOR),
    "helpdesk": Actors(HELPDESK),
    "auditor": Actors(AUDITOR),
    "helpdesk of North": Actors(HELPDESK, within=True),
    "administrator of North": Actors(ADMINISTRATOR, within=True),
    "owner of the group North": Actors(GROUP_OWNER, within=True),
    "nobody": Actors(None),
}
# Subject: in North or not, and with which role everywhere.
OBJECTS = {
    "someone in North": (True, None),
    "someone elsewhere": (False, None),
    "an auditor in North": (True, AUDITOR),
    "an administrator": (False, ADMINISTRATOR),
    "an owner": (False, OWNER),
}


@pytest.mark.parametrize("other", OBJECTS)
@pytest.mark.parametrize("actor", ACTORS)
def test_everybody_may_do_what_their_role_says_to_whom_it_reaches(
    access: Access, people: People, actor: str, other: str
) -> None:
    north, guest = access.group("North"), access.role("Guest")
    # So that whoever is taken from is never the last one.
    access.person("Olga", roles=[OWNER])
    who, (inside, role) = ACTORS[actor], OBJECTS[other]
    me = access.person("Me")
    if who.role:
        access.grant(who.role, user_id=me.id, scope_id=north if who.within else None)
    browser = access.browser_of(me)
    them, ids = None, {}
    for method, rule, guard in ROUTES:
        if guard == ABOUT_GROUPS:
            continue
        # The same person as long as nothing changes them.
        if them is None:
            them = _made(access, north, inside=inside, role=role)
            ids = {"user_id": them.id, "grant_id": access.grant(guest, user_id=them.id)}
        before, row = people.row_counts(), people.row(id=them.id)
        status = _sent(browser, method, rule, ids, them, str(north) if who.within else "")
        case = f"{actor} {method} {rule.rule} of {other}: {status}"
        seen = who.reaches(Permission.USERS_READ, inside=inside)
        below = role is None or not (BUILT_IN[role].permissions - _held_everywhere(who))
        if not who.holds(guard):
            assert status == 403, case
        elif not seen:
            assert status == 404, case
        elif who.reaches(guard, inside=inside) and below:
            # 400: nobody is erased who is not in the bin.
            assert status in {200, 303, 400, 409}, case
            them = None
            continue
        elif method == "GET":
            # Looking is not doing.
            assert status in {200, 303, 403}, case
        else:
            assert status in (REFUSED | {303} if rule.endpoint in BUTTONS else REFUSED), case
        assert (people.row_counts(), people.row(id=them.id)) == (before, row), case


def _held_everywhere(who: Actors) -> frozenset[Permission]:
    return BUILT_IN[who.role].permissions if who.role and not who.within else frozenset()


def _made(access: Access, north: UUID, *, inside: bool, role: UUID | None) -> UserOut:
    them = access.person("Them", roles=[role] if role else [])
    if inside:
        access.add_member(north, them.id)
    return them


DATA: dict[str, Callable[[UserOut, str], dict[str, Any]]] = {
    "users.update": lambda them, _where: {"email": them.email, "name": "Changed", "version": them.version},
    "bin.purge": lambda them, _where: {"email": them.email},
    "access.grant": lambda _them, where: {"role": str(GROUP_OWNER), "within": where},
}


def _sent(browser: Browser, method: str, rule: Rule, ids: dict[str, UUID], them: UserOut, where: str) -> int:
    path = rule.rule
    for name, value in ids.items():
        path = path.replace(f"<uuid:{name}>", str(value))
    assert "<" not in path, f"{rule.rule} wants an id that this test does not know"
    if method == "GET":
        return browser.get(path).status_code
    fields = DATA[rule.endpoint](them, where) if rule.endpoint in DATA else {}
    return browser.post(path, **fields).status_code
