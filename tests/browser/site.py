"""A running Rollcall with an owner, two imports of people, and realistic changes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from flask import current_app
from flask_sqlalchemy.model import Model
from playwright.sync_api import StorageState
from sqlalchemy import ColumnElement, delete, event, func, select, update

from tests.browser.archives import create_archives
from tests.browser.example_exports import create_exports
from tests.browser.example_imports import create_imports
from tests.browser.feeds import create_feeds
from tests.browser.organisation import create_organisation
from tests.browser.webhooks import create_webhooks
from tests.clients import Browser
from tests.factor_factory import add_recovery_codes, add_totp
from tests.factories import People
from tests.photos.pictures import portrait
from tests.processes import ROOT
from tests.server import SECRET_KEY, running_server
from webapp import create_app
from webapp.access.models import HELPDESK
from webapp.access.services import grant_role
from webapp.api_tokens.models import ApiToken
from webapp.api_tokens.services import create_token, revoke_token, rotate_token
from webapp.attributes.services import create_attribute, delete_attribute
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.queries import records_of
from webapp.bin.services import delete_user
from webapp.bulk.models import BulkChange
from webapp.bulk.services import apply_bulk_change, create_bulk_change, preview_bulk_change, undo_bulk_change
from webapp.core.clock import now
from webapp.core.passwords import hash_password
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.directory.views.services import save_view
from webapp.duplicates.merging import MergeChoices, merge_users
from webapp.duplicates.models import DuplicatePair
from webapp.event_stream.push.services import pause_push, save_target
from webapp.factors.models import Passkey
from webapp.jobs.models import Job, JobMessage, State
from webapp.jobs.services import enqueue, run_job
from webapp.notes.services import add_note
from webapp.one_time_tokens.models import OneTimeToken, TokenKind
from webapp.one_time_tokens.services import issue_token
from webapp.photos.services import set_photo
from webapp.settings import load_settings
from webapp.signin.models import UserSession
from webapp.users.inviting import link_for_user
from webapp.users.models import User
from webapp.users.queries import get_user_by_identifier
from webapp.users.schemas import UserOut
from webapp.users.services import create_user, deactivate_user, update_user
from webapp.web.api import App

EMAIL = "olga@rollcall.example"
# A person who has an app, a passkey and recovery codes.
FACTORS_EMAIL = "fedor@rollcall.example"
PASSWORD = People.password
IMPORTS = ("plain.csv", "kadry-cp1251.csv")
# The number of people in IMPORTS. Only they have addresses at example.com.
IMPORTED = 40 + 25
FOREVER = datetime(2100, 1, 1, tzinfo=UTC)
OWNER = {"ROLLCALL_ADMIN_EMAIL": EMAIL, "ROLLCALL_ADMIN_PASSWORD": PASSWORD}


@dataclass
class Site:
    """The server's address, an app on its database, and the IDs that addresses of pages contain, by name."""

    address: str
    app: App
    people: People
    ids: dict[str, str]

    def create_person(self, name: str, **fields: Any) -> UserOut:
        """Create a person that no other test uses."""
        return self.people.create(email=f"{uuid4().hex[:12]}@rollcall.example", name=name, **fields)

    def signed_in_as(self, email: str) -> StorageState:
        """Return the cookies of a browser in which this person is signed in. The session does not expire."""
        client = Browser(self.app).signed_in_as(email).client
        with self.app.app_context():
            own = UserSession.user_id == get_user_by_identifier(email).id
            _update_rows(UserSession, own, created_at=FOREVER, last_used_at=FOREVER, confirmed_at=FOREVER)
        cookie = client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
        assert cookie
        at = {"domain": urlsplit(self.address).hostname, "path": "/", "expires": -1}
        kind = {"httpOnly": True, "secure": False, "sameSite": "Lax"}
        return {"cookies": [{"name": cookie.key, "value": cookie.value} | at | kind], "origins": []}


@contextlib.contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    # Passkeys need this host. Some pages show a refusal, and each is opened in several looks.
    with running_server(folder, host="localhost", LOGIN_LIMIT="off", FEED_DIR=str(folder), **OWNER) as server:
        url = f"sqlite:///{folder}/rollcall.db"
        # The name of the cookie depends on the address of the server.
        settings = {"APP_ENV": "testing", "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "BASE_URL": server.address}
        settings["FEED_DIR"] = str(folder)
        app = create_app(load_settings(settings))
        with app.app_context():
            # On a busy machine, the server writes for longer than requests wait.
            event.listen(db.engine, "connect", lambda opened, _record: opened.execute("PRAGMA busy_timeout=120000"))
        for name in IMPORTS:
            result = app.test_cli_runner().invoke(args=["users", "import", str(ROOT / "tests/data/imports" / name)])
            assert result.exit_code == 0, result.output
        with app.app_context():
            ids = _create_history()
        yield Site(server.address, app, People(app), ids)
        with app.app_context():
            db.engine.dispose()


def _create_history() -> dict[str, str]:
    """Create sign-ins, edits, deactivations and other objects. Return the IDs of examples by name."""
    owner = get_user_by_identifier(EMAIL)
    update_user(owner.id, **_identity_fields(owner) | {"name": "Ольга Смирнова", "username": "olga"}, by=_actor(owner))
    # The numbers in the addresses give a stable random order.
    shuffled = select(User.id).where(User.id != owner.id).order_by(func.substr(User.email, -15))
    people = db.session.scalars(shuffled).all()
    with transaction():
        for number, user_id in enumerate(people):
            _set_dates(user_id, number)
    by = _actor(get_user_by_identifier(EMAIL))
    for user_id in people[3::11]:
        deactivate_user(user_id, by=by)
    edited = get_user_by_identifier("jos.lvarez94@example.com")
    for change in ({"username": None}, {"name": "José Álvarez-Núñez", "password": PASSWORD}, {"username": "jose"}):
        update_user(edited.id, **_identity_fields(edited) | change, by=by)
    examples = {"owner": owner.id, "active": edited.id, "invited": people[5], "deactivated": people[3]}
    examples |= _bin(by) | _temporary(by) | _jobs(by) | create_organisation(people, edited.id, by=by)
    examples |= _attributes(by, edited, boss=owner) | _invitations(by)
    examples |= _views(by, edited) | _tokens(by, edited)
    examples |= _photo_and_notes(by, edited) | create_webhooks(by) | create_feeds(by) | create_exports(by)
    save_target(address="syslog+tls://siem.rollcall.example:6514", by=by)
    pause_push(by=by)
    create_archives()
    examples |= create_imports(by, known=edited.email)
    examples |= _bulk(by, [*people[6:16], people[3], owner.id])
    examples |= _duplicates(by)
    edits = records_of(edited.id).where(AuditRecord.action == Action.USER_UPDATED).order_by(AuditRecord.id)
    examples["first_edit"], *_others, examples["last_edit"] = (record.id for record in db.session.scalars(edits))
    return {name: str(example_id) for name, example_id in examples.items()} | _links(by)


def _links(by: Actor) -> dict[str, str]:
    """Create links of e-mails that do not expire. Return their paths."""
    anna = create_user(name="Anna Forgetful", email="anna.forgetful@rollcall.example", password=PASSWORD, by=by)
    fedor = create_user(name="Фёдор Двухфакторный", email=FACTORS_EMAIL, password=PASSWORD, by=by)
    _add_factors(fedor.id)
    issued = {
        "reset": issue_token(TokenKind.RESET, user_id=anna.id, by=by),
        "reset_code": issue_token(TokenKind.RESET, user_id=fedor.id, by=by),
        "not_me": issue_token(TokenKind.NOT_ME, user_id=anna.id, by=by),
        "email_change": issue_token(
            TokenKind.EMAIL_CHANGE, user_id=anna.id, by=by, data={"email": "anna.new@rollcall.example"}
        ),
    }
    ids = [token.row.id for token in issued.values()]
    _update_rows(OneTimeToken, OneTimeToken.id.in_(ids), expires_at=FOREVER)
    pages = {"reset_code": "reset", "not_me": "not-me", "email_change": "email-change"}
    return {name: f"/{pages.get(name, name)}?token={token.token}" for name, token in issued.items()} | {
        "forgetful": str(anna.id)
    }


def _add_factors(user_id: UUID) -> None:
    """Add an app, a passkey that was used, and recovery codes."""
    add_totp(current_app, user_id)
    add_recovery_codes(current_app, user_id)
    passkey = Passkey(user_id=user_id, credential_id=b"1", public_key=b"1", aaguid="", is_synced=True)
    passkey.name, passkey.last_used_at = "Google Password Manager", now() - timedelta(hours=3)
    with transaction():
        db.session.add(passkey)


def _tokens(by: Actor, person: User) -> dict[str, UUID]:
    """Create tokens of the owner and of another person: used, replaced and revoked ones."""
    owner = get_user_by_identifier(EMAIL)
    scopes = ["users.read", "users.create", "users.edit", "users.deactivate", "groups.manage"]
    used = create_token(owner, name="HR sync", scopes=scopes, by=by).row
    create_token(owner, name="Monitoring", scopes=["jobs.read"], days=7, addresses=["192.0.2.0/24"], by=by)
    create_token(person, name="Reports", by=by)
    revoke_token(create_token(owner, name="Old laptop", scopes=["users.read"], days=30, by=by).row.id, by=by)
    rotate_token(create_token(owner, name="Payroll", scopes=["users.read"], days=30, by=by).row.id, by=by)
    last_use = {"last_used_at": now() - timedelta(hours=3), "last_used_address": "192.0.2.17"}
    _update_rows(ApiToken, ApiToken.id == used.id, **last_use)
    return {"token": used.id}


def _invitations(by: Actor) -> dict[str, Any]:
    """Invite two people. The links of both, one of which has expired, are those that are not mailed."""
    users = [create_user(email=f"{name}@rollcall.example", name=name.title(), by=by) for name in ("waiting", "expired")]
    links = {user.email.partition("@")[0]: link_for_user(user.id, by=by) for user in users}
    _update_rows(OneTimeToken, OneTimeToken.user_id == users[1].id, expires_at=now() - timedelta(hours=1))
    paths = {name: link[link.index("/invitation") :] for name, link in links.items()}
    ids = {"waiting": users[0].id, "expired": users[1].id}
    return ids | {"invitation": paths["waiting"], "invitation_expired": paths["expired"]}


def _attributes(by: Actor, person: User, *, boss: User) -> dict[str, UUID]:
    """Create an attribute of each type, with values of one person, and a deleted attribute."""
    choices = [
        {"value": "sales", "label_en": "Sales", "label_ru": "Продажи"},
        {"value": "it", "label_en": "Information technology", "label_ru": "Информационные технологии"},
    ]
    kinds: dict[str, Any] = {
        "department": ("choice", "Department", "Отдел", {"choices": choices, "sortable": True}),
        "badge": ("text", "Badge", "Пропуск", {"unique": True, "help": "As printed on the card"}),
        "phone": ("text", "Phone", "Телефон", {"editable_by": "themselves"}),
        "hired": ("date", "Start date", "Дата начала", {"sortable": True}),
        "hours": ("number", "Hours a week", "Часов в неделю", {}),
        "remote": ("yes_no", "Works from home", "Работает из дома", {}),
        "manager": ("person", "Manager", "Руководитель", {}),
        "notes": ("text", "Notes", "Заметки", {"visible_to": "administrators", "editable_by": "administrators"}),
        "floor": ("number", "Floor", "Этаж", {}),
    }
    ids = {}
    for key, (kind, label_en, label_ru, more) in kinds.items():
        ids[key] = create_attribute(key=key, kind=kind, label_en=label_en, label_ru=label_ru, by=by, **more).id
    delete_attribute(ids["floor"], by=by)
    values = {"department": "it", "badge": "A-1017", "hired": "2024-03-01", "hours": 37.5, "remote": False}
    update_user(person.id, attributes=values | {"manager": str(boss.id)}, by=by)
    update_user(boss.id, attributes={"department": "sales", "phone": "+7 900 123-45-67"}, by=by)
    return {"attribute": ids["department"]}


def _views(by: Actor, colleague: User) -> dict[str, UUID]:
    """Create a private and a shared view of the owner, and a view that a colleague shared."""
    view = save_view(name="Давно не входили", address="sort=last_sign_in&status=active", by=by)
    save_view(name="Helpdesk of Northwind", address="role=Helpdesk&group=Northwind", shared=True, by=by)
    # The colleague cannot share views, so Rollcall does it.
    theirs = replace(_actor(colleague), kind=ActorKind.SYSTEM)
    save_view(name="Waiting for an answer", address="status=invited", shared=True, by=theirs)
    return {"view": view.id}


def _photo_and_notes(by: Actor, person: User) -> dict[str, UUID]:
    set_photo(person.id, portrait(), by=by)
    texts = ("Called on Monday.\nComes back in May.", "Просит писать на почту, а не звонить.\n\n" + "Подробно. " * 90)
    *_others, newest = (add_note(person.id, text=text, by=by) for text in texts)
    return {"note": newest.id}


def _duplicates(by: Actor) -> dict[str, UUID]:
    """Create two pairs of accounts of one person, and merge a third pair."""
    phone = {"attributes": {"phone": "+7 911 123-45-67"}}
    one = create_user(name="Мария Соколова", email="m.sokolova@rollcall.example", password=PASSWORD, by=by, **phone)
    other = create_user(name="Maria Sokolova", email="m.sokolova+hr@rollcall.example", username="maria", by=by, **phone)
    grant_role(HELPDESK, user_id=other.id, by=by)
    set_photo(other.id, portrait(), by=by)
    accounts = [create_user(name="Кирилл Титов", email=f"titov{each}@rollcall.example", by=by) for each in range(4)]
    merge_users(accounts[0].id, accounts[1].id, choices=MergeChoices(), by=by)
    # The worker of the server would take over the job that finds them. Its runs have lower numbers, so they keep these.
    pairs = [DuplicatePair(strength=60, evidence=[], run=2**62) for _number in range(2)]
    for pair, found in zip(pairs, ([one, other], accounts[2:]), strict=True):
        pair.one_id, pair.other_id = sorted(user.id for user in found)
    with transaction():
        # The worker may have found them already.
        db.session.execute(delete(DuplicatePair).where(DuplicatePair.one_id.in_([pair.one_id for pair in pairs])))
        db.session.add_all(pairs)
        db.session.flush()
        pair_id = pairs[0].id
    return {"pair": pair_id, "merged": accounts[1].id, "kept": accounts[0].id}


def _bin(by: Actor) -> dict[str, UUID]:
    """Create two deleted people. Another user now has the address of one of them."""
    lost = create_user(name="Vera Lost", email="vera.lost@rollcall.example", by=by, password=PASSWORD)
    taken = create_user(name="Виктор Прежний", email="victor@rollcall.example", username="victor", by=by)
    for user in (lost, taken):
        delete_user(user.id, by=by)
    create_user(name="Victor Newman", email="victor@rollcall.example", username="victor", by=by)
    return {"deleted": lost.id, "taken": taken.id}


def _temporary(by: Actor) -> dict[str, UUID]:
    """Create a temporary account that ends next week, and one that has ended."""
    moment = now().replace(second=0, microsecond=0)
    week = {"starts_at": moment - timedelta(days=30), "ends_at": moment + timedelta(days=7)}
    trainee = create_user(name="Тимур Стажёров", email="trainee7@rollcall.example", password=PASSWORD, **week, by=by)
    ended = create_user(name="Theo Gone", email="theo@rollcall.example", password=PASSWORD, **week, by=by)
    update_user(trainee.id, email="timur.stazherov@rollcall.example", username="timur", by=by)
    _update_rows(User, User.id == ended.id, ends_at=now() - timedelta(days=3))
    return {"temporary": trainee.id, "ended": ended.id}


def _jobs(by: Actor) -> dict[str, UUID]:
    """Create a finished, a failed and a running job."""
    done = enqueue("dormant.report", by=by, locale="en").id
    run_job(done, holder="here")
    common = {"kind": "dormant.report", "requested_by_id": by.id, "requested_by_label": by.label, "started_at": now()}
    failed = Job(**common, state=State.FAILED, finished_at=now(), attempts=5, error="OSError: No space left on device")
    tomorrow = now() + timedelta(days=1)
    running = Job(**common, state=State.RUNNING, done=412, total=1000, lease_holder="elsewhere", lease_until=tomorrow)
    with transaction():
        db.session.add_all([failed, running])
        db.session.flush()
        db.session.add(JobMessage(job_id=running.id, text="Began with those who never signed in"))
    return {"job_done": done, "job_failed": failed.id, "job_running": running.id}


def _bulk(by: Actor, ids: list[UUID]) -> dict[str, UUID]:
    """Create a bulk change in each state that has a page."""
    everybody = select(User).where(User.id.in_(ids))
    few = select(User).where(User.id.in_(ids[:3]))
    applied, undone, running = (create_bulk_change("set_attribute", people=few, by=by).id for _state in range(3))
    for bulk_id, phone in ((applied, "+7 495 123-45-67"), (undone, "+7 812 123-45-67"), (running, "112")):
        preview_bulk_change(bulk_id, argument={"attribute": "phone", "value": phone}, by=by)
    for bulk_id in (undone, applied):
        apply_bulk_change(bulk_id, plan_hash=db.session.get_one(BulkChange, bulk_id).plan_hash, by=by)
        if bulk_id == undone:
            undo_bulk_change(bulk_id, by=by)
    running_job = Job(
        kind="bulk.apply", requested_by_id=by.id, requested_by_label=by.label, started_at=now(), total=4213, done=1200
    )
    running_job.state, running_job.lease_holder, running_job.lease_until = (
        State.RUNNING,
        "elsewhere",
        now() + timedelta(days=1),
    )
    with transaction():
        db.session.add(running_job)
        db.session.flush()
        _update_rows(BulkChange, BulkChange.id == running, state="applying", job_id=running_job.id, total=4213)
    return {
        "bulk_applied": applied,
        "bulk_undone": undone,
        "bulk_running": running,
        "bulk_planned": create_bulk_change("deactivate", people=everybody, by=by, selected=13, view="sort=name").id,
        "bulk_role": create_bulk_change("add_role", people=few, by=by).id,
        "bulk_attribute": create_bulk_change("set_attribute", people=few, by=by).id,
        "bulk_export": create_bulk_change("export", people=few, by=by).id,
    }


def _set_dates(user_id: UUID, number: int) -> None:
    """Set the creation date. Five of six people get a password, and four of these have signed in."""
    created = now() - timedelta(days=13 * number + 2, hours=number)
    _update_rows(User, User.id == user_id, created_at=created, updated_at=created)
    _update_rows(AuditRecord, AuditRecord.subject_id == user_id, at=created)
    if number % 6 != 5:
        seen = now() - timedelta(minutes=7 + 3 * number**3) if number % 6 else None
        _update_rows(User, User.id == user_id, password_hash=hash_password(PASSWORD), last_sign_in_at=seen)


def _update_rows(model: type[Model], where: ColumnElement[bool], **values: Any) -> None:
    """Update in a transaction: the server writes at the same time, and SQLite would refuse a write after a read."""
    with transaction():
        db.session.execute(update(model).where(where).values(**values))


def _identity_fields(user: User) -> dict[str, Any]:
    return {"version": user.version, "email": user.email, "name": user.name, "username": user.username}


def _actor(user: User) -> Actor:
    return Actor(ActorKind.USER, user.name, user.id, address="192.0.2.17", request_id="0f3c9a")
