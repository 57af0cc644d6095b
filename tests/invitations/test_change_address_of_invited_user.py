"""If the e-mail address of an invited person changes, the link at the old one ends, and the new one gets another."""

from __future__ import annotations

from tests.clients import Api
from tests.factories import People
from tests.mailbox import Mailbox


def invited(api: Api) -> str:
    response = api.post("/users", {"email": "old@example.com", "name": "Anton"})
    return f"/users/{response.json['id']}"


def test_the_new_address_gets_the_invitation(api: Api, mailbox: Mailbox) -> None:
    user = invited(api)
    assert api.patch(user, {"email": "new@example.com"}).status_code == 200
    assert [letter["To"] for letter in mailbox.letters()] == ["old@example.com", "new@example.com"]


def test_other_changes_send_nothing(api: Api, mailbox: Mailbox) -> None:
    user = invited(api)
    api.patch(user, {"name": "Anton Ivanov"})
    api.patch(user, {"email": "OLD@example.com"})
    assert len(mailbox.letters()) == 1


def test_people_who_were_not_invited_get_none(api: Api, people: People, mailbox: Mailbox) -> None:
    user = people.create(email="old@example.com")
    api.patch(f"/users/{user.id}", {"email": "new@example.com"})
    assert not mailbox.letters()


def test_a_password_sent_with_the_new_address_needs_no_invitation(api: Api, people: People, mailbox: Mailbox) -> None:
    api.patch(invited(api), {"email": "new@example.com", "password": people.password})
    assert ["Invitation" in letter["Subject"] for letter in mailbox.letters()].count(True) == 1
