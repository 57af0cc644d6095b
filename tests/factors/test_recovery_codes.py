"""Recovery codes replace the second factor once, and are shown once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from tests.clients import Browser
from tests.factor_factory import add_recovery_codes, add_totp, themselves
from tests.factories import People
from webapp.core.errors import Invalid
from webapp.core.tokens import token_hash
from webapp.db.session import db
from webapp.factors.models import RecoveryCode
from webapp.factors.services import use_code
from webapp.mail.models import Mail
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

CODE = re.compile(r"<code>((?:[A-Z2-7]{4}-){5}[A-Z2-7]{4})</code>")


def is_accepted(app: App, people: People, code: str) -> bool:
    user_id = people.owner().id
    with app.app_context():
        try:
            use_code(user_id, code=code, by=themselves(user_id))
        except Invalid:
            return False
        return True


def test_the_page_shows_ten_codes_once(app: App, owner: Browser, people: People) -> None:
    add_totp(app, people.owner().id)
    codes = CODE.findall(owner.post("/account/factors/recovery-codes").text)
    assert len(set(codes)) == 10
    assert "10 codes left" in owner.get("/account/factors").text
    assert not CODE.search(owner.get("/account/factors/recovery-codes").text)
    with app.app_context():
        stored = set(db.session.scalars(select(RecoveryCode.code_hash)))
    assert stored == {token_hash(code.replace("-", "")) for code in codes}


def test_the_codes_are_downloaded_as_text(owner: Browser, people: People) -> None:
    codes = CODE.findall(owner.post("/account/factors/recovery-codes").text)
    before = people.row_counts()
    answer = owner.post("/account/factors/recovery-codes/file", code=codes)
    assert answer.content_type == "text/plain; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert all(code in answer.text for code in codes)
    assert people.row_counts() == before


@pytest.mark.parametrize("codes", [[], ["x"], ["ABCD-EFGH-IJKL-MNOP-QRST-UVWX"] * 11, ["<script>"], ["\x00" * 24]])
def test_the_file_has_nothing_but_codes(owner: Browser, codes: list[str]) -> None:
    answer = owner.post("/account/factors/recovery-codes/file", code=codes)
    assert (answer.status_code, answer.content_type) == (422, "text/html; charset=utf-8")


@pytest.mark.parametrize("change", [str, str.lower, lambda code: code.replace("-", " "), lambda code: f" {code}\n"])
def test_a_code_works_once_in_any_spelling(app: App, people: People, change: Any) -> None:
    code = add_recovery_codes(app, people.owner().id)[3]
    assert is_accepted(app, people, change(code))
    assert not is_accepted(app, people, code)


def test_the_person_is_told_that_a_code_was_used(app: App, people: People) -> None:
    assert is_accepted(app, people, add_recovery_codes(app, people.owner().id)[0])
    assert people.audit_trail(people.owner().id)[-1][0] == "recovery_code.used"
    with app.app_context():
        newest = db.session.scalars(select(Mail).order_by(Mail.id.desc())).first()
    assert newest
    assert "a recovery code of yours was used" in newest.subject


def test_new_codes_replace_the_old_ones(app: App, people: People) -> None:
    old = add_recovery_codes(app, people.owner().id)
    new = add_recovery_codes(app, people.owner().id)
    assert not is_accepted(app, people, old[0])
    assert is_accepted(app, people, new[0])


def test_codes_of_somebody_else_are_refused(app: App, people: People) -> None:
    people.owner()
    theirs = add_recovery_codes(app, people.create(name="Anna").id)
    before = people.row_counts()
    assert not is_accepted(app, people, theirs[0])
    assert people.row_counts() == before


def test_of_twenty_uses_at_once_one_succeeds(app: App, people: People) -> None:
    code, barrier = add_recovery_codes(app, people.owner().id)[0], Barrier(5, timeout=300)

    def use(_number: int) -> bool:
        barrier.wait()
        return is_accepted(app, people, code)

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(use, range(20))) == 1
