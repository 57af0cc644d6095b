"""The sections `organisation`, `mail` and `schedules`."""

from __future__ import annotations

from functools import partial

from webapp.config_files.file_format import ConfigFile, MailPart, OrganisationPart, Part, Section
from webapp.config_files.plan import Outcome, Plan
from webapp.core.permissions import Actor
from webapp.jobs.schedules import list_schedules, pause, resume
from webapp.mail.queries import get_organisation
from webapp.mail_settings.services import mail_settings_texts, update_mail_settings


def export_organisation() -> dict[str, str]:
    return _texts(OrganisationPart)


def export_mail() -> dict[str, str]:
    return _texts(MailPart)


def export_schedules() -> dict[str, dict[str, bool]]:
    return dict(sorted((each.name, {"paused": bool(each.paused_at)}) for each in list_schedules()))


def apply_organisation(file: ConfigFile, plan: Plan, by: Actor) -> None:
    _apply_texts(Section.ORGANISATION, file.organisation, plan, by)


def apply_mail(file: ConfigFile, plan: Plan, by: Actor) -> None:
    _apply_texts(Section.MAIL, file.mail, plan, by)


def apply_schedules(file: ConfigFile, plan: Plan, by: Actor) -> None:
    paused = export_schedules()
    for name, item in (file.schedules or {}).items():
        if name in paused and paused[name]["paused"] == item.paused:
            plan.keep(Section.SCHEDULES, name)
            continue
        change = partial(pause if item.paused else resume, name, by=by)
        plan.run(Section.SCHEDULES, name, Outcome.CHANGE, (Section.SCHEDULES, name), change)


def _apply_texts(section: Section, part: Part | None, plan: Plan, by: Actor) -> None:
    if part is None or not part.given:
        return
    current = mail_settings_texts(get_organisation())
    changed = {name: value for name, value in part.given.items() if value != current[name]}
    if changed:
        plan.run(section, "", Outcome.CHANGE, (section,), partial(update_mail_settings, by=by, **changed))
    else:
        plan.keep(section, "")


def _texts(part: type[Part]) -> dict[str, str]:
    texts = mail_settings_texts(get_organisation())
    return {name: texts[name] for name in part.model_fields}
