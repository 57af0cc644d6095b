"""The organisation and its e-mails in the JSON API."""

from __future__ import annotations

from dataclasses import replace

from flask import Response
from flask_login import current_user

from webapp.core.errors import Invalid, NotFound
from webapp.core.permissions import Permission
from webapp.core.texts import _, language
from webapp.mail.messages import Recipient
from webapp.mail.queries import get_organisation
from webapp.mail_settings.logos import logo_type
from webapp.mail_settings.schemas import LogoIn, SettingsOut, SettingsPatch
from webapp.mail_settings.services import send_test_mail, update_mail_settings
from webapp.web.api import api_blueprint, if_match, json_with_etag
from webapp.web.guards import actor, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses

settings_api = api_blueprint("settings_api", __name__, tag="Settings")
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_IMAGE = {"content": {"image/png": _BINARY, "image/jpeg": _BINARY}}


@settings_api.get(
    "/settings",
    summary="Show the settings",
    description="The organisation, and what it adds to its e-mails. Other settings come from the environment.",
    responses={200: SettingsOut},
)
@requires(Permission.SETTINGS_MANAGE, everywhere=True)
def show() -> Response:
    return json_with_etag(_shown())


@settings_api.patch(
    "/settings",
    summary="Change the settings",
    description="A JSON merge patch (RFC 7396).",
    responses=problem_responses(412) | {200: SettingsOut},
)
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def update(body: SettingsPatch) -> Response:
    with if_match(_shown) as version:
        update_mail_settings(version=version, **body.changes, by=actor())
    return json_with_etag(_shown())


@settings_api.get(
    "/settings/logo",
    summary="Show the logo of e-mails",
    description="404 without a logo.",
    responses=problem_responses(404) | {200: _IMAGE},
)
@requires(Permission.SETTINGS_MANAGE, everywhere=True)
def logo() -> Response:
    image = get_organisation().logo
    if not image:
        raise NotFound(_("There is no logo"))
    return Response(image, content_type=logo_type(image))


@settings_api.put(
    "/settings/logo", summary="Set the logo of e-mails", description="Idempotent.", responses={200: SettingsOut}
)
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def set_logo(body: LogoIn) -> Response:
    try:
        update_mail_settings(logo=body.image, by=actor())
    except Invalid as error:
        error.problems = [replace(problem, field="content") for problem in error.problems]
        raise
    return json_with_etag(_shown())


@settings_api.delete(
    "/settings/logo", summary="Remove the logo of e-mails", description="Idempotent.", responses={204: None}
)
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def remove_logo() -> Response:
    update_mail_settings(logo=b"", by=actor())
    return Response(status=204)


@settings_api.post(
    "/settings/test-mail",
    summary="Send a test e-mail",
    description="The owner of the token gets the sample e-mail with the saved texts.",
    responses={204: None},
)
@requires(Permission.SETTINGS_MANAGE, everywhere=True)
def send_test() -> Response:
    user = current_user.user
    recipient = Recipient(user.email, user.name, user.locale or language(), user.timezone)

    def work() -> Response:
        send_test_mail(recipient, by=actor())
        return Response(status=204)

    return idempotent(work)


def _shown() -> SettingsOut:
    return SettingsOut.of(get_organisation())
