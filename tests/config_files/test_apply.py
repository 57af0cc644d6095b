"""`flask apply` and `flask export-config`: preview, apply, apply again, export, undo."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.access.queries import list_roles
from webapp.config_files.reading import read_config
from webapp.config_files.services import apply_config, export_config
from webapp.groups.services import create_group
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

FILE = """\
version: 1
organisation:
  name: Пример 🏢
  support_contact: it@example.com
mail:
  signature_en: |-
    Regards

    The team: #1
attributes:
- key: floor
  label_en: Floor
  kind: choice
  choices: [{value: "1"}, {value: "2", label_ru: Второй}]
- {key: number, label_en: Number, unique: true, required: false, sortable: true}
roles:
- {name: Reception, description: "Front: desk", permissions: [users.read, users.create]}
- {name: "no", permissions: []}
groups:
- name: Company
  groups:
  - name: Sales
    description: "- sells"
    groups: [{name: North}]
  - name: Продажи
schedules:
  users.end: {paused: true}
webhooks:
- {url: "https://203.0.113.5/in", description: First, events: [user.created], paused: true}
- {url: "https://203.0.113.5/in", events: [user.updated, user.created]}
"""

COMPLETE = """\
version: 1
complete: [roles, groups, attributes, webhooks]
roles: []
groups: [{name: North}]
attributes: [{key: level, label_en: Floor}]
webhooks: [{url: "https://203.0.113.5/in", paused: false}]
"""


@pytest.fixture(autouse=True)
def documentation_network(change_settings: Callable[..., None]) -> None:
    """Webhooks must not lead to internal networks, and tests not to the Internet."""
    change_settings(webhook_allowed_networks=["203.0.113.0/24"])


def run(app: App, *arguments: str, stdin: str = "") -> tuple[int, str, str]:
    result = app.test_cli_runner().invoke(args=[*arguments], input=stdin)
    return result.exit_code, result.stdout, result.stderr


def applied(app: App, text: str, *options: str) -> dict[str, Any]:
    code, out, err = run(app, "apply", "-", "--json", *options, stdin=text)
    assert code == 0, out + err
    return json.loads(out)


def outcomes(result: dict[str, Any]) -> list[str]:
    return [f"{each['outcome']} {each['section']} {each['name']}".strip() for each in result["changes"]]


def exported(app: App) -> dict[str, Any]:
    with app.app_context():
        return export_config()


def test_a_file_is_previewed_applied_exported_and_undone(app: App, people: People) -> None:
    before, rows = exported(app), people.row_counts()
    preview = applied(app, FILE, "--dry-run")
    assert (exported(app), people.row_counts()) == (before, rows)
    done = applied(app, FILE, "--plan", preview["plan"])
    assert (done["changes"], done["counts"]) == (preview["changes"], preview["counts"])
    assert done["counts"] == {"create": 10, "restore": 0, "change": 3, "delete": 0, "unchanged": 0}
    again = applied(app, FILE)
    assert (again["changes"], again["batch_id"], again["counts"]["unchanged"]) == ([], None, 13)
    first = run(app, "export-config")[1]
    assert applied(app, first)["changes"] == []
    assert run(app, "audit", "undo", "--batch", done["batch_id"])[:2] == (0, "Undone.\n")
    assert exported(app) == before
    assert run(app, "audit", "undo", "--batch", done["batch_id"])[0] == 1


def test_an_export_fills_an_empty_database_and_is_exported_again(app: App, tmp_path: Any) -> None:
    done = applied(app, FILE)
    file = tmp_path / "config.yaml"
    assert run(app, "export-config", str(file))[0] == 0
    text = file.read_text("utf-8")
    assert "Пример 🏢" in text
    run(app, "audit", "undo", "--batch", done["batch_id"])
    # The attributes are in the bin now, and their keys cannot be used again.
    assert outcomes(applied(app, text))[2:4] == ["restore attributes floor", "restore attributes number"]
    assert run(app, "export-config")[1] == text


def test_what_a_file_does_not_mention_stays(app: App) -> None:
    applied(app, FILE)
    text = "version: 1\nroles:\n- {name: RECEPTION, permissions: [users.read]}\ngroups:\n- {name: Sales}\n"
    result = applied(app, text)
    assert outcomes(result) == ["change roles RECEPTION", "change groups Sales"]
    assert result["changes"][0]["fields"] == {
        "name": ["Reception", "RECEPTION"],
        "permissions": ["users.create, users.read", "users.read"],
    }
    assert result["changes"][1]["fields"] == {"inside": ["Company", None]}
    config = exported(app)
    assert config["roles"][1]["description"] == "Front: desk"
    assert [group["name"] for group in config["groups"]] == ["Company", "Sales"]
    assert config["groups"][1]["groups"] == [{"name": "North", "description": ""}]


def test_a_complete_section_deletes_the_rest_into_the_bin(app: App) -> None:
    applied(app, FILE)
    before = exported(app)
    result = applied(app, COMPLETE)
    assert outcomes(result) == [
        "delete attributes floor",
        "delete attributes number",
        "create attributes level",
        "delete roles no",
        "delete roles Reception",
        "change groups North",
        "delete groups Sales",
        "delete groups Продажи",
        "delete groups Company",
        "delete webhooks https://203.0.113.5/in",
        "change webhooks https://203.0.113.5/in",
    ]
    assert run(app, "audit", "undo", "--batch", result["batch_id"])[0] == 0
    after = exported(app)
    # A webhook comes back paused, so that somebody looks at it before it sends.
    assert after["webhooks"].pop() == before["webhooks"].pop() | {"paused": True}
    assert sorted(after.pop("attributes"), key=str) == sorted(before.pop("attributes"), key=str)
    assert after == before


def test_a_role_is_renamed_and_keeps_its_holders(app: App, access: Access, people: People) -> None:
    access.grant(access.role("Desk", "users.read"), user_id=people.create().id)
    text = "version: 1\nroles: [{name: Front desk, renamed_from: Desk}]\n"
    assert outcomes(applied(app, text)) == ["change roles Front desk"]
    assert applied(app, text)["changes"] == []
    assert people.row_counts()["roles"] == 1


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("roles: [{name: Owner}]", "roles[0].name: You cannot change built-in roles"),
        ("roles: [{name: a}, {name: A}]", "roles[1].name: “A” is there twice (line 2)"),
        ("roles:\n- name: ''\n- name: \u202ex", "roles[1].name: Remove the hidden character U+202E (line 4)"),
        ("groups: [{name: " + "x" * 81 + "}]", "groups[0].name: Use at most 80 characters (line 2)"),
        ("attributes: [{key: UPPER, label_en: x}]", "attributes[0].key: Start with a letter."),
        ("attributes: [{key: a, label_en: x, unique: true, kind: yes_no}]", "attributes[0].unique: Only text"),
        ("schedules: {none: {paused: true}}", "schedules.none: This schedule does not exist (line 2)"),
        ("webhooks: [{url: 'https://10.0.0.1/', events: [x.y]}]", "webhooks[0].events: There is no event called x.y"),
        ("webhooks: [{url: 'https://10.0.0.1/', events: [x.y]}]", "webhooks[0].url: This address is in an internal"),
        ("webhooks: [{url: 'https://203.0.113.5/'}]", "webhooks[0].events: Choose at least one event (line 2)"),
        ("mail: {signature_en: \u200bx}", "mail.signature_en: Remove the hidden character U+200B (line 2)"),
        ("groups: [{name: g}]\nroles: [{name: a, permissions: [users.fly]}]", "roles[0].permissions[0]"),
    ],
)
def test_a_refused_file_leaves_no_trace(app: App, people: People, text: str, expected: str) -> None:
    rows = people.row_counts()
    code, _out, err = run(app, "apply", "-", stdin=f"version: 1\n{text}\n")
    assert (code, expected in err) == (1, True), err
    code, out, _err = run(app, "apply", "-", "--json", stdin=f"version: 1\n{text}\n")
    assert (code, expected in " ".join(f"{e['field']}: {e['message']}" for e in json.loads(out)["errors"])) == (1, True)
    assert people.row_counts() == rows


def test_groups_can_be_eight_levels_deep(app: App, people: People) -> None:
    def nested(levels: int) -> str:
        return "".join(f"[{{name: g{level}, groups: " for level in range(levels)) + "[]" + "}]" * levels

    assert run(app, "apply", "-", stdin=f"version: 1\ngroups: {nested(9)}")[0] == 1
    assert people.row_counts()["groups"] == 0
    assert applied(app, f"version: 1\ngroups: {nested(8)}")["counts"]["create"] == 8


def test_another_plan_than_the_previewed_one_is_refused(app: App, people: People) -> None:
    plan = applied(app, FILE, "--dry-run")["plan"]
    with app.app_context():
        create_group(name="Sales", by=TESTER)
    rows = people.row_counts()
    code, _out, err = run(app, "apply", "-", "--plan", plan, stdin=FILE)
    assert (code, "Nothing was changed" in err, people.row_counts()) == (1, True, rows)


def test_undo_never_overwrites_a_later_change(app: App, people: People) -> None:
    batch_id = applied(app, FILE)["batch_id"]
    applied(app, "version: 1\nroles: [{name: Reception, description: later}]")
    rows = people.row_counts()
    code, _out, err = run(app, "audit", "undo", "--batch", batch_id)
    assert (code, "changed again later" in err, people.row_counts()) == (1, True, rows)


@pytest.mark.both_engines
def test_two_files_at_once_are_applied_one_after_the_other(app: App) -> None:
    read = read_config(FILE.encode())

    def apply() -> int:
        with app.app_context():
            return sum(entry.outcome != "unchanged" for entry in apply_config(read.config, lines={}, by=TESTER).entries)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(future.result() for future in [pool.submit(apply), pool.submit(apply)]) == [0, 13]


def test_people_undo_a_file_on_the_audit_page(app: App, owner: Browser, access: Access) -> None:
    applied(app, FILE)
    page = owner.get("/audit").text
    assert "Configuration file applied" in page
    record = re.search(r'href="(/audit/[0-9a-f-]+/undo)[^"]*"', page[page.index("Configuration file applied") :])
    assert record
    assert "Items created" in owner.get(record[1]).text
    access.person("Helper", email="helper@example.com")
    assert Browser(app).signed_in_as("helper@example.com").post(record[1]).status_code == 403
    assert owner.post(record[1]).status_code == 303
    assert "Configuration file undone" in owner.get("/audit").text
    with app.app_context():
        assert all(role.built_in for role in list_roles())


def test_undoing_a_file_with_schedules_takes_their_permission(app: App, access: Access, people: People) -> None:
    applied(app, "version: 1\nschedules: {users.end: {paused: true}}")
    person = access.person("Helper")
    browser = access.browser_of(person)
    access.grant(access.role("Settings", "settings.manage", "audit.read"), user_id=person.id)
    record = re.search(r'href="(/audit/[0-9a-f-]+/undo)[^"]*"', browser.get("/audit?action=config.applied").text)
    assert record
    before = people.row_counts()
    assert browser.post(record[1]).status_code == 403
    assert people.row_counts() == before
    access.grant(access.role("Jobs", "jobs.manage"), user_id=person.id)
    assert browser.post(record[1]).status_code == 303


def test_the_preview_says_each_field(app: App) -> None:
    applied(app, FILE)
    text = "version: 1\nroles: [{name: Reception, description: Other}]\nschedules: {users.end: {paused: false}}"
    _code, out, _err = run(app, "apply", "-", "--dry-run", stdin=text)
    assert "~ change roles Reception\n    description: 'Front: desk' → 'Other'\n" in out
    assert "Dry run: 2 change." in out
