"""Photos in JSON."""

from __future__ import annotations

import base64

from pydantic import ConfigDict, Field

from webapp.core.schemas import Base64Text, Schema, UtcTime
from webapp.photos.images import UPLOAD_BYTES_MAX, UPLOAD_MB
from webapp.photos.models import Photo

# A grey square.
_PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAAAAACPAi4CAAAAP0lEQVR42mM8wUAZYGIYNWDUgFEDhokB"
    "LOgCHQQ0VIwG4qgBowaMGjBqwKgBowYMdwMYR/sLowaMGjBqABQAACNgAxFb7VK/AAAAAElFTkSuQmCC"
)


class PhotoIn(Schema):
    """A picture of a person."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"content": _PICTURE}]})

    content: Base64Text = Field(
        min_length=1,
        max_length=-(-UPLOAD_BYTES_MAX // 3) * 4,
        description=f"A JPEG, PNG or WebP picture of at most {UPLOAD_MB} MB in Base64.",
    )

    @property
    def picture(self) -> bytes:
        return base64.b64decode(self.content)


class PhotoOut(Schema):
    """The photo of a user. GET returns the image itself."""

    digest: str = Field(description="The ETag of the image.")
    created_at: UtcTime

    @classmethod
    def of(cls, photo: Photo) -> PhotoOut:
        return cls(digest=photo.digest, created_at=photo.created_at)
