"""The addresses that benchmarks request: lists, filters, searches, a person, the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from sqlalchemy import func, select, text

from bench.instances import Instance
from webapp.audit.queries import NEWEST_FIRST, list_records
from webapp.core.clock import now
from webapp.db.session import db
from webapp.demo.crowd import PERIOD
from webapp.directory.listing import list_users
from webapp.directory.queries import LISTED, SORTS
from webapp.directory.schemas import UserListQuery
from webapp.directory.viewer import Viewer
from webapp.lists.order import Order
from webapp.lists.page import Window, paginate
from webapp.users.models import User

TARGET = 1.5


@dataclass(frozen=True)
class Page:
    """One address. `target`: whether its ratio to the floor should be at most TARGET."""

    name: str
    path: str
    target: bool = True


def lists(instance: Instance) -> list[Page]:
    """Return the first page and the middle page of the list in each sort order."""
    pages = []
    for sort in (*SORTS, "-created", "-last_sign_in"):
        pages.append(Page(f"list by {sort}", _list(sort=sort)))
        pages.append(Page(f"list by {sort}, middle", _list(sort=sort, after=_middle(instance, sort))))
    return pages


def filters(instance: Instance) -> list[Page]:
    queries = [
        {"status": "active"},
        {"status": "deactivated"},
        {"status": "deactivated", "sort": "-created"},
        # People who have never signed in are at the end of this order.
        {"status": "invited", "sort": "-last_sign_in"},
    ]
    return [Page("list, " + ", by ".join(parameters.values()), _list(**parameters)) for parameters in queries]


def directory(instance: Instance) -> list[Page]:
    """Return pages of the list in each sort order, with filters, searches and both, and the page of a person."""
    last_pages = [Page(f"list by {sort}, last", _list(sort=sort, before=_end(instance, sort))) for sort in SORTS]
    queries = {
        "created this week": {"created_from": _day(instance, 7)},
        "created this year": {"created_from": _day(instance, 365), "sort": "name"},
        "not seen for a year": {"last_sign_in_before": _day(instance, 365)},
        "never signed in, by -created": {"never_signed_in": "1", "sort": "-created"},
        "helpdesk": {"role": "helpdesk"},
        "common, deactivated": {"q": "anna", "status": "deactivated"},
        "common, by -created": {"q": "anna", "sort": "-created"},
        "common, by -last_sign_in, active": {"q": "anna", "sort": "-last_sign_in", "status": "active"},
        "Cyrillic, by e-mail": {"q": "смирнов", "sort": "email"},
        "rare family, by -created": {"q": "фекла", "sort": "-created"},
    }
    more = [Page(name, _list(**parameters)) for name, parameters in queries.items()]
    pages = [*lists(instance), *last_pages, *filters(instance), *searches(instance), *more, person(instance)]
    return [*pages, *parts(), Page("groups", "/groups")]


def parts() -> list[Page]:
    """Return the addresses that scripts load: the palette, the people picker, the counts by status."""
    found = [
        Page(f"{part}, {kind}", f"{path}?{urlencode({'q': word})}", target=False)
        for part, path in (("palette", "/palette"), ("picker", "/users/choices"))
        for kind, word in (("common", "anna"), ("rare", "фекла"), ("typing error", "smirnof"))
    ]
    return [*found, Page("status counts", "/users/status-counts", target=False)]


def remove_time_limit() -> None:
    """Remove the statement timeout of this transaction, because preparing a measurement can take long."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL statement_timeout = 0"))


def middle_id(instance: Instance) -> str:
    """Return the ID in the middle of all people, sorted by ID."""
    with instance.app.app_context():
        remove_time_limit()
        half = instance.users // 2
        return str(db.session.scalar(select(User.id).order_by(User.id).offset(half).limit(1)))


def _day(instance: Instance, days: int) -> str:
    """Return the date `days` before the newest person was created."""
    with instance.app.app_context():
        newest = db.session.scalar(select(func.max(User.created_at)))
        return str((newest - timedelta(days=days)).date()) if newest else ""


def _end(instance: Instance, sort: str) -> str:
    with instance.app.app_context():
        return list_users(UserListQuery(sort=sort), Viewer()).last or ""


def searches(instance: Instance) -> list[Page]:
    """Return searches: one match, many matches in both scripts, matches at the end, two letters, no match."""
    with instance.app.app_context():
        remove_time_limit()
        middle = select(User.username_key).where(User.username_key.is_not(None)).order_by(User.created_at)
        rare = db.session.scalar(middle.offset(instance.users // 2).limit(1)) or ""
    words = {
        "rare": rare,
        "common": "anna",
        "Cyrillic": "смирнов",
        "cross-script": "mikhail",
        "late in the order": "фекла",
        "two words": "anna berg",
        "two letters": "zq",
        "no hit": "qqqzzzxxx",
        "typing error": "smirnof",
    }
    return [Page(f"search, {kind}", _list(q=word), target=False) for kind, word in words.items()]


def person(instance: Instance) -> Page:
    with instance.app.app_context():
        remove_time_limit()
        user_id = db.session.scalar(select(User.id).order_by(User.created_at).offset(instance.users // 2).limit(1))
    return Page("person", f"/users/{user_id}")


def trail(instance: Instance) -> list[Page]:
    """Return the pages of the audit trail: first page, middle page, each filter that has an index."""
    with instance.app.app_context():
        earlier = list_records(until=now() - PERIOD / 2)
        after = paginate(earlier, NEWEST_FIRST, Window()).next or ""
        one = db.session.scalar(select(User.id).order_by(User.created_at).offset(instance.users // 2).limit(1))
    queries = {
        "audit": {},
        "audit, middle": {"after": after},
        "audit, one person": {"subject": str(one)},
        "audit, one actor": {"actor": instance.owner.email},
        "audit, one action": {"action": "user.deactivated"},
        "audit, one field": {"field": "theme"},
        "audit, one field and action": {"field": "name", "action": "user.created"},
        "audit, one month": {"since": "2024-05-01", "until": "2024-05-31"},
    }
    pages = [Page(name, "/audit" + (f"?{urlencode(query)}" if query else "")) for name, query in queries.items()]
    return [*pages, Page("activity of one person", f"/users/{one}/activity")]


def _list(**parameters: str) -> str:
    return "/users" + (f"?{urlencode(parameters)}" if parameters else "")


def _middle(instance: Instance, sort: str) -> str:
    """Return a cursor in the middle of the list."""
    order = Order.of(sort, SORTS, User.id)
    with instance.app.app_context():
        remove_time_limit()
        half = (db.session.scalar(select(func.count()).select_from(User)) or 0) // 2
        value = db.session.scalar(
            select(order.column).where(User.deleted_at.is_(None)).order_by(order.column).offset(half).limit(1)
        )
        rest = order.column <= value if order.descending else order.column >= value
        return paginate(LISTED.where(rest), order, Window()).next or ""
