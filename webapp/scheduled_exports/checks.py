"""Checks of the fields of a scheduled export."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, TypedDict, cast

from webapp.attributes.models import FIELD_PREFIX
from webapp.bulk.export_columns import HEADINGS, Headings
from webapp.bulk.export_formats import FileFormat
from webapp.core.context import current_settings
from webapp.core.errors import Invalid
from webapp.core.texts import LOCALES, _
from webapp.directory.views.addresses import validate_address
from webapp.recurring.checks import checked_values, one_of
from webapp.scheduled_exports.models import COLUMNS_MAX, KEEP_MAX, Target

# Files without it could not be matched with people, and an entry of LDIF needs a name.
NEEDED = ("email",)
NEEDED_IN_LDIF = ("email", "name")


class ExportValues(TypedDict, total=False):
    """The fields of a scheduled export as people enter them. `columns`: None or empty means all.

    `address`: the parameters of the list of users, as a view has them.
    """

    name: str
    address: str
    columns: list[str] | None
    format: str
    headings: str
    locale: str
    target: str
    keep: int
    time_of_day: str
    timezone: str
    weekday: int | None


def check_values(values: ExportValues) -> ExportValues:
    """Return the given values, each checked alone. Raise Invalid with all problems."""
    checks: dict[str, Any] = {
        "address": validate_address,
        "columns": _checked_columns,
        "format": partial(one_of, set(FileFormat), "format"),
        "headings": partial(one_of, set(Headings), "headings"),
        "locale": partial(one_of, set(LOCALES), "locale"),
        "target": checked_target,
        "keep": _checked_keep,
    }
    return cast(ExportValues, checked_values(values, checks))


def export_dir() -> Path:
    """Return EXPORT_DIR. Raise Invalid if it is not set."""
    folder = current_settings().export_dir
    if not folder:
        message = _("Rollcall writes to no folder, because its setting EXPORT_DIR is not set")
        raise Invalid(message, field="target", code="no_export_dir")
    return Path(folder)


def checked_target(text: str) -> str:
    one_of(set(Target), "target", text)
    if text == Target.FOLDER:
        export_dir()
    return text


def check_columns(columns: list[str] | None, format_: str) -> None:
    """Raise Invalid if a column is missing that each file of this format must have."""
    needed = NEEDED_IN_LDIF if format_ == FileFormat.LDIF else NEEDED
    missing = [str(HEADINGS[name]) for name in needed if columns is not None and name not in columns]
    if missing:
        message = _("The file must have the columns: %(names)s", names=", ".join(missing))
        raise Invalid(message, field="columns", code="missing")


def _checked_columns(names: list[str] | None) -> list[str] | None:
    chosen = list(dict.fromkeys(names or []))
    if len(chosen) > COLUMNS_MAX or any(name not in HEADINGS and not name.startswith(FIELD_PREFIX) for name in chosen):
        raise Invalid(_("Choose columns from the list"), field="columns", code="unknown")
    return chosen or None


def _checked_keep(number: int) -> int:
    if not 1 <= number <= KEEP_MAX:
        raise Invalid(_("Enter a number from 1 to %(max)s", max=KEEP_MAX), field="keep", code="range")
    return number
