"""Uploaded pictures become small squares without metadata, or are refused."""

from __future__ import annotations

import os

import pytest
from PIL import Image

from tests.photos.pictures import animated_gif, huge_png, opened, picture, saved, scanned_often, with_place
from webapp.core.errors import Invalid
from webapp.photos.images import PHOTO_BYTES_MAX, PHOTO_SIDE, SCANS_MAX, UPLOAD_BYTES_MAX, encode_photo

pytestmark = pytest.mark.one_engine
MODES = [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("PNG", "LA"), ("PNG", "I;16"),
         ("WEBP", "RGB"), ("WEBP", "RGBA")]  # fmt: skip
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
JPEG = picture()
DARK, LIGHT = 100, 190


def level(image: Image.Image, x: int, y: int) -> int:
    pixel = image.convert("L").getpixel((x, y))
    assert isinstance(pixel, int)
    return pixel


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), *MODES])
def test_pictures_of_every_mode_become_the_same_square(kind: str, mode: str) -> None:
    result = opened(encode_photo(picture(kind, mode=mode)))
    assert (result.format, result.mode, result.size) == ("WEBP", "RGB", (PHOTO_SIDE, PHOTO_SIDE))
    if mode not in {"P", "1"}:
        assert level(result, 20, 128) < DARK
        assert level(result, 236, 128) > LIGHT


def test_the_orientation_is_applied_and_no_metadata_stays() -> None:
    encoded = encode_photo(with_place(orientation=8))
    result = opened(encoded)
    # It was turned to the left: the light right half is at the top.
    assert level(result, 128, 236) < DARK
    assert level(result, 128, 20) > LIGHT
    assert not result.getexif()
    assert "exif" not in result.info
    assert b"SecretCamera" not in encoded


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_damaged_exif_data_does_not_matter() -> None:
    assert opened(encode_photo(picture(exif=b"Exif\x00\x00MM\x00*" + b"\xff" * 60))).size == (PHOTO_SIDE, PHOTO_SIDE)


def test_transparent_pictures_get_a_white_background() -> None:
    clear = saved(Image.new("RGBA", (100, 100), (0, 0, 0, 0)), "PNG")
    assert level(opened(encode_photo(clear)), 50, 50) > LIGHT


def test_small_pictures_are_not_enlarged() -> None:
    assert opened(encode_photo(picture(size=(80, 70)))).size == (70, 70)


def test_noise_fits_too() -> None:
    image = Image.frombytes("RGB", (512, 512), os.urandom(512 * 512 * 3))
    assert len(encode_photo(saved(image, "PNG"))) <= PHOTO_BYTES_MAX


def test_nothing_behind_the_picture_stays() -> None:
    assert encode_photo(JPEG + b"<script>alert(1)</script>PK\x03\x04") == encode_photo(JPEG)


def test_of_an_animation_the_first_picture_stays() -> None:
    first, second = (Image.new("RGB", (100, 100), (shade,) * 3) for shade in (250, 10))
    result = opened(encode_photo(saved(first, "WEBP", save_all=True, append_images=[second])))
    assert getattr(result, "n_frames", 1) == 1
    assert level(result, 50, 50) > LIGHT


def test_a_progressive_jpeg_can_have_many_scans() -> None:
    assert opened(encode_photo(scanned_often(SCANS_MAX))).size == (PHOTO_SIDE, PHOTO_SIDE)


def test_a_jpeg_can_contain_several_pictures_and_data_that_looks_like_scans() -> None:
    image = opened(picture())
    comment = b"\xff\xda" * 2 * SCANS_MAX
    for content in (
        saved(image, "MPO", save_all=True, append_images=[image]),
        saved(image, "JPEG", comment=comment) + comment,
    ):
        assert opened(encode_photo(content)).size == (PHOTO_SIDE, PHOTO_SIDE)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "required"), (b"GIF89a", "unknown_format"), (animated_gif(), "unknown_format"), (SVG, "unknown_format"),
     (b"%PDF-1.7" + JPEG, "unknown_format"), (b"\x00" * 100, "unknown_format"), (JPEG[: len(JPEG) // 2], "damaged"),
     (picture("PNG")[:200], "damaged"), (picture("WEBP")[:100], "damaged"),
     (huge_png(), "too_many_pixels"), (huge_png(30_000, 30_000), "too_many_pixels"), (huge_png(1000, 1000), "damaged"),
     (saved(Image.new("L", (6000, 3001)), "WEBP", method=0), "too_many_pixels"),
     (scanned_often(SCANS_MAX + 1), "damaged"), (picture(size=(63, 400)), "too_small"),
     (b"\xff" * (UPLOAD_BYTES_MAX + 1), "too_large")],
)  # fmt: skip
def test_other_files_are_refused_with_a_reason(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        encode_photo(content)
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [("photo", code)]


def test_files_with_changed_bytes_raise_nothing_else() -> None:
    for content in (JPEG, picture("PNG"), picture("WEBP"), with_place()):
        for at in range(0, min(len(content), 600), 7):
            try:
                encode_photo(content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :])
            except Invalid:
                continue
