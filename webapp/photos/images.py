"""Turns an uploaded picture into a small square WebP image without metadata."""

from __future__ import annotations

import re
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from webapp.core.errors import Busy, Invalid
from webapp.core.texts import _

if TYPE_CHECKING:
    from PIL.Image import Image

FIELD = "photo"
UPLOAD_MB = 8
UPLOAD_BYTES_MAX = UPLOAD_MB * 1024 * 1024
SIDE_MIN = 64
# Decoding takes up to 8 bytes a pixel, and 16 for WebP, whose decoder keeps copies. So both take at most 310 MB.
MEGAPIXELS_MAX = 40
WEBP_MEGAPIXELS_MAX = 18
# A progressive JPEG has about ten scans. Each takes time for all pixels, even if it is empty and has few bytes.
SCANS_MAX = 50
PHOTO_SIDE = 256
PHOTO_BYTES_MAX = 20 * 1024
PHOTO_TYPE = "image/webp"
# Each decoder is code that reads untrusted bytes, so there are few of them.
_FORMATS = ("JPEG", "PNG", "WEBP")
_JPEG_START = b"\xff\xd8"
# The marker of a segment, and the length of the segment. Not 0xFF as filling or data, and no markers without a length.
_SEGMENT = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])(.{0,2})", re.DOTALL)
_START_OF_SCAN, _END_OF_IMAGE = b"\xda", b"\xd9"
# The first that gives at most PHOTO_BYTES_MAX is used. Noise needs the last.
_QUALITIES = (82, 70, 55, 40, 20, 1)
_EXIF_ERRORS = (OSError, ArithmeticError, LookupError, SyntaxError, TypeError, ValueError, struct.error)
# One picture at a time is decoded in a process, which bounds the memory.
_decoding = threading.Lock()
_WAIT_SECONDS = 5


def encode_photo(content: bytes) -> bytes:
    """Return the middle square of a JPEG, PNG or WebP picture as WebP of at most PHOTO_BYTES_MAX bytes.

    The orientation of its EXIF data is applied. No metadata is kept. Of an animation, the first picture is used. Raise
    Invalid, or Busy if other pictures take too long.
    """
    if not content:
        raise Invalid(_("Choose a picture"), field=FIELD, code="required")
    if len(content) > UPLOAD_BYTES_MAX:
        raise too_large()
    with _one_at_a_time():
        return _encoded(_square(_decoded(content)))


def too_large() -> Invalid:
    return Invalid(_("The picture must not be larger than %(max)s MB", max=UPLOAD_MB), field=FIELD, code="too_large")


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    if not _decoding.acquire(timeout=_WAIT_SECONDS):
        raise Busy(_("Other pictures are being saved. Try again in a moment."))
    try:
        yield
    finally:
        _decoding.release()


def _decoded(content: bytes) -> Image:
    """Return the picture upright. Its size is checked before it is decoded."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  needed only here

    try:
        image = Image.open(BytesIO(content), formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels(MEGAPIXELS_MAX) from None
    except UnidentifiedImageError:
        raise Invalid(_("Choose a JPEG, PNG or WebP picture"), field=FIELD, code="unknown_format") from None
    except Exception as error:
        raise _damaged() from error
    _check_size(image)
    if content.startswith(_JPEG_START) and _has_too_many_scans(content):
        raise _damaged()
    try:
        # JPEG only: decode at a fraction of its size.
        image.draft(None, (2 * PHOTO_SIDE, 2 * PHOTO_SIDE))
        image.load()
    except Exception as error:
        raise _damaged() from error
    return _upright(image)


def _check_size(image: Image) -> None:
    megapixels_max = WEBP_MEGAPIXELS_MAX if image.format == "WEBP" else MEGAPIXELS_MAX
    if image.width * image.height > megapixels_max * 1_000_000:
        raise _too_many_pixels(megapixels_max)
    if min(image.size) < SIDE_MIN:
        message = _("The picture must have at least %(min)s × %(min)s pixels", min=SIDE_MIN)
        raise Invalid(message, field=FIELD, code="too_small")


def _too_many_pixels(megapixels_max: int) -> Invalid:
    message = _("The picture must not have more than %(max)s megapixels", max=megapixels_max)
    return Invalid(message, field=FIELD, code="too_many_pixels")


def _has_too_many_scans(content: bytes) -> bool:
    """Walk through the segments of a JPEG (ITU-T T.81, annex B). Malformed ones are left to the decoder."""
    position = scans = 0
    while (found := _SEGMENT.search(content, position)) and found[1] != _END_OF_IMAGE:
        scans += found[1] == _START_OF_SCAN
        position = found.end(1) + int.from_bytes(found[2])
    return scans > SCANS_MAX


def _damaged() -> Invalid:
    return Invalid(_("This picture is damaged. Choose another one."), field=FIELD, code="damaged")


def _upright(image: Image) -> Image:
    from PIL import ImageOps  # noqa: PLC0415  needed only here

    try:
        return ImageOps.exif_transpose(image)
    except _EXIF_ERRORS:
        # The EXIF data is damaged, the picture is not.
        return image


def _square(image: Image) -> Image:
    """Return the middle of the picture on white, without anything else from its file."""
    from PIL import Image as images  # noqa: PLC0415, N813  needed only here; the class has the same name

    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    size = (min(side, PHOTO_SIDE),) * 2
    box = (left, top, left + side, top + side)
    scaled = _with_channels(image).resize(size, images.Resampling.LANCZOS, box=box, reducing_gap=3.0)
    result = images.new("RGB", size, "white")
    result.paste(scaled.convert("RGB"), mask=scaled.getchannel("A") if "A" in scaled.getbands() else None)
    return result


def _with_channels(image: Image) -> Image:
    """Return the picture in a mode that can be scaled: without a palette, CMYK or 16 bits."""
    if image.mode.startswith("I"):
        return image.point(lambda value: value / 256).convert("L")
    if image.mode in {"RGB", "RGBA", "L", "LA"}:
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _encoded(image: Image) -> bytes:
    for quality in _QUALITIES:
        buffer = BytesIO()
        image.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= PHOTO_BYTES_MAX:
            break
    return buffer.getvalue()
