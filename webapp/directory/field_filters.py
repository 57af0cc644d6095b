"""Builds the filters for terms like `field:value` in a search."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import false

from webapp.access.models import Group, Role
from webapp.access.queries import find_by_name
from webapp.attributes.models import FIELD_PREFIX
from webapp.attributes.sorting_and_filtering import value_condition
from webapp.attributes.values import FindPerson
from webapp.core.clock import now
from webapp.core.errors import Invalid
from webapp.core.formats import to_viewer_timezone, viewer_timezone
from webapp.core.moments import day_after, start_of_day
from webapp.core.text import caseless_key, fold_text
from webapp.core.texts import _
from webapp.directory.filters import (
    Filter,
    SecondFactor,
    between,
    contains,
    has_former_name,
    has_role,
    has_second_factor,
    in_groups,
    is_invited,
    negated,
    never_signed_in,
    signed_in_between,
)
from webapp.directory.query_language import Term
from webapp.directory.viewer import Viewer
from webapp.invitations.queries import InvitationFilter
from webapp.users.models import Status, User
from webapp.users.queries import get_user_by_identifier, parse_uuid

NEVER_WORDS = {"never", "никогда"}
_DAY_WORDS = {"today": 0, "сегодня": 0, "yesterday": 1, "вчера": 1}
_STATUSES = {
    "active": Status.ACTIVE,
    "активен": Status.ACTIVE,
    "активные": Status.ACTIVE,
    # Texts of pages call it “No password yet”. Addresses and the API keep `invited`.
    "invited": Status.INVITED,
    "no password": Status.INVITED,
    "no password yet": Status.INVITED,
    "без пароля": Status.INVITED,
    "приглашен": Status.INVITED,
    "приглашенные": Status.INVITED,
    "deactivated": Status.DEACTIVATED,
    "деактивирован": Status.DEACTIVATED,
    "отключен": Status.DEACTIVATED,
    "отключенные": Status.DEACTIVATED,
    "deleted": Status.DELETED,
    "bin": Status.DELETED,
    "удален": Status.DELETED,
    "удаленные": Status.DELETED,
    "корзина": Status.DELETED,
}
_INVITATIONS = {state.value: state for state in InvitationFilter} | {
    "ждет": InvitationFilter.QUEUED,
    "отправлено": InvitationFilter.SENT,
    "не доставлено": InvitationFilter.FAILED,
    "истекает": InvitationFilter.EXPIRING,
    "истекло": InvitationFilter.EXPIRED,
    "принято": InvitationFilter.ACCEPTED,
    "отозвано": InvitationFilter.REVOKED,
}
_SECOND_FACTORS = {state.value: state for state in SecondFactor} | {
    "есть": SecondFactor.YES,
    "нет": SecondFactor.NO,
    "нужен": SecondFactor.MISSING,
}
_PERIOD = re.compile(
    r"(?P<sign><=|>=|<|>)?(?P<day>\d{4}-\d\d-\d\d)|(?P<first>\d{4}-\d\d-\d\d)?\.\.(?P<last>\d{4}-\d\d-\d\d)?"
)


def parse_status(term: Term, problems: list[str]) -> Status | None:
    """Return the status of a term `status:…`. If there is no such status, add a problem and return None."""
    status = _STATUSES.get(fold_text(term.text))
    if status is None:
        problems.append(_("There is no status “%(status)s”", status=term.text))
    return status


def build_filter(term: Term, viewer: Viewer, problems: list[str]) -> Filter | None:
    """Return the filter for a term with a field. If its value is invalid, add a problem and return None."""
    built = _BUILDERS.get(term.field, _by_attribute)(_Field(term, viewer, problems))
    return negated(built) if built and term.negated else built


def no_role(name: str) -> str:
    return _("There is no role “%(name)s”", name=name)


def no_group(name: str) -> str:
    return _("There is no group “%(name)s”", name=name)


def find_visible_person(viewer: Viewer) -> FindPerson:
    """Return a function that finds people within the viewer's reach and raises NotFound for all others."""
    return lambda name: get_user_by_identifier(name, reach=viewer.reach).id


def start_of_viewer_day(day: date) -> datetime:
    """Return the start of the day in the viewer's time zone, in UTC."""
    return start_of_day(day, viewer_timezone())


@dataclass(frozen=True)
class _Field:
    term: Term
    viewer: Viewer
    problems: list[str]

    @property
    def text(self) -> str:
        return self.term.text


def _by_status(field: _Field) -> Filter | None:
    status = parse_status(field.term, field.problems)
    return Filter(User.status == status) if status else None


def _by_invitation(field: _Field) -> Filter | None:
    state = _INVITATIONS.get(fold_text(field.text))
    if state is None:
        states = ", ".join(InvitationFilter)
        field.problems.append(
            _("An invitation is never “%(state)s”. Use one of: %(states)s", state=field.text, states=states)
        )
        return None
    return is_invited(state)


def _by_second_factor(field: _Field) -> Filter | None:
    state = _SECOND_FACTORS.get(fold_text(field.text))
    if state is None:
        field.problems.append(_("A second factor is one of: %(states)s", states=", ".join(SecondFactor)))
        return None
    return has_second_factor(state)


def _by_attribute(field: _Field) -> Filter | None:
    attribute = field.viewer.attributes[field.term.field.removeprefix(FIELD_PREFIX)]
    try:
        return Filter(value_condition(attribute, field.text, find_person=find_visible_person(field.viewer)))
    except Invalid as error:
        field.problems.append(str(error))
        return None


def _by_name_of(
    model: type[Role | Group], missing: Callable[[str], str], build: Callable[[UUID], Filter]
) -> Callable[[_Field], Filter | None]:
    def by_name(field: _Field) -> Filter | None:
        row: Any = find_by_name(model, caseless_key(field.text), reach=field.viewer.reach)
        if row is None:
            field.problems.append(missing(field.text))
            return None
        return build(row.id)

    return by_name


def _by_text(build: Callable[[str], Filter | None]) -> Callable[[_Field], Filter]:
    def by_text(field: _Field) -> Filter:
        built = build(field.text)
        if built is None:
            words = field.text
            field.problems.append(_("“%(words)s” is too short: give three letters or digits in a row.", words=words))
        return built or Filter(false())

    return by_text


def _by_id(field: _Field) -> Filter | None:
    user_id = parse_uuid(field.text)
    if user_id is None:
        field.problems.append(_("“%(words)s” is not an ID", words=field.text))
        return None
    return Filter(User.id == user_id)


def _by_time(field: _Field) -> Filter | None:
    is_sign_in = field.term.field == "last_sign_in"
    if is_sign_in and caseless_key(field.text) in NEVER_WORDS:
        return never_signed_in()
    try:
        since, until = _parse_period(field.text)
    except ValueError:
        field.problems.append(
            _(
                "“%(words)s” is not a date. Use 2026-03-01, <2026-03-01, >2026-03-01 or 2026-03-01..2026-03-31.",
                words=field.text,
            )
        )
        return None
    return signed_in_between(since, until) if is_sign_in else between(User.created_at, since, until)


def _parse_period(text: str) -> tuple[datetime | None, datetime | None]:
    """Return start and end of a date, a comparison (<2026-03-01) or a range of dates. Raise ValueError."""
    days_ago = _DAY_WORDS.get(caseless_key(text))
    if days_ago is not None:
        text = str(to_viewer_timezone(now() - timedelta(days=days_ago)).date())
    match = _PERIOD.fullmatch(text)
    if match is None or text == "..":
        raise ValueError(text)
    if match["day"]:
        day = date.fromisoformat(match["day"])
        start, end = start_of_viewer_day(day), start_of_viewer_day(day_after(day))
        return {"<": (None, start), "<=": (None, end), ">": (end, None), ">=": (start, None), None: (start, end)}[
            match["sign"]
        ]
    first, last = (text and date.fromisoformat(text) for text in (match["first"], match["last"]))
    return (start_of_viewer_day(first) if first else None), (start_of_viewer_day(day_after(last)) if last else None)


_BUILDERS: dict[str, Callable[[_Field], Filter | None]] = {
    "id": _by_id,
    "name": _by_text(lambda text: contains(User.name_key, text)),
    "email": _by_text(lambda text: contains(User.email_key, text)),
    "username": _by_text(lambda text: contains(User.username_sort, text)),
    "former": _by_text(has_former_name),
    "status": _by_status,
    "invitation": _by_invitation,
    "second_factor": _by_second_factor,
    "role": _by_name_of(Role, no_role, has_role),
    "group": _by_name_of(Group, no_group, lambda group_id: in_groups([group_id])),
    "last_sign_in": _by_time,
    "created": _by_time,
}
