"""Set up an authenticator app, and accept each of its codes once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import segno
import time_machine
from sqlalchemy import select

from tests.clients import Browser
from tests.factor_factory import add_totp, themselves, totp_code
from tests.factories import People
from webapp.core.clock import now
from webapp.core.errors import Invalid
from webapp.db.session import db
from webapp.factors.models import TotpFactor
from webapp.factors.services import use_code
from webapp.factors.totp import totp_address
from webapp.mail.models import Mail
from webapp.web.api import App


def set_up(owner: Browser) -> str:
    """Start the set-up. Return the seed that the page shows."""
    assert owner.post("/account/factors/totp").location == "/account/factors/totp"
    found = re.search(r'data-text="([A-Z2-7 ]{39})"', owner.get("/account/factors/totp").text)
    assert found
    return found[1].replace(" ", "")


def totp_row(app: App) -> Any:
    with app.app_context():
        return db.session.scalars(select(TotpFactor)).one_or_none()


@pytest.mark.one_engine
def test_the_app_counts_after_its_first_code(app: App, owner: Browser, people: People) -> None:
    seed = set_up(owner)
    assert people.row(email="olga@example.com")["second_factor_at"] is None
    version = people.row(email="olga@example.com")["version"]
    answer = owner.post("/account/factors/totp/confirmation", code=totp_code(seed))
    assert (answer.status_code, answer.location) == (303, "/account/factors/recovery-codes")
    row = people.row(email="olga@example.com")
    assert (row["second_factor_at"] is not None, row["version"]) == (True, version)
    assert ("factor.added", {"factor": [None, "totp"]}) in [
        (action, changes) for action, changes in people.audit_trail(row["id"])
    ]
    with app.app_context():
        assert "authenticator app was added" in db.session.scalars(select(Mail.subject)).one()


@pytest.mark.one_engine
def test_the_database_holds_no_readable_seed(app: App, owner: Browser) -> None:
    assert set_up(owner) not in totp_row(app).sealed_seed


@pytest.mark.one_engine
def test_the_qr_code_is_an_image_of_the_page(owner: Browser) -> None:
    set_up(owner)
    assert 'src="data:image/svg+xml' in owner.get("/account/factors/totp").text


@pytest.mark.one_engine
@pytest.mark.parametrize("organisation", ["", "я" * 100, "😀" * 100], ids=["none", "cyrillic", "emoji"])
def test_the_longest_names_fit_into_the_qr_code(organisation: str) -> None:
    address = totp_address("A" * 32, email="😀" * 254, issuer=organisation or "Rollcall")
    assert segno.make(address, error="m", micro=False)


@pytest.mark.parametrize("code", ["", "000000", "12345", "x" * 200, "１２３４５６", "\x00", "\u202e", "😀" * 6])
def test_a_wrong_code_adds_no_app(app: App, owner: Browser, people: People, code: str) -> None:
    set_up(owner)
    before = people.row_counts()
    assert owner.post("/account/factors/totp/confirmation", code=code).status_code == 422
    assert (totp_row(app).confirmed_at, people.row_counts()) == (None, before)


@pytest.mark.one_engine
def test_wide_digits_and_spaces_count_as_typed(app: App, owner: Browser) -> None:
    wide = totp_code(set_up(owner)).translate({ord("0") + digit: ord("０") + digit for digit in range(10)})
    assert owner.post("/account/factors/totp/confirmation", code=f" {wide[:3]} {wide[3:]}").status_code == 303
    assert totp_row(app).confirmed_at


@pytest.mark.one_engine
def test_a_form_that_is_sent_twice_adds_one_app(app: App, owner: Browser, people: People) -> None:
    code = totp_code(set_up(owner))
    answers = [owner.post("/account/factors/totp/confirmation", code=code) for _time in range(2)]
    assert [answer.location for answer in answers] == ["/account/factors/recovery-codes", "/account/factors"]
    assert [action for action, _changes in people.audit_trail(people.owner().id)].count("factor.added") == 1


@pytest.mark.one_engine
def test_no_code_without_a_set_up_leads_to_all_methods(owner: Browser, people: People) -> None:
    before = people.row_counts()
    answer = owner.post("/account/factors/totp/confirmation", code="")
    assert (answer.status_code, answer.location) == (303, "/account/factors")
    assert people.row_counts() == before


@pytest.mark.one_engine
@pytest.mark.parametrize("hours", [-1, 1])
def test_a_phone_whose_clock_is_wrong_is_named(owner: Browser, hours: int) -> None:
    seed = set_up(owner)
    code = totp_code(seed, moment=now() + timedelta(hours=hours))
    answer = owner.post("/account/factors/totp/confirmation", code=code)
    assert (answer.status_code, "the clock of your phone is wrong" in answer.text) == (422, True)


@pytest.mark.one_engine
def test_a_second_app_is_refused(app: App, owner: Browser, people: People) -> None:
    add_totp(app, people.owner().id)
    seed = totp_row(app).sealed_seed
    assert owner.post("/account/factors/totp").status_code == 409
    assert totp_row(app).sealed_seed == seed
    assert owner.post("/account/factors/totp/confirmation", code="123456").location == "/account/factors"
    assert owner.get("/account/factors/totp").location == "/account/factors"


@pytest.mark.one_engine
def test_the_app_is_removed_with_the_recovery_codes(app: App, owner: Browser, people: People) -> None:
    add_totp(app, people.owner().id)
    owner.post("/account/factors/recovery-codes")
    assert owner.get("/account/factors/totp/removal").status_code == 200
    assert owner.post("/account/factors/totp/removal").location == "/account/factors"
    assert totp_row(app) is None
    assert people.row(email="olga@example.com")["second_factor_at"] is None
    assert people.row_counts()["recovery_codes"] == 0
    assert people.audit_trail(people.owner().id)[-1] == ("factor.removed", {"factor": ["totp", None]})
    assert owner.get("/account").status_code == 200


@pytest.mark.one_engine
def test_an_app_that_was_not_confirmed_cannot_be_removed(owner: Browser, people: People) -> None:
    set_up(owner)
    before = people.row_counts()
    assert owner.post("/account/factors/totp/removal").status_code == 404
    assert people.row_counts() == before


@pytest.mark.one_engine
@pytest.mark.parametrize("factor", ["totp", "nothing", "01a20c33-7cd6-70ee-b0a1-652ec903b536", "%00", "я"])
def test_a_factor_that_does_not_exist_is_not_found(owner: Browser, people: People, factor: str) -> None:
    before = people.row_counts()
    assert owner.post(f"/account/factors/{factor}/removal").status_code == 404
    assert owner.get(f"/account/factors/{factor}/removal").status_code == 404
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_changes_require_a_recent_password(app: App, people: People) -> None:
    people.owner()
    with time_machine.travel(now() - timedelta(minutes=11)):
        browser = Browser(app).signed_in_as("olga@example.com")
    before = people.row_counts()
    for path in ("totp", "totp/confirmation", "totp/removal", "recovery-codes"):
        assert browser.post(f"/account/factors/{path}").location.startswith("/confirm"), path
    assert people.row_counts() == before


def is_accepted(app: App, people: People, code: str) -> bool:
    user_id = people.owner().id
    with app.app_context():
        try:
            use_code(user_id, code=code, by=themselves(user_id))
        except Invalid:
            return False
        return True


@pytest.mark.one_engine
@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_codes_of_one_step_before_and_after_are_accepted(app: App, people: People, steps: int, accepted: bool) -> None:
    seed = add_totp(app, people.owner().id)
    with time_machine.travel(now(), tick=False):
        assert is_accepted(app, people, totp_code(seed, steps=steps)) == accepted


@pytest.mark.one_engine
def test_a_code_works_once_and_no_older_code_after_it(app: App, people: People) -> None:
    seed = add_totp(app, people.owner().id)
    with time_machine.travel(now(), tick=False):
        code = totp_code(seed)
        assert is_accepted(app, people, f" {code[:3]} {code[3:]} ")
        assert not is_accepted(app, people, code)
        assert not is_accepted(app, people, totp_code(seed, steps=-1))
        assert is_accepted(app, people, totp_code(seed, steps=1))


def test_of_twenty_uses_at_once_one_succeeds(app: App, people: People) -> None:
    seed = add_totp(app, people.owner().id)
    barrier, code = Barrier(5, timeout=300), totp_code(seed)

    def use(_number: int) -> bool:
        barrier.wait()
        return is_accepted(app, people, code)

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(use, range(20))) == 1


@pytest.mark.one_engine
def test_the_refusal_names_the_clock(app: App, people: People) -> None:
    seed, user_id = add_totp(app, people.owner().id), people.owner().id
    with app.app_context(), pytest.raises(Invalid, match="check the clock of your phone"):
        use_code(user_id, code=totp_code(seed, moment=now() + timedelta(hours=1)), by=themselves(user_id))


@pytest.mark.one_engine
def test_a_seed_of_another_secret_key_accepts_no_code(app: App, people: People) -> None:
    seed = add_totp(app, people.owner().id)
    with app.app_context():
        db.session.scalars(select(TotpFactor)).one().sealed_seed = "gAAAA"
        db.session.commit()
    assert not is_accepted(app, people, totp_code(seed))
