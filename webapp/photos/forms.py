"""The form of a photo."""

from __future__ import annotations

from typing import cast

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage

from webapp.core.texts import _
from webapp.web.forms import Form


class PhotoForm(Form):
    # The service checks the picture.
    photo = FileField(_("Picture"), render_kw={"accept": "image/jpeg,image/png,image/webp"})

    @property
    def content(self) -> bytes:
        upload = cast(FileStorage | None, self.photo.data)
        return upload.read() if upload else b""
