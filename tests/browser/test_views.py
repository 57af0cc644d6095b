"""The list as people like it: views, filters, display, the way back, and the palette."""

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
    """The cookies of an administrator, whose settings and views nobody else's tests meet."""
    admin = site.someone("Ada Viewer", password=PASSWORD)
    with site.app.app_context():
        grant_role(ADMINISTRATOR, user_id=admin.id, by=TESTER)
    return site.signed_in_as(admin.email)


@pytest.fixture
def admins_page(profile: Visit, site: Site, admin_state: StorageState) -> Visit:
    return lambda **options: profile(base_url=site.address, storage_state=admin_state, **options)


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def either(request: pytest.FixtureRequest, admins_page: Visit) -> Page:
    return admins_page(java_script_enabled=request.param)


@pytest.fixture
def people(admins_page: Visit) -> Page:
    """The list, in a page that remembers whether it was ever loaded again."""
    page = admins_page()
    page.goto("/users?view=all")
    page.locator(HELP).first.wait_for(state="attached")
    page.evaluate("window.sameDocument = true")
    return page


def box(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Search users")


def names(page: Page) -> Locator:
    return page.get_by_role("table").locator("tbody").get_by_role("link")


def test_a_view_is_saved_changed_overwritten_and_deleted(either: Page) -> None:
    either.goto("/users?status=invited&view=all")
    either.locator("[data-save-view] > summary").click()
    either.get_by_label("View name").fill("To be asked")
    either.get_by_role("button", name="Save view").click()
    expect(either.get_by_role("heading", name="To be asked")).to_be_visible()
    expect(either).to_have_url(re.compile(r"sort=name&status=invited&view=[0-9a-f-]{36}$"))
    expect(either.get_by_text("Changed", exact=True)).to_have_count(0)
    either.get_by_role("table").get_by_role("link", name="Name", exact=True).click()
    expect(either.get_by_text("Changed", exact=True)).to_be_visible()
    either.get_by_role("button", name="Save", exact=True).click()
    expect(either).to_have_url(re.compile(r"sort=-name"))
    expect(either.get_by_text("Changed", exact=True)).to_have_count(0)
    either.get_by_role("main").get_by_role("link", name="Show everyone").click()
    expect(either.get_by_role("heading", name="To be asked")).to_have_count(0)
    either.get_by_role("link", name="Views", exact=True).click()
    row = either.get_by_role("row").filter(has_text="To be asked")
    expect(row).to_contain_text(re.compile(r"\d+ people"))
    row.get_by_role("button", name="Delete").click()
    expect(either.get_by_text("View To be asked deleted")).to_be_visible()
    either.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    row.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)


def test_the_navigation_counts_views_once_a_minute(admins_page: Visit) -> None:
    page = admins_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/views/counts" in request.url else None)
    page.goto("/users?view=all")
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name="Waiting for an answer")
    expect(link).to_have_accessible_name(re.compile(r"^Waiting for an answer\s*, \d+ people$"))
    page.goto("/groups")
    expect(link).to_be_visible()
    assert len(asked) == 1
    link.click()
    expect(page.get_by_role("heading", name="Waiting for an answer")).to_be_visible()
    expect(link).to_have_attribute("aria-current", "true")


def test_filters_are_added_to_what_is_there(either: Page) -> None:
    either.goto("/users?q=o&sort=-name&view=all")
    either.locator("[data-behaviour~=filters] > summary").click()
    form = either.locator("#filter-form")
    expect(form.or_(either.get_by_role("link", name="All filters")).first).to_be_visible()
    if not either.evaluate("matchMedia('(scripting: enabled)').matches"):
        either.get_by_role("link", name="All filters").click()
    form.get_by_label("Status", exact=True).select_option("Active")
    form.get_by_label("Role", exact=True).select_option("Helpdesk")
    form.get_by_label("Group", exact=True).fill("Northwind")
    form.get_by_role("button", name="Show", exact=True).click()
    for part in ("q=o", "sort=-name", "status=active", "role=Helpdesk", "group=Northwind"):
        expect(either).to_have_url(re.compile(re.escape(part)))
    expect(either.get_by_role("link", name="Remove filter: Role Helpdesk")).to_be_visible()
    either.get_by_role("link", name="Remove filter: Group Northwind").click()
    expect(either).not_to_have_url(re.compile("group"))
    expect(box(either)).to_have_value("o")


def test_with_script_the_address_holds_no_filter_that_is_none(people: Page) -> None:
    people.locator("[data-behaviour~=filters] > summary").click()
    people.locator("#filter-form").get_by_label("Status", exact=True).select_option("Invited")
    people.get_by_role("button", name="Show", exact=True).click()
    expect(people).to_have_url(re.compile(r"/users\?view=all&status=invited$"))


def test_who_is_quicker_than_the_scripts_loses_nothing(admins_page: Visit) -> None:
    page, held = admins_page(), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"behaviours/(filters|search)"), hold)
    page.goto("/users?view=all", wait_until="commit")
    box(page).fill("knuth")
    page.locator("[data-behaviour~=filters] > summary").click()
    while len(held) < 2:
        page.wait_for_timeout(20)
    for route in held:
        route.continue_()
    expect(page).to_have_url(re.compile("q=knuth"))
    page.locator("#filter-form").get_by_label("Status", exact=True).select_option("Active")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page).to_have_url(re.compile(r"(?=.*q=knuth)(?=.*status=active)"))


def test_the_display_is_remembered(either: Page) -> None:
    def show(columns: bool, height: str) -> None:
        either.locator("[data-display] > summary").click()
        for column in ("Groups", "Username", "Created"):
            either.get_by_label(column, exact=True).set_checked(columns)
        either.get_by_label(height).check()
        either.get_by_role("button", name="Apply").click()

    either.goto("/users?q=example.com&view=all")
    show(False, "Compact")
    expect(either).to_have_url(re.compile(r"q=example.com"))
    expect(either.get_by_role("columnheader")).to_have_text(
        [re.compile(word) for word in ("Selection", "Name", "Status", "Roles", "Last")]
    )
    either.goto("/users?view=all")
    expect(either.get_by_role("columnheader")).to_have_count(5)
    row = either.get_by_role("row").nth(2).bounding_box()
    assert row
    assert 31 <= row["height"] <= 34
    show(True, "Comfortable")
    row = either.get_by_role("row").nth(2).bounding_box()
    assert row
    assert row["height"] > 48


def test_back_returns_to_the_list_before_the_search(people: Page) -> None:
    before = names(people).all_text_contents()
    box(people).press_sequentially("liskov", delay=40)
    expect(names(people)).to_have_text(["Barbara Liskov", "Barbara Liskov"])
    expect(people).to_have_url(re.compile("q=liskov"))
    people.go_back()
    expect(people).to_have_url(re.compile(r"/users\?view=all$"))
    expect(names(people)).to_have_text(before)
    expect(box(people)).to_have_value("")
    people.go_forward()
    expect(names(people)).to_have_text(["Barbara Liskov", "Barbara Liskov"])
    expect(box(people)).to_have_value("liskov")
    assert people.evaluate("window.sameDocument")


def test_a_second_search_is_a_second_step(people: Page) -> None:
    box(people).fill("liskov")
    expect(names(people)).to_have_count(2)
    box(people).blur()
    box(people).fill("knuth")
    expect(names(people)).to_have_text(["Donald Knuth"])
    people.go_back()
    expect(names(people)).to_have_count(2)
    people.go_back()
    expect(people).to_have_url(re.compile(r"/users\?view=all$"))


def test_a_step_back_that_failed_can_be_made_good(people: Page) -> None:
    box(people).fill("knuth")
    expect(people).to_have_url(re.compile("q=knuth"))
    people.evaluate("() => { window.really = fetch; window.fetch = () => Promise.reject(new TypeError('away')) }")
    people.go_back()
    expect(people.locator("#results-status.notice-error")).to_be_visible()
    people.evaluate("() => { window.fetch = window.really }")
    box(people).press("Enter")
    expect(names(people)).not_to_have_count(1)


def test_what_is_overtaken_or_taken_back_never_shows(people: Page) -> None:
    before = names(people).first.text_content()

    def never(_route: Route) -> None:
        """Leaves the request without an answer."""

    people.route(re.compile(r"q=knuth"), never)
    box(people).fill("knuth")
    expect(people.locator("#results[aria-busy=true]")).to_have_count(1)
    box(people).fill("")
    expect(people.locator("#results[aria-busy=true]")).to_have_count(0)
    expect(names(people).first).to_have_text(before or "")
    box(people).fill("knuth")
    expect(people.locator("#results[aria-busy=true]")).to_have_count(1)
    box(people).fill("liskov")
    expect(people).to_have_url(re.compile("q=liskov"))
    expect(names(people).first).to_contain_text("Liskov")


def test_the_skeleton_waits(people: Page) -> None:
    people.evaluate(
        """() => {
          window.seen = [];
          const note = ({target}) => window.seen.push(target.getAttribute('aria-busy'));
          const options = {subtree: true, attributeFilter: ['aria-busy']};
          new MutationObserver((all) => all.forEach(note)).observe(document.querySelector('main'), options);
        }"""
    )
    box(people).fill("liskov")
    expect(names(people)).to_have_count(2)
    assert "true" not in people.evaluate("window.seen")


def test_the_head_stays_in_sight(people: Page) -> None:
    people.set_viewport_size({"width": 1200, "height": 600})
    head = people.get_by_role("columnheader", name="Name")
    people.mouse.wheel(0, 900)
    people.wait_for_function("scrollY > 800")
    place = head.bounding_box()
    assert place
    assert -1 <= place["y"] <= 1


def open_palette(page: Page) -> Locator:
    page.locator(HELP).first.wait_for(state="attached")
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Search everything")
    expect(dialog).to_be_visible()
    return dialog


def test_the_palette_finds_people(people: Page) -> None:
    # Other tests add people to this site.
    people.goto("/users?q=hopper&view=all")
    found = min(names(people).count(), 8)
    dialog = open_palette(people)
    field = dialog.get_by_role("combobox")
    expect(field).to_be_focused()
    field.press_sequentially("hopper", delay=20)
    expect(dialog.get_by_role("option")).to_have_count(found)
    expect(dialog.get_by_role("status")).to_have_text(f"{found} found")
    people.keyboard.press("ArrowDown")
    second = dialog.get_by_role("option").nth(1)
    expect(second).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", second.get_attribute("id") or "")
    people.keyboard.press("ArrowUp")
    people.keyboard.press("ArrowUp")
    expect(dialog.get_by_role("option").nth(found - 1)).to_have_attribute("aria-selected", "true")
    people.keyboard.press("Enter")
    expect(people.get_by_role("heading", level=1)).to_contain_text("Hopper")


def test_the_palette_leads_to_pages_and_actions(people: Page) -> None:
    dialog = open_palette(people)
    dialog.get_by_role("combobox").fill("gro")
    expect(dialog.get_by_role("option").first).to_have_text("Groups")
    people.keyboard.press("Enter")
    expect(people.get_by_role("heading", level=1)).to_have_text("Groups")
    dialog = open_palette(people)
    expect(dialog.get_by_role("option", name="Save view")).to_have_count(0)
    dialog.get_by_role("combobox").fill("nothing of this kind")
    expect(dialog.get_by_role("status")).to_have_text("No results")
    people.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_the_palette_opens_what_is_on_the_page(people: Page) -> None:
    people.goto("/users?status=active&view=all")
    dialog = open_palette(people)
    dialog.get_by_role("combobox").fill("save")
    people.keyboard.press("Enter")
    expect(people.get_by_label("View name")).to_be_focused()


def test_the_palette_is_turned_off_with_the_other_keys(people: Page) -> None:
    people.keyboard.press("?")
    expect(people.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Find people, pages and actions")
    people.get_by_label("Use keyboard shortcuts in this browser").uncheck()
    people.keyboard.press("Escape")
    people.keyboard.press("Control+k")
    expect(people.get_by_role("dialog")).to_have_count(0)
