"""A feed imports in the name of its owner, with their permissions at that moment."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Api, Browser
from tests.factories import TESTER, People
from tests.feeds.conftest import HEAD, VERA, Feeds
from tests.mailbox import Mailbox, text_of
from webapp.access.models import OWNER
from webapp.access.services import end_grant
from webapp.api_tokens.services import create_token, revoke_token
from webapp.core.permissions import Permission
from webapp.feeds.models import RunOutcome
from webapp.users.queries import get_user
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user
from webapp.web.api import App

pytestmark = [pytest.mark.one_engine, pytest.mark.usefixtures("two")]


@pytest.fixture
def second(app: App, people: People) -> UserOut:
    """Another owner of Rollcall."""
    return people.create(email="second@example.com", name="Second", password=people.password, roles=[OWNER])


def feed_of(feeds: Feeds, app: App, people: People, user: UserOut) -> UUID:
    feed_id = feeds.create(mode="create")
    assert Api(app, people.token_for(user)).patch(f"/feeds/{feed_id}", {"name": "Theirs"}).status_code == 200
    feeds.put(HEAD + VERA)
    return feed_id


def test_a_deactivated_owner_stops_the_feed(
    app: App, feeds: Feeds, people: People, second: UserOut, mailbox: Mailbox
) -> None:
    feed_id = feed_of(feeds, app, people, second)
    with app.app_context():
        deactivate_user(second.id, by=TESTER)
    run = feeds.run(feed_id)
    assert run.outcome == RunOutcome.FAILED
    feed = feeds.get(feed_id)
    assert (feed.paused_at is not None, feed.next_run_at) == (True, None)
    assert "can no longer sign in" in feed.pause_reason
    assert people.row(email="vera@example.com") is None
    # The others hear of it, because the owner cannot.
    assert "can no longer sign in" in text_of(mailbox.letters("olga@example.com")[-1])
    assert mailbox.letters("second@example.com") == []
    assert "can no longer sign in" in feeds.owner.get(f"/imports/feeds/{feed_id}").text


def test_an_owner_without_the_permission_stops_the_feed(app: App, feeds: Feeds, people: People, access: Access) -> None:
    importer = access.person("Importer")
    permissions = [Permission.IMPORTS_RUN, Permission.USERS_READ, Permission.USERS_CREATE]
    grant = access.grant(access.role("Importers", *permissions), user_id=importer.id)
    feed_id = feed_of(feeds, app, people, importer)
    with app.app_context():
        end_grant(grant, by=TESTER)
    run = feeds.run(feed_id)
    assert (run.outcome, "may no longer import" in run.message) == (RunOutcome.FAILED, True)
    assert people.row(email="vera@example.com") is None


def test_a_feed_can_do_only_what_its_owner_can(app: App, feeds: Feeds, people: People, access: Access) -> None:
    importer = access.person("Importer")
    access.grant(access.role("Importers", "imports.run", "users.read"), user_id=importer.id)
    feed_id = feed_of(feeds, app, people, importer)
    run = feeds.run(feed_id)
    assert run.counts == {"refused": 1}
    assert people.row(email="vera@example.com") is None


def test_a_feed_of_a_limited_token_has_its_limits_and_ends_with_it(app: App, feeds: Feeds, people: People) -> None:
    with app.app_context():
        token = create_token(get_user(people.owner().id), name="CI", scopes=["imports.run", "users.read"], by=TESTER)
    feed_id = feeds.create(mode="create")
    assert Api(app, token.secret).patch(f"/feeds/{feed_id}", {"name": "Limited"}).status_code == 200
    feeds.put(HEAD + VERA)
    assert feeds.run(feed_id).counts == {"refused": 1}
    with app.app_context():
        revoke_token(token.row.id, by=TESTER)
    assert "was revoked" in feeds.run(feed_id).message
    assert people.row(email="vera@example.com") is None


def test_people_with_the_permission_within_a_group_only_see_no_feeds(
    app: App, feeds: Feeds, people: People, access: Access
) -> None:
    feed_id = feeds.create()
    leader, group = access.person("Leader"), access.group("North")
    access.grant(access.role("Importers", "imports.run", "users.read"), user_id=leader.id, scope_id=group)
    browser = access.browser_of(leader)
    before = people.row_counts()
    for path in ("", "/new", f"/{feed_id}", f"/{feed_id}/edit"):
        assert browser.get(f"/imports/feeds{path}").status_code == 403
    for path in (f"/{feed_id}", f"/{feed_id}/run", f"/{feed_id}/pause", f"/{feed_id}/deletion"):
        assert browser.post(f"/imports/feeds{path}").status_code == 403
    after = people.row_counts()
    assert {name: after[name] for name in after if name != "sessions"} == {
        name: before[name] for name in before if name != "sessions"
    }


def test_nobody_else_changes_what_is_imported_in_the_name_of_the_owner(feeds: Feeds, people: People) -> None:
    """Somebody saves other columns under the name of the saved import: the feed keeps its copy."""
    feed_id = feeds.create(mode="create")
    feeds.save_mapping("email,name\nx@example.com,X\n", **{"column-1-target": "username"})
    feeds.put(HEAD + VERA)
    assert "was changed. This feed still uses its copy" in feeds.owner.get(f"/imports/feeds/{feed_id}").text
    feeds.run(feed_id)
    row = people.row(email="vera@example.com")
    assert row
    assert row["name"] == "Vera"


def test_erasing_the_owner_stops_the_feed(app: App, feeds: Feeds, people: People, second: UserOut) -> None:
    feed_id = feed_of(feeds, app, people, second)
    people.delete(second.id)
    browser: Browser = feeds.owner
    assert browser.post(f"/users/{second.id}/erasure", email=second.email).status_code == 303
    assert feeds.get(feed_id).requested_by_id is None
    assert feeds.run(feed_id).outcome == RunOutcome.FAILED
