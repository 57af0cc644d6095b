"""A new person without a password gets an invitation by e-mail."""

from __future__ import annotations

import pytest

from tests.clients import Api, Browser
from tests.factories import People
from tests.mailbox import Mailbox, text_of
from webapp.db.session import db
from webapp.mail.models import Organisation
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ANTON = {"email": "anton@example.com", "name": "Антон Иванов"}


def test_the_form_sends_it(owner: Browser, people: People, mailbox: Mailbox) -> None:
    response = owner.post("/users", **ANTON)
    assert response.status_code == 303
    assert "gets an invitation by e-mail" in owner.get(response.location).text
    (letter,) = mailbox.letters()
    assert (letter["To"], letter["Subject"]) == ("anton@example.com", "Ольга Смирнова invites you to Rollcall")
    row = people.row(email="anton@example.com")
    assert row
    action, changes = people.audit_trail(row["id"])[-1]
    assert (action, changes["invitation_delivery"]) == ("invitation.sent", [None, "mail"])


def test_the_mail_says_who_until_when_and_what_to_do(owner: Browser, mailbox: Mailbox) -> None:
    owner.post("/users", **ANTON)
    text = text_of(mailbox.letters()[-1])
    assert "Ольга Смирнова has created an account for you at Rollcall" in text
    assert "This link works until" in text
    assert "(UTC)" in text
    assert "If you did not expect this invitation" in text


def test_the_mail_is_in_the_language_of_the_person(app: App, api: Api, mailbox: Mailbox) -> None:
    with app.app_context():
        db.session.add(Organisation(name="Ромашка", invitation_intro={"ru": "Добро пожаловать!", "en": "Welcome!"}))
        db.session.commit()
    api.post("/users", ANTON | {"locale": "ru", "timezone": "Europe/Moscow"})
    (letter,) = mailbox.letters()
    assert letter["Subject"] == "Приглашение в «Ромашка»"
    assert "Добро пожаловать!" in text_of(letter)
    assert "(Europe/Moscow)" in text_of(letter)


@pytest.mark.parametrize(("fields", "sent"), [({}, 1), ({"invite": True}, 1), ({"invite": False}, 0)])
def test_callers_of_the_api_choose(api: Api, mailbox: Mailbox, fields: dict[str, bool], sent: int) -> None:
    response = api.post("/users", ANTON | fields)
    assert response.status_code == 201
    assert "invite" not in response.json
    assert len(mailbox.letters()) == sent


def test_a_user_with_a_password_gets_none(api: Api, people: People, mailbox: Mailbox) -> None:
    api.post("/users", ANTON | {"password": people.password})
    assert not mailbox.letters()
    before = people.row_counts()
    refused = api.post("/users", {"email": "b@example.com", "name": "B", "password": people.password, "invite": True})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "invite")
    assert people.row_counts() == before


def test_a_refused_form_sends_none(owner: Browser, people: People) -> None:
    before = people.row_counts()
    assert owner.post("/users", **ANTON | {"email": "olga@example.com"}).status_code == 422
    assert people.row_counts() == before


@pytest.mark.both_engines
def test_a_form_that_is_sent_twice_invites_once(owner: Browser, mailbox: Mailbox) -> None:
    fields = ANTON | {"form_token": "0" * 32}
    assert [owner.post("/users", **fields).status_code for _ in range(2)] == [303, 303]
    assert len(mailbox.letters()) == 1


def test_imports_and_commands_send_none_by_default(people: People, mailbox: Mailbox) -> None:
    people.create(**ANTON)
    assert not mailbox.letters()
