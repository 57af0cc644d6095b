"""All pages of Rollcall and the actions that open them, in any language."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, Response

from tests.browser.site import EMAIL, FACTORS_EMAIL, PASSWORD
from webapp.access.models import AUDITOR

# Finish animations, because an element that fades in has less contrast. Waiting for their end could take forever: a
# page that Chromium does not draw has none.
FINISH_ANIMATIONS = """() => document.getAnimations()
  .filter(each => each.effect.getComputedTiming().endTime < Infinity).forEach(each => each.finish())"""

# Not the form that proposes a time zone, which is below the content.
FORM = "form:not(.passkey-form, [data-behaviour=timezone])"


def _no_action(_page: Page) -> None:
    """Do nothing: the address alone opens the page."""


@dataclass(frozen=True)
class PageCase:
    """A page: `address` can contain names of IDs, `act` opens the page from there, `status` is its HTTP status.

    On a page that is `whole`, axe examines each row, instead of examples.
    """

    name: str
    address: str
    act: Callable[[Page], object] = _no_action
    status: int = 200
    whole: bool = False

    def visit(self, page: Page, ids: dict[str, str]) -> None:
        statuses: list[int] = []

        def record_status(response: Response) -> None:
            if response.request.is_navigation_request():
                statuses.append(response.status)

        page.on("response", record_status)
        page.goto(self.address.format(**ids))
        self.act(page)
        page.wait_for_load_state()
        page.evaluate(FINISH_ANIMATIONS)
        page.remove_listener("response", record_status)
        assert statuses[-1] == self.status, f"{self.name} responded with {statuses}"


def send(**values: str) -> Callable[[Page], None]:
    """Return an action that fills in the form of the page and submits it."""

    def send(page: Page) -> None:
        for name, value in values.items():
            field = page.locator(f"main [name='{name}']")
            field.evaluate("field => field.closest('details')?.setAttribute('open', '')")
            field.fill(value)
        with page.expect_navigation():
            page.locator(f"main {FORM} button[type=submit]").last.click()

    return send


def _send_no_name(page: Page) -> None:
    """Send the form of the name with the Enter key: the last button of the page deletes."""
    field = page.locator("main [name=name]")
    field.fill("")
    with page.expect_navigation():
        field.press("Enter")


def _send_stale_version(page: Page) -> None:
    """Send the form as if it had been opened before the name changed."""
    page.locator("main [name=version]").evaluate("field => { field.value = 1 }")
    page.locator("main [name=opened_with]").evaluate(
        "field => { field.value = JSON.stringify({...JSON.parse(field.value), name: ['José']}) }"
    )
    send(name="José Alvarez", email="jose.alvarez@rollcall.example")(page)


def _wrong_target(page: Page) -> None:
    page.locator("main [name='address']").fill("https://user@host")
    with page.expect_navigation():
        page.locator("main [name='address']").press("Enter")


def _merge_old_versions(page: Page) -> None:
    """Send the form as if one of the accounts had changed since."""
    page.locator("main [name=one_version]").evaluate("field => { field.value = 999 }")
    send()(page)


def _rename_choices(page: Page) -> None:
    for value in page.locator("main [name='choices.value']").all()[:2]:
        value.fill("x")
    with page.expect_navigation():
        page.locator("main .form-actions button").click()


def _start_app(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main form[action$=totp] button").click()


def _send_wrong_code(page: Page) -> None:
    _start_app(page)
    send(code="000000")(page)


def _sign_in_with_kept_form(page: Page) -> None:
    """Sign in as if the session had ended when a new user was saved."""
    fields = {"name": "Анна Иванова", "email": "anna@rollcall.example", "locale": "ru", "button": "Add user"}
    fields |= {"attributes.notes": "On leave until May.\nCall first.", "starts_at": "2031-03-04T09:00"}
    kept = json.dumps({"action": "/users", "fields": list(fields.items())})
    page.locator("form:not(.passkey-form) [name=kept]").evaluate("(field, text) => { field.value = text }", kept)
    send(email=EMAIL, password=PASSWORD)(page)


def _create_token(page: Page) -> None:
    page.locator("main [value='users.read']").check()
    send(name="HR sync")(page)


def _create_webhook(page: Page) -> None:
    page.locator("main [value='user.created']").check()
    send(url="https://hooks.example.org/new")(page)


def _open_next_page(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main a[rel=next]").click()


def _open_account_menu(page: Page) -> None:
    # Narrow windows hide the navigation, which contains this menu.
    if not page.locator("nav details summary").is_visible():
        page.locator("[popovertarget]").first.click()
    page.locator("nav details summary").click()


def _open_shortcuts(page: Page) -> None:
    # The script of the shortcuts shows this button when it has loaded.
    page.locator("[data-shortcuts-open]:not([hidden])").first.wait_for(state="attached")
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()


def _open(summary: str) -> Callable[[Page], None]:
    def press(page: Page) -> None:
        page.locator(summary).click()

    return press


def open_groups(page: Page) -> None:
    page.locator("#results[data-tree] [data-toggle]").first.click()
    page.locator("[data-toggle][aria-expanded=true]").wait_for()


def preview_invitations(page: Page) -> None:
    addresses = "anna@rollcall.example\nБорис Орлов <boris@rollcall.example>\nolga@rollcall.example\nno address"
    send(addresses=addresses)(page)


def _open_filters(page: Page) -> None:
    page.locator("[data-behaviour~=filters] > summary").click()
    page.locator("#filter-form").wait_for()


def _search_palette(words: str) -> Callable[[Page], None]:
    def find(page: Page) -> None:
        # The script of the palette shows this button when it has loaded.
        page.locator("[data-palette-open]:not([hidden])").first.wait_for(state="attached")
        page.keyboard.press("Control+k")
        with page.expect_response(lambda answer: "/palette?" in answer.url):
            page.get_by_role("combobox").fill(words)

    return find


def _open_palette(page: Page) -> None:
    page.locator("[data-palette-open]:not([hidden])").first.wait_for(state="attached")
    with page.expect_response(lambda answer: "/palette?" in answer.url):
        page.keyboard.press("Control+k")
    page.locator("[data-palette-offered] [role=option]").first.wait_for()


def _select_all(page: Page) -> None:
    page.locator("[data-select-page]").check()
    page.locator(".bulk-bar[data-selected]").wait_for()


def _open_all_details(page: Page) -> None:
    page.locator("main details").evaluate_all("all => all.forEach(details => { details.open = true })")


def _give_existing_role(page: Page) -> None:
    """Give a role that the user already has."""
    page.locator("#grant-role").select_option(str(AUDITOR))
    with page.expect_navigation():
        page.locator("#grant button[type=submit]").click()


def _add_member(person: str) -> Callable[[Page], None]:
    def add(page: Page) -> None:
        page.locator("[name=person]").fill(person)
        with page.expect_navigation():
            page.locator("form:has([name=person]) button[type=submit]").click()

    return add


def _pick_person(words: str) -> Callable[[Page], None]:
    def find(page: Page) -> None:
        box = page.locator("[data-behaviour=picker] [role=combobox]").first
        box.wait_for()
        with page.expect_response(lambda answer: "/users/choices?" in answer.url):
            box.fill(words)
        page.locator(".picker-list [role=option]").first.wait_for()
        box.press("ArrowDown")

    return find


def _give_one_time_pass(page: Page) -> None:
    with page.expect_navigation():
        page.locator("form[action$=one-time-pass] button").click()


def _compare(page: Page) -> None:
    page.locator(".compare summary").click()


def _delete_and_undo(page: Page) -> None:
    """Delete the object to show the message, then undo the deletion with a separate request."""
    with page.expect_navigation():
        page.locator(f"main {FORM} button[type=submit]").last.click()
    page.locator(".notice-success .notice-button").wait_for()
    address = page.locator(".notice-success form").get_attribute("action")
    token = page.locator(".notice-success [name=csrf_token]").get_attribute("value")
    assert page.request.post(address or "", form={"csrf_token": token or ""}).ok


# Without any user.
BEFORE_SETUP = (
    PageCase("setup", "{setup}"),
    PageCase("setup-errors", "{setup}", send(name="Olga", email="olga", password="short"), 422),
)

# For visitors who are not signed in.
PUBLIC = (
    PageCase("sign-in", "/login"),
    PageCase("sign-in-refused", "/login", send(email=PASSWORD, password="wrong"), 422),
    PageCase("sign-in-code", "/login", send(email=FACTORS_EMAIL, password=PASSWORD)),
    PageCase("forgot", "/forgot"),
    PageCase("forgot-errors", "/forgot", send(email=""), 422),
    PageCase("forgot-sent", "/forgot", send(email="olga@rollcall.example")),
    PageCase("reset-gone", "/reset?token=unknown", status=410),
    PageCase("reset", "{reset}"),
    PageCase("reset-errors", "{reset}", send(password="short"), 422),
    PageCase("reset-code", "{reset_code}"),
    PageCase("not-me", "{not_me}"),
    PageCase("not-me-gone", "/not-me?token=unknown", status=410),
    PageCase("email-change", "{email_change}"),
    PageCase("invitation", "{invitation}"),
    PageCase("invitation-errors", "{invitation}", send(name=""), 422),
    PageCase("invitation-password", "{invitation}", lambda page: page.goto("/invitation/password")),
    PageCase("invitation-gone", "/invitation?token=unknown", status=410),
    PageCase("invitation-expired", "{invitation_expired}", status=410),
    PageCase("invitation-asked", "/invitation?token=unknown", send(email="anna@rollcall.example")),
    PageCase("setup-gone", "/setup?token=used", status=410),
    PageCase("not-found", "/nothing/here", status=404),
    PageCase("not-allowed", "/logout", status=405),
)

# For visitors, who sign in.
SIGNING_IN = (PageCase("continue", "/login", _sign_in_with_kept_form),)

# For a person who has an app, a passkey and recovery codes.
WITH_FACTORS = (
    PageCase("confirm-factors", "/confirm?next=/roles/new"),
    PageCase("confirm-factors-wrong", "/confirm?next=/roles/new", send(password="wrong"), 422),
    PageCase("account-factors-all", "/account/factors"),
    PageCase("account-remove-app", "/account/factors/totp/removal"),
    PageCase("account-new-codes", "/account/factors/recovery-codes"),
)

# For an owner without a second factor, which MFA_REQUIRED asks for.
WITHOUT_FACTOR = (
    PageCase("second-factor-asked", "/users"),
    PageCase("account-factors-asked", "/account/factors"),
)

# For a user without permissions.
MEMBERS = (PageCase("forbidden", "/users", status=403),)

# For an owner.
OWNERS = (
    PageCase("overview", "/"),
    PageCase("whats-new", "/whats-new"),
    PageCase("whats-new-next", "/whats-new?page=2"),
    PageCase("shortcuts", "/account/shortcuts"),
    PageCase("jobs", "/jobs"),
    PageCase("jobs-none", "/jobs?state=cancelled"),
    PageCase("jobs-of-people", "/jobs?started_by=people"),
    PageCase("job-done", "/jobs/{job_done}"),
    PageCase("job-failed", "/jobs/{job_failed}"),
    PageCase("job-running", "/jobs/{job_running}"),
    PageCase("schedules", "/jobs/schedules"),
    PageCase("list", "/users", whole=True),
    PageCase("invite-people", "/invitations/new"),
    PageCase("invite-people-errors", "/invitations/new", send(addresses=""), 422),
    PageCase(
        "invite-people-preview",
        "/invitations/new",
        preview_invitations,
    ),
    PageCase("list-invited", "/users?q=invitation:sent"),
    PageCase("show-invitation-sent", "/users/{waiting}"),
    PageCase("show-invitation-expired", "/users/{expired}"),
    PageCase("invitation-link", "/users/{waiting}/invitation/link"),
    PageCase("list-next", "/users?limit=25", _open_next_page),
    PageCase("list-search", "/users?q=ol+smi&sort=-last_sign_in"),
    PageCase("list-status", "/users?status=deactivated"),
    PageCase("list-no-hit", "/users?q=nobody%40rollcall.example&status=active"),
    PageCase("list-menu", "/users?limit=10", _open_account_menu),
    PageCase("list-shortcuts", "/users?limit=10", _open_shortcuts),
    PageCase("list-search-help", "/users?limit=10", _open(".search-help > summary")),
    PageCase("list-search-notes", '/users?q=foo:bar+"x'),
    PageCase("list-begins", "/users?limit=10&at=m"),
    PageCase("list-begins-on-a-day", "/users?limit=10&sort=-created&at=2040-01-01"),
    PageCase("list-begins-nowhere", "/users?at=яяя"),
    PageCase("list-filters", "/users?q=o&limit=10", _open_filters),
    PageCase("list-display", "/users?limit=10", _open("[data-display] > summary")),
    PageCase("list-save-view", "/users?status=active&limit=10", _open("[data-save-view] > summary")),
    PageCase("list-view", "/users?sort=last_sign_in&status=active&view={view}"),
    PageCase("list-view-changed", "/users?sort=-created&q=o&view={view}"),
    PageCase("list-palette", "/users?q=o&limit=10", _search_palette("hop")),
    PageCase("list-palette-none", "/users?limit=10", _search_palette("nobody at all")),
    PageCase("search", "/search?q=hop"),
    PageCase("person-palette", "/users/{active}", _open_palette),
    PageCase("person-api", "/users/{active}/security", _open("#api > summary")),
    PageCase("filters", "/users/filters?status=active,invited&role=Helpdesk&last_sign_in=never&created=2026-01-01.."),
    PageCase("filters-errors", "/users?group=Nobody&created=soon..&status=active", status=400),
    PageCase("list-values", "/users?status=active,deactivated&role=Helpdesk,Owner&created=30d&limit=10"),
    PageCase("display", "/users/display"),
    PageCase("views", "/views"),
    PageCase("view-new", "/views/new?status=active&q=anna"),
    PageCase("view-new-errors", "/views/new?status=active", send(name="давно не входили"), 422),
    PageCase("view-edit", "/views/{view}/edit"),
    PageCase("bad-address", "/users?sort=age", status=400),
    PageCase("new", "/users/new"),
    PageCase("new-errors", "/users/new", send(name="", email="jose", username="a b", password="short"), 422),
    PageCase("person-active", "/users/{active}"),
    PageCase("security", "/users/{active}/security"),
    PageCase("security-none", "/users/{invited}/security"),
    PageCase("security-owner", "/users/{owner}/security"),
    PageCase("security-email-change", "/users/{forgetful}/security"),
    PageCase("one-time-pass", "/users/{active}/security", _give_one_time_pass),
    PageCase("compromised", "/users/{active}/compromised"),
    PageCase("account-password", "/account/password"),
    PageCase("account-password-errors", "/account/password", send(current_password="wrong", password="short"), 422),
    PageCase("account-activity", "/account/activity"),
    PageCase("account-email", "/account/email"),
    PageCase("account-email-errors", "/account/email", send(email="olga"), 422),
    PageCase("person-invited", "/users/{invited}"),
    PageCase("person-deactivated", "/users/{deactivated}"),
    PageCase("person-owner", "/users/{owner}"),
    PageCase("activity", "/users/{active}/activity"),
    PageCase("photo", "/users/{active}/photo"),
    PageCase("photo-errors", "/users/{invited}/photo", send(), 422),
    PageCase("notes", "/users/{active}/notes"),
    PageCase("notes-errors", "/users/{invited}/notes", send(text=""), 422),
    PageCase("note-edit", "/users/{active}/notes/{note}"),
    PageCase("edit", "/users/{active}/edit"),
    PageCase("edit-errors", "/users/{active}/edit", send(email=""), 422),
    PageCase("conflict", "/users/{active}/edit", _send_stale_version, 409),
    PageCase("deactivate", "/users/{active}/deactivation"),
    PageCase("reactivate", "/users/{deactivated}/reactivation"),
    PageCase("duplicates", "/duplicates"),
    PageCase("duplicate", "/duplicates/{pair}"),
    PageCase("duplicate-errors", "/duplicates/{pair}", _merge_old_versions, 409),
    PageCase("person-merged", "/users/{merged}"),
    PageCase("person-kept", "/users/{kept}/activity"),
    PageCase("list-former", "/users?q=trainee7"),
    PageCase("list-ending", "/users?ending=30"),
    PageCase("person-temporary", "/users/{temporary}"),
    PageCase("person-ended", "/users/{ended}"),
    PageCase("edit-temporary", "/users/{temporary}/edit"),
    PageCase("sign-in-check", "/users/{active}/sign-in-check"),
    PageCase("sign-in-check-ended", "/users/{ended}/sign-in-check"),
    PageCase("sign-in-check-invited", "/users/{waiting}/sign-in-check"),
    PageCase("list-bin", "/users?status=deleted"),
    PageCase("list-no-hit-but-in-the-bin", "/users?q=vera+lost"),
    PageCase("person-deleted", "/users/{deleted}"),
    PageCase("delete", "/users/{active}/deletion"),
    PageCase("restore", "/users/{deleted}/restoration"),
    PageCase("restore-taken", "/users/{taken}/restoration"),
    PageCase("restore-taken-errors", "/users/{taken}/restoration", send(email="nope"), 422),
    PageCase("erase", "/users/{deleted}/erasure"),
    PageCase("erase-errors", "/users/{deleted}/erasure", send(email="nope"), 422),
    PageCase("audit-filtered", "/audit?actor=olga&field=name&since=2020-01-01&until=2040-01-01"),
    PageCase("audit-whom", "/audit?subject=e"),
    PageCase("audit-people-found", "/audit?subject=olga", _pick_person("hop")),
    PageCase("audit-nobody", "/audit?actor=nobody%40rollcall.example"),
    PageCase("audit-none", "/audit?action=role.deleted"),
    PageCase("audit-archives", "/audit/archives"),
    PageCase("undo", "/audit/{last_edit}/undo"),
    PageCase("undo-overtaken", "/audit/{first_edit}/undo"),
    PageCase("list-filtered", "/users?role=Helpdesk&group=Northwind"),
    PageCase("list-filtered-none", "/users?role=Payroll"),
    PageCase("access", "/users/{active}/access"),
    PageCase("access-open", "/users/{active}/access", _open_all_details),
    PageCase("access-owner", "/users/{owner}/access"),
    PageCase("access-none", "/users/{invited}/access"),
    PageCase("access-refused", "/users/{active}/access", _give_existing_role, 422),
    PageCase("groups", "/groups"),
    PageCase("groups-open", "/groups", open_groups),
    PageCase("groups-search", "/groups?q=north"),
    PageCase("groups-no-hit", "/groups?q=nothing"),
    PageCase("group", "/groups/{group}"),
    PageCase("group-inner", "/groups/{team}"),
    PageCase("group-empty", "/groups/{empty}"),
    PageCase("group-refused", "/groups/{group}", _add_member("nobody@rollcall.example"), 422),
    PageCase("group-people-offered", "/groups/{group}", _add_member("hop"), 422),
    PageCase("group-people-found", "/groups/{group}", _pick_person("hop")),
    PageCase("group-roles", "/groups/{group}/roles/new"),
    PageCase("group-roles-refused", "/groups/{group}/roles/new", send(), 422),
    PageCase("group-new", "/groups/new"),
    PageCase("group-new-errors", "/groups/new", send(name="Engineering", description="Once more"), 422),
    PageCase("group-edit", "/groups/{team}/edit"),
    PageCase("group-delete", "/groups/{team}/deletion"),
    PageCase("group-delete-not-empty", "/groups/{group}/deletion"),
    PageCase("group-deleted", "/groups/{empty}/deletion", _delete_and_undo),
    PageCase("roles", "/roles"),
    PageCase("roles-compare", "/roles", _compare),
    PageCase("roles-compared", "/roles?compare=00000000-0000-7000-8000-000000000003&compare={role}"),
    PageCase("role", "/roles/{role}"),
    PageCase("role-built-in", "/roles/{helpdesk}"),
    PageCase("role-unused", "/roles/{unused}"),
    PageCase("role-new", "/roles/new?from={helpdesk}"),
    PageCase("role-new-errors", "/roles/new", send(name="Payroll"), 422),
    PageCase("role-edit", "/roles/{role}/edit"),
    PageCase("role-delete", "/roles/{role}/deletion"),
    PageCase("role-deleted", "/roles/{unused}/deletion", _delete_and_undo),
    PageCase("list-selected", "/users?limit=10", _select_all),
    PageCase("bulk", "/bulk"),
    PageCase("bulk-preview", "/bulk/{bulk_planned}"),
    PageCase("bulk-preview-refused", "/bulk/{bulk_planned}?outcome=refused"),
    PageCase("bulk-applied", "/bulk/{bulk_applied}"),
    PageCase("bulk-undone", "/bulk/{bulk_undone}"),
    PageCase("bulk-running", "/bulk/{bulk_running}"),
    PageCase("bulk-role", "/bulk/{bulk_role}"),
    PageCase("bulk-role-errors", "/bulk/{bulk_role}", send(), 422),
    PageCase("bulk-attribute", "/bulk/{bulk_attribute}?attribute=department"),
    PageCase("bulk-export", "/bulk/{bulk_export}"),
    PageCase("imports", "/imports"),
    PageCase("imports-errors", "/imports", send(), 422),
    PageCase("import-mappings", "/imports/mappings"),
    PageCase("import-mapping", "/imports/mappings/{import_mapping}"),
    PageCase("import-mapping-errors", "/imports/mappings/{import_mapping}", _send_no_name, 422),
    PageCase("import-columns", "/imports/{import_uploaded}"),
    PageCase("import-columns-errors", "/imports/{import_uploaded}", send(threshold="900"), 422),
    PageCase("import-preview", "/imports/{import_planned}"),
    PageCase("import-preview-refused", "/imports/{import_planned}?outcome=refused"),
    PageCase("import-running", "/imports/{import_running}"),
    PageCase("import-applied", "/imports/{import_applied}"),
    PageCase("import-undone", "/imports/{import_undone}"),
    PageCase("review", "/access-review"),
    PageCase("review-compared", "/access-review?since=2020-01-01"),
    PageCase("review-archived", "/access-review?on=2019-01-01", status=400),
    PageCase("review-none", "/access-review?on=2020-01-01"),
    PageCase("review-ending", "/access-review/ending"),
    PageCase("as-of", "/users/{active}/as-of"),
    PageCase("as-of-before", "/users/{active}/as-of?on=2020-01-01"),
    PageCase("confirm", "/confirm?next=/roles/new"),
    PageCase("confirm-wrong", "/confirm?next=/roles/new", send(password="wrong"), 422),
    PageCase("settings", "/settings"),
    PageCase("settings-security", "/settings/security"),
    PageCase("organisation-errors", "/settings/organisation", send(name="x" * 101), 422),
    PageCase("mail-settings", "/settings/mail"),
    PageCase("event-stream", "/settings/event-stream"),
    PageCase("event-stream-errors", "/settings/event-stream", _wrong_target, 422),
    PageCase("event-stream-removal", "/settings/event-stream/removal"),
    PageCase("attributes", "/settings/attributes"),
    PageCase("attribute-new", "/settings/attributes/new"),
    PageCase("attribute-new-errors", "/settings/attributes/new", send(key="Отдел"), 422),
    PageCase("attribute-edit", "/settings/attributes/{attribute}/edit"),
    PageCase("attribute-in-use", "/settings/attributes/{attribute}/edit", _rename_choices, 422),
    PageCase("attribute-delete", "/settings/attributes/{attribute}/deletion"),
    PageCase("edit-attributes-errors", "/users/{active}/edit", send(**{"attributes.hours": "many"}), 422),
    PageCase("account", "/account"),
    PageCase("account-photo", "/account/photo"),
    PageCase("account-sessions", "/account/sessions"),
    PageCase("account-factors", "/account/factors"),
    PageCase("account-recovery-codes", "/account/factors/recovery-codes"),
    PageCase("account-recovery-codes-shown", "/account/factors/recovery-codes", send()),
    PageCase("account-set-up-app", "/account/factors", _start_app),
    PageCase("account-set-up-app-wrong", "/account/factors", _send_wrong_code, 422),
    PageCase("account-new-passkey", "/account/factors/passkeys/new"),
    PageCase("tokens", "/account/tokens"),
    PageCase("tokens-all", "/account/tokens?state=all&sort=expires"),
    PageCase("tokens-expired", "/account/tokens?state=expired"),
    PageCase("token-new", "/account/tokens/new"),
    PageCase("token-new-errors", "/account/tokens/new", send(name="x" * 101, addresses="localhost"), 422),
    PageCase("token-created", "/account/tokens/new", _create_token),
    PageCase("token-revoke", "/account/tokens/{token}/revocation"),
    PageCase("token-rotate", "/account/tokens/{token}/rotation"),
    PageCase("settings-tokens", "/settings/tokens"),
    PageCase("settings-tokens-unknown-owner", "/settings/tokens?owner=nobody%40rollcall.example"),
    PageCase("settings-token-new-errors", "/settings/tokens/new", send(owner="nobody@rollcall.example", name="x"), 422),
    PageCase("exports", "/exports"),
    PageCase("export-new", "/exports/new?view=status%3Dactive"),
    PageCase("export-new-errors", "/exports/new", send(name="", keep="0"), 422),
    PageCase("export-scheduled", "/exports/{export}"),
    PageCase("export-failed", "/exports/{export_failed}"),
    PageCase("export-edit", "/exports/{export}/edit"),
    PageCase("export-delete", "/exports/{export}/deletion"),
    PageCase("feeds", "/imports/feeds"),
    PageCase("feed-new", "/imports/feeds/new"),
    PageCase("feed-new-errors", "/imports/feeds/new", send(path="../people.csv", time_of_day=""), 422),
    PageCase("feed", "/imports/feeds/{feed}"),
    PageCase("feed-stopped", "/imports/feeds/{feed_stopped}"),
    PageCase("feed-paused", "/imports/feeds/{feed_paused}"),
    PageCase("feed-silent", "/imports/feeds/{feed_silent}"),
    PageCase("feed-edit", "/imports/feeds/{feed_stopped}/edit"),
    PageCase("feed-delete", "/imports/feeds/{feed}/deletion"),
    PageCase("webhooks", "/settings/webhooks"),
    PageCase("webhook-new", "/settings/webhooks/new"),
    PageCase("webhook-new-errors", "/settings/webhooks/new", send(url="https://127.0.0.1/"), 422),
    PageCase("webhook-created", "/settings/webhooks/new", _create_webhook),
    PageCase("webhook", "/settings/webhooks/{webhook}"),
    PageCase("webhook-failing", "/settings/webhooks/{webhook_failing}"),
    PageCase("webhook-paused", "/settings/webhooks/{webhook_paused}"),
    PageCase("webhook-edit", "/settings/webhooks/{webhook}/edit"),
    PageCase("webhook-rotate", "/settings/webhooks/{webhook}/rotation"),
    PageCase("webhook-delete", "/settings/webhooks/{webhook}/deletion"),
    PageCase("webhook-delivery", "/settings/webhooks/{webhook}/deliveries/{delivery_delivered}"),
    PageCase("webhook-delivery-failed", "/settings/webhooks/{webhook}/deliveries/{delivery_failed}"),
    PageCase("webhook-delivery-retried", "/settings/webhooks/{webhook}/deliveries/{delivery_retried}"),
    PageCase("webhook-delivery-new", "/settings/webhooks/{webhook}/deliveries/{delivery_new}"),
    PageCase("account-saved", "/account", send()),
    PageCase("api-docs", "/api/docs"),
)

# For an owner who is the only user.
AFTER_SETUP = (
    PageCase("overview-first", "/"),
    PageCase("jobs-first", "/jobs"),
    PageCase("list-first", "/users"),
    PageCase("list-empty", "/users?status=invited"),
    PageCase("views-first", "/views"),
    PageCase("bulk-first", "/bulk"),
    PageCase("attributes-first", "/settings/attributes"),
    PageCase("webhooks-first", "/settings/webhooks"),
    PageCase("feeds-first", "/imports/feeds"),
    PageCase("exports-first", "/exports"),
    PageCase("groups-first", "/groups"),
    PageCase("roles-first", "/roles"),
)
