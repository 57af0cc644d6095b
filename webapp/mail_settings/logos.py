"""Checks the logo of e-mails."""

from __future__ import annotations

from webapp.core.errors import Invalid
from webapp.core.texts import _

LOGO_BYTES_MAX = 100 * 1024
_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def logo_type(logo: bytes) -> str:
    """Return the media type of a PNG or JPEG image, which the first bytes tell. Raise Invalid for anything else."""
    if len(logo) > LOGO_BYTES_MAX:
        raise Invalid(
            _("The image must not be larger than %(max)s KB", max=LOGO_BYTES_MAX // 1024),
            field="logo",
            code="too_large",
        )
    for start, media_type in _TYPES.items():
        if logo.startswith(start):
            return media_type
    raise Invalid(_("Choose a PNG or JPEG image"), field="logo", code="unknown_format")
