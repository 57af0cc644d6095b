"""flask users invite …"""

from __future__ import annotations

import json
from typing import Any

from tests.access_factory import Access
from tests.factories import People
from tests.mailbox import Mailbox
from webapp.web.api import App


def invite(app: App, *arguments: str) -> tuple[int, Any]:
    result = app.test_cli_runner().invoke(args=["users", "invite", *arguments, "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_people_are_invited_with_roles_and_groups(app: App, people: People, access: Access, mailbox: Mailbox) -> None:
    access.group("North")
    code, lines = invite(app, "a@example.com", "Анна <anna@example.com>", "--role", "auditor", "--group", "North")
    assert (code, [line["outcome"] for line in lines]) == (0, ["invited", "invited"])
    assert [letter["Subject"] for letter in mailbox.letters()] == ["Invitation to Rollcall"] * 2
    trail = [action for action, _changes in people.audit_trail(people.row(email="a@example.com")["id"])]
    assert trail == ["user.created", "member.added", "role.granted", "invitation.sent"]


def test_refused_addresses_are_named(app: App, people: People) -> None:
    people.owner()
    code, lines = invite(app, "olga@example.com", "nonsense", "a@example.com")
    assert (code, [line["outcome"] for line in lines]) == (1, ["known", "refused", "invited"])
    assert lines[0]["reason"] == "This e-mail address is already in use"


def test_an_unknown_role_is_refused_before_anything_is_created(app: App, people: People) -> None:
    code, answer = invite(app, "a@example.com", "--role", "nonsense")
    assert (code, answer["errors"][0]["field"]) == (1, "roles")
    assert people.count() == 0


def test_without_json_it_prints_a_line_for_each(app: App) -> None:
    result = app.test_cli_runner().invoke(args=["users", "invite", "a@example.com"])
    assert (result.exit_code, result.stdout) == (0, "a@example.com: invited\n")
