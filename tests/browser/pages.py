"""Every page of Rollcall and how to get there, in whatever language it is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, Response

from tests.browser.site import PASSWORD
from webapp.access.models import AUDITOR

SETTLED = """() => Promise.allSettled(document.getAnimations()
  .filter(each => each.effect.getComputedTiming().endTime < Infinity).map(each => each.finished)).then(() => true)"""


def _nothing(_page: Page) -> None:
    """The page is there once its address is."""


@dataclass(frozen=True)
class Place:
    """`address` may name people of the site; `act` is what to do there to see the page; `status` its answer's."""

    name: str
    address: str
    act: Callable[[Page], object] = _nothing
    status: int = 200

    def visit(self, page: Page, ids: dict[str, str]) -> None:
        answers: list[int] = []

        def note(response: Response) -> None:
            if response.request.is_navigation_request():
                answers.append(response.status)

        page.on("response", note)
        page.goto(self.address.format(**ids))
        self.act(page)
        page.wait_for_load_state()
        # What fades in has less contrast until it is there.
        page.evaluate(SETTLED)
        page.remove_listener("response", note)
        assert answers[-1] == self.status, f"{self.name} answered {answers}"


def send(**values: str) -> Callable[[Page], None]:
    """Fills the form of the page and sends it."""

    def send(page: Page) -> None:
        for name, value in values.items():
            page.locator(f"main [name='{name}']").fill(value)
        with page.expect_navigation():
            page.locator("main form button[type=submit]").last.click()

    return send


def _send_over_a_newer_version(page: Page) -> None:
    page.locator("main [name=version]").evaluate("field => { field.value = 1 }")
    send(name="José Alvarez", email="jose.alvarez@rollcall.example")(page)


def _turn_the_page(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main a[rel=next]").click()


def _open_account_menu(page: Page) -> None:
    # Narrow windows hide the main menu, which holds it.
    if not page.locator("nav details summary").is_visible():
        page.locator("[popovertarget]").first.click()
    page.locator("nav details summary").click()


def _ask_for_help(page: Page) -> None:
    # The keys work once their script is there, which shows this button.
    page.locator("[data-shortcuts-open]:not([hidden])").first.wait_for(state="attached")
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()


def _open(summary: str) -> Callable[[Page], None]:
    def press(page: Page) -> None:
        page.locator(summary).click()

    return press


def _open_filters(page: Page) -> None:
    page.locator("[data-behaviour~=filters] > summary").click()
    page.locator("#filter-form").wait_for()


def _find(words: str) -> Callable[[Page], None]:
    def find(page: Page) -> None:
        # The key works once its script is there, which shows this button.
        page.locator("[data-palette-open]:not([hidden])").first.wait_for(state="attached")
        page.keyboard.press("Control+k")
        with page.expect_response(lambda answer: "/palette?" in answer.url):
            page.get_by_role("combobox").fill(words)

    return find


def _select_all(page: Page) -> None:
    page.locator("[data-select-page]").check()
    page.locator(".bulk-bar[data-selected]").wait_for()


def _open_all(page: Page) -> None:
    page.locator("main details").evaluate_all("all => all.forEach(details => { details.open = true })")


def _give_again(page: Page) -> None:
    """A role that they have already."""
    page.locator("#grant-role").select_option(str(AUDITOR))
    with page.expect_navigation():
        page.locator("#grant button[type=submit]").click()


def _add(person: str) -> Callable[[Page], None]:
    def add(page: Page) -> None:
        page.locator("[name=person]").fill(person)
        with page.expect_navigation():
            page.locator("form:has([name=person]) button[type=submit]").click()

    return add


def _compare(page: Page) -> None:
    page.locator(".compare summary").click()


def _delete_and_undo(page: Page) -> None:
    """Leaves everything as it was: what is looked at is the message with its way back, in another visit."""
    with page.expect_navigation():
        page.locator("main form button[type=submit]").last.click()
    page.locator(".notice-button").wait_for()
    address = page.locator(".notice form").get_attribute("action")
    token = page.locator(".notice [name=csrf_token]").get_attribute("value")
    assert page.request.post(address or "", form={"csrf_token": token or ""}).ok


# On a Rollcall without anybody.
BEFORE_SETUP = (
    Place("setup", "{setup}"),
    Place("setup-errors", "{setup}", send(name="Olga", email="olga", password="short"), 422),
)

# To whoever has not signed in.
PUBLIC = (
    Place("sign-in", "/login"),
    Place("sign-in-refused", "/login", send(email=PASSWORD, password="wrong"), 422),
    Place("setup-gone", "/setup?token=used", status=410),
    Place("not-found", "/nothing/here", status=404),
    Place("not-allowed", "/logout", status=405),
)

# To someone who may do nothing but sign in.
MEMBERS = (Place("forbidden", "/users", status=403),)

# To an owner.
OWNERS = (
    Place("overview", "/"),
    Place("jobs", "/jobs"),
    Place("jobs-none", "/jobs?state=cancelled"),
    Place("job-done", "/jobs/{job_done}"),
    Place("job-failed", "/jobs/{job_failed}"),
    Place("job-running", "/jobs/{job_running}"),
    Place("schedules", "/jobs/schedules"),
    Place("list", "/users"),
    Place("list-next", "/users?limit=25", _turn_the_page),
    Place("list-search", "/users?q=ol+smi&sort=-last_sign_in"),
    Place("list-status", "/users?status=deactivated"),
    Place("list-no-hit", "/users?q=nobody%40rollcall.example&status=active"),
    Place("list-menu", "/users?limit=10", _open_account_menu),
    Place("list-shortcuts", "/users?limit=10", _ask_for_help),
    Place("list-search-help", "/users?limit=10", _open(".search-help > summary")),
    Place("list-search-notes", '/users?q=foo:bar+"x'),
    Place("list-begins", "/users?limit=10&at=m"),
    Place("list-begins-on-a-day", "/users?limit=10&sort=-created&at=2040-01-01"),
    Place("list-begins-nowhere", "/users?at=яяя"),
    Place("list-filters", "/users?q=o&limit=10", _open_filters),
    Place("list-display", "/users?limit=10", _open("[data-display] > summary")),
    Place("list-save-view", "/users?status=active&limit=10", _open("[data-save-view] > summary")),
    Place("list-view", "/users?sort=last_sign_in&status=active&view={view}"),
    Place("list-view-changed", "/users?sort=-created&q=o&view={view}"),
    Place("list-palette", "/users?q=o&limit=10", _find("hop")),
    Place("list-palette-none", "/users?limit=10", _find("nobody at all")),
    Place("filters", "/users/filters?status=active&role=Helpdesk"),
    Place("display", "/users/display"),
    Place("views", "/views"),
    Place("view-new", "/views/new?status=active&q=anna"),
    Place("view-new-errors", "/views/new?status=active", send(name="давно не входили"), 422),
    Place("view-edit", "/views/{view}/edit"),
    Place("bad-address", "/users?sort=age", status=400),
    Place("new", "/users/new"),
    Place("new-errors", "/users/new", send(name="", email="jose", username="a b", password="short"), 422),
    Place("person-active", "/users/{active}"),
    Place("person-invited", "/users/{invited}"),
    Place("person-deactivated", "/users/{deactivated}"),
    Place("person-owner", "/users/{owner}"),
    Place("activity", "/users/{active}/activity"),
    Place("edit", "/users/{active}/edit"),
    Place("edit-errors", "/users/{active}/edit", send(email=""), 422),
    Place("conflict", "/users/{active}/edit", _send_over_a_newer_version, 409),
    Place("deactivate", "/users/{active}/deactivation"),
    Place("reactivate", "/users/{deactivated}/reactivation"),
    Place("list-former", "/users?q=trainee7"),
    Place("list-ending", "/users?ending=30"),
    Place("person-temporary", "/users/{temporary}"),
    Place("person-ended", "/users/{ended}"),
    Place("edit-temporary", "/users/{temporary}/edit"),
    Place("sign-in-check", "/users/{active}/sign-in-check"),
    Place("sign-in-check-ended", "/users/{ended}/sign-in-check"),
    Place("list-bin", "/users?status=deleted"),
    Place("list-no-hit-but-in-the-bin", "/users?q=vera+lost"),
    Place("person-deleted", "/users/{deleted}"),
    Place("delete", "/users/{active}/deletion"),
    Place("restore", "/users/{deleted}/restoration"),
    Place("restore-taken", "/users/{taken}/restoration"),
    Place("restore-taken-errors", "/users/{taken}/restoration", send(email="nope"), 422),
    Place("erase", "/users/{deleted}/erasure"),
    Place("erase-errors", "/users/{deleted}/erasure", send(email="nope"), 422),
    Place("audit-filtered", "/audit?actor=olga&field=name&since=2020-01-01&until=2040-01-01"),
    Place("audit-whom", "/audit?subject=e"),
    Place("audit-nobody", "/audit?actor=nobody%40rollcall.example"),
    Place("audit-none", "/audit?action=role.deleted"),
    Place("undo", "/audit/{last_edit}/undo"),
    Place("undo-overtaken", "/audit/{first_edit}/undo"),
    Place("list-filtered", "/users?role=Helpdesk&group=Northwind"),
    Place("list-filtered-none", "/users?role=Payroll"),
    Place("access", "/users/{active}/access"),
    Place("access-open", "/users/{active}/access", _open_all),
    Place("access-owner", "/users/{owner}/access"),
    Place("access-none", "/users/{invited}/access"),
    Place("access-refused", "/users/{active}/access", _give_again, 422),
    Place("groups", "/groups"),
    Place("groups-search", "/groups?q=north"),
    Place("groups-no-hit", "/groups?q=nothing"),
    Place("group", "/groups/{group}"),
    Place("group-inner", "/groups/{team}"),
    Place("group-empty", "/groups/{empty}"),
    Place("group-refused", "/groups/{group}", _add("nobody@rollcall.example"), 422),
    Place("group-roles", "/groups/{group}/roles/new"),
    Place("group-roles-refused", "/groups/{group}/roles/new", send(), 422),
    Place("group-new", "/groups/new"),
    Place("group-new-errors", "/groups/new", send(name="Engineering", description="Once more"), 422),
    Place("group-edit", "/groups/{team}/edit"),
    Place("group-delete", "/groups/{team}/deletion"),
    Place("group-delete-not-empty", "/groups/{group}/deletion"),
    Place("group-deleted", "/groups/{empty}/deletion", _delete_and_undo),
    Place("roles", "/roles"),
    Place("roles-compare", "/roles", _compare),
    Place("roles-compared", "/roles?compare=00000000-0000-7000-8000-000000000003&compare={role}"),
    Place("role", "/roles/{role}"),
    Place("role-built-in", "/roles/{helpdesk}"),
    Place("role-unused", "/roles/{unused}"),
    Place("role-new", "/roles/new?from={helpdesk}"),
    Place("role-new-errors", "/roles/new", send(name="Payroll"), 422),
    Place("role-edit", "/roles/{role}/edit"),
    Place("role-delete", "/roles/{role}/deletion"),
    Place("role-deleted", "/roles/{unused}/deletion", _delete_and_undo),
    Place("list-selected", "/users?limit=10", _select_all),
    Place("bulk", "/bulk"),
    Place("bulk-preview", "/bulk/{bulk_planned}"),
    Place("bulk-preview-refused", "/bulk/{bulk_planned}?outcome=refused"),
    Place("bulk-applied", "/bulk/{bulk_applied}"),
    Place("bulk-undone", "/bulk/{bulk_undone}"),
    Place("bulk-running", "/bulk/{bulk_running}"),
    Place("bulk-role", "/bulk/{bulk_role}"),
    Place("bulk-role-errors", "/bulk/{bulk_role}", send(), 422),
    Place("bulk-attribute", "/bulk/{bulk_attribute}?attribute=department"),
    Place("bulk-export", "/bulk/{bulk_export}"),
    Place("review", "/access-review"),
    Place("review-compared", "/access-review?since=2020-01-01"),
    Place("review-none", "/access-review?on=2020-01-01"),
    Place("review-ending", "/access-review/ending"),
    Place("as-of", "/users/{active}/as-of"),
    Place("as-of-before", "/users/{active}/as-of?on=2020-01-01"),
    Place("confirm", "/confirm?next=/roles/new"),
    Place("confirm-wrong", "/confirm?next=/roles/new", send(password="wrong"), 422),
    Place("attributes", "/settings/attributes"),
    Place("attribute-new", "/settings/attributes/new"),
    Place("attribute-new-errors", "/settings/attributes/new", send(key="Отдел", label_en="Department"), 422),
    Place("attribute-edit", "/settings/attributes/{attribute}/edit"),
    Place("attribute-in-use", "/settings/attributes/{attribute}/edit", send(choices="sales"), 422),
    Place("attribute-delete", "/settings/attributes/{attribute}/deletion"),
    Place("edit-attributes-errors", "/users/{active}/edit", send(**{"attributes.hours": "many"}), 422),
    Place("account", "/account"),
    Place("account-saved", "/account", send()),
    Place("api-docs", "/api/docs"),
)

# To the owner of a Rollcall without anybody else.
AFTER_SETUP = (
    Place("overview-first", "/"),
    Place("jobs-first", "/jobs"),
    Place("list-first", "/users"),
    Place("list-empty", "/users?status=invited"),
    Place("views-first", "/views"),
    Place("bulk-first", "/bulk"),
    Place("attributes-first", "/settings/attributes"),
    Place("groups-first", "/groups"),
    Place("roles-first", "/roles"),
)
