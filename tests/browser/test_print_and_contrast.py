"""The list on paper, in forced colours, in narrow windows and with right-to-left names."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.site import Site


def test_the_printed_list_shows_people_filter_and_date_without_buttons(page: Page) -> None:
    page.goto("/users?q=turing&status=active")
    expect(page.get_by_text("Printed on")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.get_by_text("Printed on")).to_contain_text("Search: turing")
    expect(page.get_by_role("link", name="Active", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Alan Turing").first).to_be_visible()
    assert page.locator("button:visible, .button:visible, .segments a:visible:not([aria-current])").count() == 0


def test_forced_colours_show_the_current_item_and_statuses(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    page.goto("/users?status=active")
    for current in (page.locator(".side-links [aria-current]"), page.locator(".segments [aria-current]").first):
        assert current.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    colours = page.locator("td .status").first.evaluate(
        "e => [getComputedStyle(e, '::before'), getComputedStyle(document.body)].map(s => s.backgroundColor)"
    )
    assert colours[0] != colours[1]


def test_all_columns_are_shown_at_1440_pixels(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/users")
    expect(page.get_by_role("columnheader", name="Groups")).to_be_visible()


def test_a_right_to_left_name_is_cut_at_its_end(page: Page, site: Site) -> None:
    person = site.create_person("עומר בן־דוד " * 8)
    page.goto(f"/users?q={person.email}")
    name = page.locator(".person-name bdi")
    assert name.evaluate("e => [getComputedStyle(e).direction, e.scrollWidth > e.clientWidth]") == ["rtl", True]


def test_nothing_is_clipped_in_a_narrow_russian_list(owners_page: Visit) -> None:
    page = owners_page(locale="ru-RU", viewport={"width": 320, "height": 800})
    page.goto("/users")
    clipped = page.locator("td:is(.col-status, .col-seen):visible").evaluate_all(
        "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent)"
    )
    assert clipped == []
