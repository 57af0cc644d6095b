"""Saved views, filters, display settings, history and the command palette."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, StorageState, expect

from tests.browser.conftest import Visit
from tests.browser.site import PASSWORD, Site
from tests.factories import TESTER
from webapp.access.models import ADMINISTRATOR
from webapp.access.services import grant_role

HELP = "[data-shortcuts-open]:not([hidden])"


@pytest.fixture(scope="module")
def admin_state(site: Site) -> StorageState:
    """The cookies of an administrator whose settings and views no other test uses."""
    admin = site.create_person("Ada Viewer", password=PASSWORD)
    with site.app.app_context():
        grant_role(ADMINISTRATOR, user_id=admin.id, by=TESTER)
    return site.signed_in_as(admin.email)


@pytest.fixture
def admins_page(profile: Visit, site: Site, admin_state: StorageState) -> Visit:
    return lambda **options: profile(base_url=site.address, storage_state=admin_state, **options)


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def either_page(request: pytest.FixtureRequest, admins_page: Visit) -> Page:
    return admins_page(java_script_enabled=request.param)


@pytest.fixture
def list_page(admins_page: Visit) -> Page:
    """The list, in a page that records whether it is loaded again."""
    page = admins_page()
    page.goto("/users?view=all")
    page.locator(HELP).first.wait_for(state="attached")
    page.evaluate("window.sameDocument = true")
    return page


def search_box(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Search users")


def names(page: Page) -> Locator:
    return page.get_by_role("table").locator("tbody .person-name").get_by_role("link")


def test_a_view_can_be_saved_changed_and_deleted(either_page: Page) -> None:
    either_page.goto("/users?status=invited&view=all")
    either_page.locator("[data-save-view] > summary").click()
    either_page.get_by_label("View name").fill("To be asked")
    either_page.get_by_role("button", name="Save view").click()
    expect(either_page.get_by_role("heading", name="To be asked")).to_be_visible()
    expect(either_page).to_have_url(re.compile(r"sort=name&status=invited&view=[0-9a-f-]{36}$"))
    expect(either_page.get_by_text("Changed", exact=True)).to_have_count(0)
    either_page.get_by_role("table").get_by_role("link", name="Name", exact=True).click()
    expect(either_page.get_by_text("Changed", exact=True)).to_be_visible()
    either_page.get_by_role("button", name="Save", exact=True).click()
    expect(either_page).to_have_url(re.compile(r"sort=-name"))
    expect(either_page.get_by_text("Changed", exact=True)).to_have_count(0)
    either_page.get_by_role("main").get_by_role("link", name="Show everyone").click()
    expect(either_page.get_by_role("heading", name="To be asked")).to_have_count(0)
    either_page.get_by_role("link", name="Views", exact=True).click()
    row = either_page.get_by_role("row").filter(has_text="To be asked")
    expect(row).to_contain_text(re.compile(r"\d+ people"))
    row.get_by_role("button", name="Delete").click()
    expect(either_page.get_by_text("View To be asked deleted")).to_be_visible()
    either_page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    row.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)


def test_the_navigation_requests_view_counts_once_a_minute(admins_page: Visit) -> None:
    page = admins_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url) if "/views/counts" in request.url else None)
    page.goto("/users?view=all")
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name="Waiting for an answer")
    expect(link).to_have_accessible_name(re.compile(r"^Waiting for an answer\s*, \d+ people$"))
    page.goto("/groups")
    expect(link).to_be_visible()
    assert len(requests) == 1
    link.click()
    expect(page.get_by_role("heading", name="Waiting for an answer")).to_be_visible()
    expect(link).to_have_attribute("aria-current", "true")


def test_filters_are_added_to_the_address(either_page: Page) -> None:
    either_page.goto("/users?q=o&sort=-name&view=all")
    either_page.locator("[data-behaviour~=filters] > summary").click()
    form = either_page.locator("#filter-form")
    expect(form.or_(either_page.get_by_role("link", name="All filters")).first).to_be_visible()
    if not either_page.evaluate("matchMedia('(scripting: enabled)').matches"):
        either_page.get_by_role("link", name="All filters").click()
    form.get_by_label("Active", exact=True).check()
    form.get_by_label("No password yet", exact=True).check()
    form.locator("summary", has_text="Role").click()
    form.get_by_label("Helpdesk", exact=True).check()
    form.locator("summary", has_text="Group").click()
    form.get_by_label("Add a group", exact=True).fill("Northwind")
    form.get_by_role("button", name="Show", exact=True).click()
    for part in ("q=o", "sort=-name", "status=active%2Cinvited", "role=Helpdesk", "group=Northwind"):
        expect(either_page).to_have_url(re.compile(re.escape(part)))
    expect(either_page.get_by_role("link", name="Remove filter: Role Helpdesk")).to_be_visible()
    either_page.get_by_role("link", name="Remove filter: Group Northwind").click()
    expect(either_page).not_to_have_url(re.compile("group"))
    expect(search_box(either_page)).to_have_value("o")


def test_empty_filters_are_not_in_the_address(list_page: Page) -> None:
    list_page.locator("[data-behaviour~=filters] > summary").click()
    list_page.locator("#filter-form").get_by_label("No password yet", exact=True).check()
    list_page.get_by_role("button", name="Show", exact=True).click()
    expect(list_page).to_have_url(re.compile(r"/users\?view=all&status=invited$"))


def test_a_closed_filter_shows_what_is_chosen(list_page: Page) -> None:
    list_page.locator("[data-behaviour~=filters] > summary").click()
    created = list_page.locator(".filter-field").filter(has_text="Created")
    created.locator("summary").click()
    created.get_by_label("Dates…").check()
    # The script focuses the first day.
    expect(created.get_by_label("From")).to_be_focused()
    created.get_by_label("From").fill("2026-03-01")
    created.locator("summary").click()
    expect(created.locator(".filter-chosen")).to_have_text("2026-03-01")
    list_page.get_by_role("button", name="Show", exact=True).click()
    expect(list_page).to_have_url(re.compile(r"/users\?view=all&created=2026-03-01\.\.$"))


def test_a_closed_filter_shows_the_chosen_person(list_page: Page) -> None:
    list_page.locator("[data-behaviour~=filters] > summary").click()
    manager = list_page.locator(".filter-field", has_text=re.compile("^\\s*Manager"))
    manager.locator("summary").click()
    manager.get_by_role("combobox").press_sequentially("liskov", delay=20)
    manager.get_by_role("option").first.click()
    manager.locator("summary").click()
    expect(manager.locator(".filter-chosen")).to_have_text(re.compile(r"^Barbara Liskov \(\S+@\S+\)$"))
    manager.locator("summary").click()
    manager.get_by_role("button", name="Clear").click()
    manager.locator("summary").click()
    expect(manager.locator(".filter-chosen")).to_have_text("")


def test_input_before_the_scripts_have_loaded_is_kept(admins_page: Visit) -> None:
    page, held = admins_page(), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"behaviours/(filters|search)"), hold)
    page.goto("/users?view=all", wait_until="commit")
    search_box(page).fill("knuth")
    page.locator("[data-behaviour~=filters] > summary").click()
    while len(held) < 2:
        page.wait_for_timeout(20)
    for route in held:
        route.continue_()
    expect(page).to_have_url(re.compile("q=knuth"))
    page.locator("#filter-form").get_by_label("Active", exact=True).check()
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page).to_have_url(re.compile(r"(?=.*q=knuth)(?=.*status=active)"))


def test_display_settings_are_saved(either_page: Page) -> None:
    def show(columns: bool, height: str) -> None:
        either_page.locator("[data-display] > summary").click()
        for column in ("Groups", "Username", "Created"):
            either_page.get_by_label(column, exact=True).set_checked(columns)
        either_page.get_by_label(height).check()
        either_page.get_by_role("button", name="Apply").click()

    either_page.goto("/users?q=example.com&view=all")
    show(False, "Compact")
    expect(either_page).to_have_url(re.compile(r"q=example.com"))
    expect(either_page.get_by_role("columnheader")).to_have_text(
        [re.compile(word) for word in ("Selection", "Name", "Status", "Roles", "Last", "Actions")]
    )
    either_page.goto("/users?view=all")
    expect(either_page.get_by_role("columnheader")).to_have_count(6)
    row = either_page.get_by_role("row").nth(2).bounding_box()
    assert row
    assert 31 <= row["height"] <= 34
    show(True, "Comfortable")
    row = either_page.get_by_role("row").nth(2).bounding_box()
    assert row
    assert row["height"] > 48


def test_back_returns_to_the_list_before_the_search(list_page: Page) -> None:
    before = names(list_page).all_text_contents()
    search_box(list_page).press_sequentially("liskov", delay=40)
    expect(names(list_page)).to_have_text(["Barbara Liskov", "Barbara Liskov"])
    expect(list_page).to_have_url(re.compile("q=liskov"))
    list_page.go_back()
    expect(list_page).to_have_url(re.compile(r"/users\?view=all$"))
    expect(names(list_page)).to_have_text(before)
    expect(search_box(list_page)).to_have_value("")
    list_page.go_forward()
    expect(names(list_page)).to_have_text(["Barbara Liskov", "Barbara Liskov"])
    expect(search_box(list_page)).to_have_value("liskov")
    assert list_page.evaluate("window.sameDocument")


def test_each_search_is_an_entry_of_the_history(list_page: Page) -> None:
    search_box(list_page).fill("liskov")
    expect(names(list_page)).to_have_count(2)
    search_box(list_page).blur()
    search_box(list_page).fill("knuth")
    expect(names(list_page)).to_have_text(["Donald Knuth"])
    list_page.go_back()
    expect(names(list_page)).to_have_count(2)
    list_page.go_back()
    expect(list_page).to_have_url(re.compile(r"/users\?view=all$"))


def test_a_failed_step_back_can_be_retried(list_page: Page) -> None:
    search_box(list_page).fill("knuth")
    expect(list_page).to_have_url(re.compile("q=knuth"))
    list_page.evaluate("() => { window.really = fetch; window.fetch = () => Promise.reject(new TypeError('away')) }")
    list_page.go_back()
    expect(list_page.locator("#results-status.notice-error")).to_be_visible()
    list_page.evaluate("() => { window.fetch = window.really }")
    search_box(list_page).press("Enter")
    expect(names(list_page)).not_to_have_count(1)


def test_outdated_results_are_not_shown(list_page: Page) -> None:
    before = names(list_page).first.text_content()

    def never(_route: Route) -> None:
        """Never respond to the request."""

    list_page.route(re.compile(r"q=knuth"), never)
    search_box(list_page).fill("knuth")
    expect(list_page.locator("#results[aria-busy=true]")).to_have_count(1)
    search_box(list_page).fill("")
    expect(list_page.locator("#results[aria-busy=true]")).to_have_count(0)
    expect(names(list_page).first).to_have_text(before or "")
    search_box(list_page).fill("knuth")
    expect(list_page.locator("#results[aria-busy=true]")).to_have_count(1)
    search_box(list_page).fill("liskov")
    expect(list_page).to_have_url(re.compile("q=liskov"))
    expect(names(list_page).first).to_contain_text("Liskov")


def test_fast_results_show_no_skeleton(list_page: Page) -> None:
    list_page.evaluate(
        """() => {
          window.seen = [];
          const note = ({target}) => window.seen.push(target.getAttribute('aria-busy'));
          const options = {subtree: true, attributeFilter: ['aria-busy']};
          new MutationObserver((all) => all.forEach(note)).observe(document.querySelector('main'), options);
        }"""
    )
    search_box(list_page).fill("liskov")
    expect(names(list_page)).to_have_count(2)
    assert "true" not in list_page.evaluate("window.seen")


def test_the_table_head_is_sticky(list_page: Page) -> None:
    list_page.set_viewport_size({"width": 1200, "height": 600})
    head = list_page.get_by_role("columnheader", name="Name")
    list_page.mouse.wheel(0, 900)
    list_page.wait_for_function("scrollY > 800")
    position = head.bounding_box()
    assert position
    assert -1 <= position["y"] <= 1


def open_palette(page: Page) -> Locator:
    page.locator(HELP).first.wait_for(state="attached")
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Search everything")
    expect(dialog).to_be_visible()
    return dialog


def test_the_palette_finds_people(list_page: Page) -> None:
    # Other tests add people to this site.
    list_page.goto("/users?q=hopper&view=all")
    found = min(names(list_page).count(), 8)
    dialog = open_palette(list_page)
    field = dialog.get_by_role("combobox")
    expect(field).to_be_focused()
    field.press_sequentially("hopper", delay=20)
    expect(dialog.get_by_role("option")).to_have_count(found)
    expect(dialog.get_by_role("status")).to_have_text(f"{found} found")
    list_page.keyboard.press("ArrowDown")
    second = dialog.get_by_role("option").nth(1)
    expect(second).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", second.get_attribute("id") or "")
    list_page.keyboard.press("ArrowUp")
    list_page.keyboard.press("ArrowUp")
    expect(dialog.get_by_role("option").nth(found - 1)).to_have_attribute("aria-selected", "true")
    list_page.keyboard.press("Enter")
    expect(list_page.get_by_role("heading", level=1)).to_contain_text("Hopper")


def test_the_palette_finds_nothing_after_the_session_ended(list_page: Page) -> None:
    dialog = open_palette(list_page)
    list_page.context.clear_cookies()
    dialog.get_by_role("combobox").fill("hopper")
    expect(dialog.get_by_role("status")).to_have_text("No results")
    expect(dialog.get_by_role("button")).to_have_count(0)


def test_the_palette_opens_pages(list_page: Page) -> None:
    dialog = open_palette(list_page)
    dialog.get_by_role("combobox").fill("gro")
    expect(dialog.get_by_role("option").first).to_have_text("Groups")
    list_page.keyboard.press("Enter")
    expect(list_page.get_by_role("heading", level=1)).to_have_text("Groups")
    dialog = open_palette(list_page)
    expect(dialog.get_by_role("option", name="Save view")).to_have_count(0)
    dialog.get_by_role("combobox").fill("nothing of this kind")
    expect(dialog.get_by_role("status")).to_have_text("No results")
    list_page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_the_palette_runs_actions_of_the_page(list_page: Page) -> None:
    list_page.goto("/users?status=active&view=all")
    dialog = open_palette(list_page)
    dialog.get_by_role("combobox").fill("save")
    list_page.keyboard.press("Enter")
    expect(list_page.get_by_label("View name")).to_be_focused()


def test_the_palette_is_turned_off_with_the_shortcuts(list_page: Page) -> None:
    list_page.keyboard.press("?")
    expect(list_page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Find people, pages and actions")
    list_page.get_by_label("Use keyboard shortcuts in this browser").uncheck()
    list_page.keyboard.press("Escape")
    list_page.keyboard.press("Control+k")
    expect(list_page.get_by_role("dialog")).to_have_count(0)
