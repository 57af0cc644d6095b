"""Pictures of every kind, good and bad."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image, ImageDraw


def picture(kind: str = "JPEG", size: tuple[int, int] = (400, 300), mode: str = "RGB", **options: Any) -> bytes:
    """Return a picture whose left half is dark and whose right half is light."""
    image = Image.new(mode, size, _grey(mode, 30))
    image.paste(_grey(mode, 220), (size[0] // 2, 0, *size))
    return saved(image, kind, **options)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def portrait() -> bytes:
    """Return a picture of a head and shoulders."""
    image = Image.new("RGB", (600, 700), (172, 196, 214))
    draw = ImageDraw.Draw(image)
    draw.ellipse((60, 470, 540, 1000), fill=(58, 84, 120))
    draw.ellipse((180, 150, 420, 470), fill=(226, 186, 158))
    draw.pieslice((170, 130, 430, 420), 180, 360, fill=(74, 52, 40))
    return saved(image, "JPEG")


def with_place(orientation: int = 1) -> bytes:
    """Return a JPEG whose EXIF data has an orientation, a place and a camera."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Model] = "SecretCamera"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (55.0, 45.0, 7.0)
    return picture(exif=exif.tobytes())


def huge_png(width: int = 10_000, height: int = 10_000) -> bytes:
    """Return a PNG with a few bytes of data that says it is this large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def scanned_often(scans: int) -> bytes:
    """Return a progressive JPEG that repeats its last scan until it has this many scans."""
    content = picture(progressive=True)
    start = content.rindex(b"\xff\xda")
    return content[:start] + content[start:-2] * (scans - content[:start].count(b"\xff\xda")) + content[-2:]


def animated_gif() -> bytes:
    first, *others = (Image.new("P", (100, 100), colour) for colour in range(3))
    return saved(first, "GIF", save_all=True, append_images=others)


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def _grey(mode: str, level: int) -> Any:
    if mode == "CMYK":
        return (0, 0, 0, 255 - level)
    if mode == "I;16":
        return level * 257
    return {"RGB": (level,) * 3, "RGBA": (*(level,) * 3, 255), "LA": (level, 255)}.get(mode, level)
