"""The audit page shows labels, not the technical words that records contain."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from tests.access_factory import Access
from tests.attributes.conftest import DEPARTMENTS
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.attributes.services import create_attribute
from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.db.transactions import transaction
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def shown(browser: Browser, **query: str) -> str:
    """Return the text of the list of changes."""
    page = (
        browser.get("/audit", query_string=query).text.partition('class="log"')[2].partition("</ol>\n    </section>")[0]
    )
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def test_permissions_of_a_role(owner: Browser, access: Access) -> None:
    access.role("Exporter", "users.read", "users.export")
    assert "Permissions after: Export people; See people" in shown(owner, action="role.created")


def test_filters_and_order_of_a_view(app: App, owner: Browser, access: Access) -> None:
    access.group("Northwind")
    with app.app_context():
        define(key="department", kind="choice", choices=DEPARTMENTS)
    owner.post(
        "/views", name="Seats", address="group=Northwind&attr.department=it&status=active&sort=-created", shared="y"
    )
    text = shown(owner, action="view.created")
    assert "Filters after: Status: Active; Group: Northwind; Department: IT; Sorted by: Created ↓" in text
    assert "Shared after: Yes" in text
    owner.post("/views", name="All", address="sort=name")
    assert "Filters after: Everyone" in shown(owner, action="view.created")


@pytest.mark.parametrize(
    ("action", "kind", "label", "text"),
    [
        (Action.MAIL_SETTINGS_UPDATED, "mail_settings", "E-mails", "Письма"),
        (Action.EVENT_PUSH_TESTED, "event_push", "Event stream", "Поток событий"),
        (Action.SCHEDULE_RUN, "schedule", "jobs.purge", "Удаление старых заданий"),
    ],
)
def test_subjects_are_named_in_the_language_of_the_viewer(
    app: App, owner: Browser, people: People, action: Action, kind: str, label: str, text: str
) -> None:
    subject = people.create(name="Person")
    with app.app_context(), transaction():
        record(action, subject=subject, by=TESTER, kind=kind, label=label)
    assert text in shown(owner, action=action.value, lang="ru")


def test_the_page_of_an_undo_names_its_subject(owner: Browser) -> None:
    owner.post("/jobs/schedules/jobs.purge/pause")
    address = re.search(r'href="(/audit/[^"]+/undo\?[^"]+)"', owner.get("/audit?action=schedule.paused").text)
    assert address
    page = owner.get(html.unescape(address[1])).text
    assert re.search(r"<bdi>Remove old jobs[^<]*</bdi></a>", page)
    assert "jobs.purge" not in page.partition("<main")[2].partition('id="api"')[0]


def test_definition_of_an_attribute(app: App, owner: Browser) -> None:
    with app.app_context():
        define(key="department", kind="choice", choices=DEPARTMENTS, required=True)
    text = shown(owner, action="attribute.created")
    for words in ("Type after: Choice", "Choices after: Sales / Продажи, IT / ИТ", "Required after: Yes"):
        assert words in text


def test_columns_of_the_list(owner: Browser) -> None:
    assert (
        owner.post("/users/display", columns="last_sign_in", density="compact", limit="50", next="/users").status_code
        == 303
    )
    text = shown(owner, action="user.updated", field="list_columns")
    assert "Created after: Last sign-in" in text
    assert "before: Comfortable after: Compact" in text


@pytest.mark.parametrize(
    ("action", "kind", "label", "changes", "words"),
    [
        (Action.SCHEDULE_PAUSED, "schedule", "jobs.purge", {"schedule": "jobs.purge"}, []),
        (Action.JOB_CANCELLED, "job", "jobs.purge", {}, []),
        (Action.BULK_APPLIED, "bulk", "Deactivate", {"bulk_action": "deactivate"}, ["Action after: Deactivate"]),
        (
            Action.AUDIT_EXPORTED,
            "audit",
            "",
            {"format": "csv", "action": "user.created", "field": "name", "since": "2026-01-02"},
            ["Format after: CSV", "Action after: User created", "Field after: Name", "From after: Jan 2, 2026"],
        ),
        (Action.ATTRIBUTE_CREATED, "attribute", "Shape", {"kind": "polygon"}, ["Type after: polygon"]),
        (Action.REVIEW_EXPORTED, "review", "", {"on": "2026-01-02"}, ["On after: Jan 2, 2026"]),
    ],
)
def test_other_records(
    app: App,
    owner: Browser,
    people: People,
    action: Action,
    kind: str,
    label: str,
    changes: dict[str, str],
    words: list[str],
) -> None:
    subject = people.create(name="Person")
    with app.app_context(), transaction():
        pairs: Any = {name: (None, value) for name, value in changes.items()}
        record(action, subject=subject, by=TESTER, kind=kind, label=label, changes=pairs)
    text = shown(owner, action=action.value)
    for each in words:
        assert each in text
    assert not re.search(r"\b[a-z_]+\.[a-z_]+\b", text), "a technical name"


def define(**definition: Any) -> None:
    texts = {"label_en": "Department", "label_ru": "Отдел"}
    create_attribute(by=TESTER, **(texts | definition))
