"""Commands about how a user signs in, their invitation, their e-mail address and their changes."""

from __future__ import annotations

import pytest

from tests.clients import Browser
from tests.commands import read, run
from tests.factor_factory import add_totp
from tests.factories import People
from tests.mailbox import Mailbox
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
ANNA = "anna@example.com"


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(email=ANNA, name="Anna", password=People.password)


def test_sessions_are_listed_and_ended(app: App, anna: UserOut) -> None:
    for _number in range(3):
        Browser(app).signed_in_as(ANNA)
    first = read(app, "users", "sessions", ANNA)[0]["id"]
    assert run(app, "users", "end-sessions", ANNA, "--session", first)[0] == 0
    assert len(run(app, "users", "sessions", ANNA)[1].splitlines()) == 2
    assert run(app, "users", "end-sessions", ANNA)[0] == 0
    assert read(app, "users", "sessions", ANNA) == []


def test_factors_are_listed_and_removed(app: App, anna: UserOut, mailbox: Mailbox) -> None:
    add_totp(app, anna.id)
    assert run(app, "users", "factors", ANNA)[1].startswith("totp\n")
    assert run(app, "users", "remove-factors", ANNA, "--factor=totp")[0] == 0
    assert run(app, "users", "remove-factors", ANNA, "--factor=totp")[0] == 1
    add_totp(app, anna.id)
    assert run(app, "users", "remove-factors", ANNA)[0] == 0
    assert read(app, "users", "factors", ANNA)["totp"] is None


def test_a_password_is_reset_and_an_account_closed_to_intruders(app: App, anna: UserOut, mailbox: Mailbox) -> None:
    browser = Browser(app).signed_in_as(ANNA)
    assert run(app, "users", "reset-password", ANNA)[0] == 0
    assert run(app, "users", "mark-compromised", ANNA)[0] == 0
    assert (browser.get("/account").status_code, len(mailbox.letters(ANNA))) == (303, 2)


def test_an_invitation_is_sent_shown_linked_and_revoked(app: App, people: People, mailbox: Mailbox) -> None:
    boris = people.create(name="Boris", email="boris@example.com").email
    assert run(app, "users", "invitation", boris)[0] == 1
    assert read(app, "users", "send-invitation", boris)["state"] in {"queued", "sent"}
    assert "/invitation?token=" in run(app, "users", "invitation-link", boris)[1]
    assert read(app, "users", "revoke-invitation", boris)["state"] == "revoked"
    assert run(app, "users", "send-invitation", people.owner().email)[0] == 1


def test_an_email_change_is_shown_and_cancelled(app: App, member: Browser, mailbox: Mailbox) -> None:
    member.post("/account/email", email="new@example.com")
    assert read(app, "users", "email-change", "member@example.com")["email"] == "new@example.com"
    assert run(app, "users", "email-change", "member@example.com", "--cancel")[0] == 0
    assert run(app, "users", "email-change", "member@example.com")[0] == 1


def test_changes_are_listed_shown_and_undone(app: App, people: People, anna: UserOut) -> None:
    run(app, "users", "update", ANNA, "--name", "Anna B")
    record = read(app, "audit", "list", "--subject", ANNA, "--action", "user.updated")["items"][0]
    assert read(app, "audit", "show", record["id"]) == record
    assert [row["action"] for row in read(app, "users", "activity", ANNA)["items"]] == ["user.updated", "user.created"]
    assert len(run(app, "users", "activity", ANNA, "--limit", "1")[1].splitlines()) == 1
    assert run(app, "audit", "undo", record["id"])[0] == 0
    assert people.row(id=anna.id)["name"] == "Anna"
    for arguments in (["--actor", "nobody"], ["--since", "soon"], ["--since", "2026-03-02", "--until", "2026-03-01"]):
        assert run(app, "audit", "list", *arguments)[0] == 1


def test_notes_are_changed_by_their_author(app: App, owner: Browser, people: People, anna: UserOut) -> None:
    note = read(app, "users", "note", ANNA, "Called")
    assert run(app, "users", "edit-note", ANNA, note["id"], "Called twice", "--as", people.owner().email)[0] == 1
    owner.post(f"/users/{anna.id}/notes", text="Hers")
    hers = read(app, "users", "notes", ANNA)[0]["id"]
    changed = read(app, "users", "edit-note", ANNA, hers, "Hers, changed", "--as", people.owner().email)
    assert changed["text"] == "Hers, changed"
    for note_id in (note["id"], hers):
        assert run(app, "users", "delete-note", ANNA, note_id)[0] == 0
    assert read(app, "users", "notes", ANNA) == []


def test_a_token_is_shown_without_its_secret(app: App, anna: UserOut) -> None:
    token = read(app, "tokens", "create", "--email", ANNA, "--name", "Backup")
    shown = read(app, "tokens", "show", token["id"])
    assert (shown["name"], "token" in shown) == ("Backup", False)
