"""A person can export a number of files in an hour (EXPORT_LIMIT)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from tests.clients import Browser
from tests.factories import People
from webapp.access.models import OWNER
from webapp.core.clock import now
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.fixture
def limited(app_with: Callable[..., App], people: People) -> App:
    """An app that allows two exports an hour."""
    people.owner()
    return app_with(EXPORT_LIMIT="2/hour")


def test_the_third_export_of_any_kind_is_refused(limited: App, people: People) -> None:
    browser = Browser(limited).signed_in_as("olga@example.com")
    assert browser.get("/access-review.csv").status_code == 200
    exported = browser.post("/audit/exports/csv")
    assert (exported.status_code, exported.text[:1]) == (200, "\ufeff")
    before = people.row_counts()
    for refused in (browser.get("/access-review.csv"), browser.post("/audit/exports/json")):
        assert refused.status_code == 429
        assert 3000 < int(refused.headers["Retry-After"]) <= 3601
        assert re.search("Try again in 6[01] minutes", refused.text)
    assert people.row_counts() == before
    with time_machine.travel(now() + timedelta(minutes=61)):
        assert Browser(limited).signed_in_as("olga@example.com").get("/access-review.csv").status_code == 200


def test_another_person_is_not_limited(limited: App, people: People) -> None:
    people.create(email="second@example.com", password=people.password, roles=[OWNER])
    browsers = [Browser(limited).signed_in_as(email) for email in ("olga@example.com", "second@example.com")]
    answers = [browsers[0].get("/access-review.csv").status_code for _export in range(3)]
    assert (answers, browsers[1].get("/access-review.csv").status_code) == ([200, 200, 429], 200)


def test_refused_exports_do_not_count(limited: App) -> None:
    browser = Browser(limited).signed_in_as("olga@example.com")
    assert [browser.post("/audit/exports/pdf").status_code for _try in range(3)] == [404] * 3
    assert browser.get("/access-review.csv").status_code == 200
