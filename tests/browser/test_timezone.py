"""A first visit proposes the time zone of the browser."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from tests.browser.conftest import Visit
from tests.browser.site import PASSWORD, Site

TEXT = "Times are shown in UTC"


def test_the_time_zone_of_the_browser_is_proposed_once(profile: Visit, site: Site) -> None:
    person = site.create_person("Time Traveller", password=PASSWORD)
    cookies = site.signed_in_as(person.email)
    page = profile(base_url=site.address, storage_state=cookies, timezone_id="Europe/Berlin")
    held: list[Route] = []
    page.route("**/behaviours/timezone*", lambda route: held.append(route))  # noqa: PLW0108  Playwright needs a function
    page.goto("/account", wait_until="commit")
    while not held:
        page.wait_for_timeout(20)
    heading = page.get_by_role("heading", level=1)
    before = heading.bounding_box()
    held[0].continue_()
    expect(page.get_by_text(TEXT)).to_be_visible()
    assert heading.bounding_box() == before, "the page moved when the script arrived"
    page.get_by_role("button", name="Use Europe/Berlin").click()
    expect(page.get_by_text(TEXT)).to_have_count(0)
    page.goto("/account")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")


def test_nothing_is_proposed_to_a_browser_in_utc(profile: Visit, site: Site) -> None:
    person = site.create_person("In Utc", password=PASSWORD)
    page = profile(base_url=site.address, storage_state=site.signed_in_as(person.email), timezone_id="UTC")
    page.goto("/", wait_until="networkidle")
    expect(page.get_by_text(TEXT)).to_be_hidden()


def test_utc_can_be_kept(profile: Visit, site: Site) -> None:
    person = site.create_person("Keeps Utc", password=PASSWORD)
    cookies = site.signed_in_as(person.email)
    page = profile(base_url=site.address, storage_state=cookies, timezone_id="Asia/Tokyo")
    page.goto("/account")
    page.get_by_role("button", name="Keep UTC").click()
    expect(page.get_by_text(TEXT)).to_have_count(0)
