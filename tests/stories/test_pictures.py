"""Uploaded pictures: upright, with their colours, without what they say of the person who took them."""

import struct
import tracemalloc
import zlib
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from stories import pictures
from tests.factories import make_image

SECRET = "Anna Shchukina, Mira 5"
GPS = {1: "N", 2: (55.0, 45.0, 0.0), 3: "E", 4: (37.0, 37.0, 0.0)}
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif(orientation: int = 1) -> Image.Exif:
    """Metadata of a phone: where, by whom, which way up."""
    data = Image.Exif()
    data[0x010E], data[0x013B], data[0x0112] = SECRET, SECRET, orientation
    data.get_ifd(0x8825).update(GPS)
    return data


def upload(
    kind: str, *, orientation: int = 1, size: tuple[int, int] = (40, 20), profile: bytes | None = None
) -> ContentFile:
    """A picture with red on its left half, full of metadata."""
    picture = Image.new("RGB", size, (0, 0, 255))
    picture.paste((255, 0, 0), (0, 0, size[0] // 2, size[1]))
    options: dict[str, Any] = {"exif": exif(orientation)}
    if kind == "JPEG":
        options |= {"comment": SECRET.encode(), "quality": 95}
    if kind == "PNG":
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_text("Author", SECRET)
    if kind == "WEBP":
        options["xmp"] = f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode()
    if profile:
        options["icc_profile"] = profile
    target = BytesIO()
    picture.save(target, kind, **options)
    return ContentFile(target.getvalue(), name=f"{SECRET}.{kind.lower()}")


def opened(content: ContentFile) -> Image.Image:
    content.seek(0)
    picture = Image.open(content)
    picture.load()
    return picture


def png_of(width: int, height: int) -> ContentFile:
    """The head of a PNG that claims a size, with almost no pixels behind it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return ContentFile(
        b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\x00")) + chunk(b"IEND", b""),
        name="x.png",
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_place_author_and_comments_are_gone(kind: str) -> None:
    source = upload(kind)
    assert SECRET.encode() in source.read()
    clean = pictures.strip(source)
    assert SECRET.encode() not in clean.read()
    assert not dict(opened(clean).getexif())
    assert not {"exif", "xmp", "comment", "Author", "XML:com.adobe.xmp"} & set(opened(clean).info)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_picture_stays_what_it_was(kind: str) -> None:
    clean = opened(pictures.strip(upload(kind)))
    assert (clean.format, clean.size) == (kind, (40, 20))
    red, blue = clean.convert("RGB").getpixel((5, 10)), clean.convert("RGB").getpixel((35, 10))
    assert red[0] > 200 > 60 > red[2]
    assert blue[2] > 200 > 60 > blue[0]


@pytest.mark.parametrize(("orientation", "size"), [(3, (40, 20)), (6, (20, 40)), (8, (20, 40))])
def test_a_picture_taken_sideways_is_turned_upright(orientation: int, size: tuple[int, int]) -> None:
    clean = opened(pictures.strip(upload("JPEG", orientation=orientation)))
    assert clean.size == size
    spot = {3: (35, 10), 6: (10, 5), 8: (10, 35)}[orientation]  # where the left half is now
    assert clean.getpixel(spot)[0] > 200


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_colour_profile_is_kept(kind: str) -> None:
    assert opened(pictures.strip(upload(kind, profile=PROFILE))).info["icc_profile"] == PROFILE


def test_a_palette_with_transparency_is_kept() -> None:
    source = BytesIO()
    Image.new("RGBA", (4, 4), (10, 20, 30, 0)).quantize(4).save(source, "PNG")
    assert opened(pictures.strip(ContentFile(source.getvalue()))).convert("RGBA").getpixel((1, 1))[3] == 0


def test_an_animation_becomes_its_first_frame() -> None:
    source = BytesIO()
    frames = [Image.new("RGB", (8, 8), (shade, 0, 0)) for shade in (255, 0)]
    frames[0].save(source, "GIF", save_all=True, append_images=frames[1:], comment=SECRET)
    clean = pictures.strip(ContentFile(source.getvalue()))
    assert getattr(opened(clean), "n_frames", 1) == 1
    assert SECRET.encode() not in clean.read()


def test_a_transparent_picture_survives_as_jpeg_asks() -> None:
    source = BytesIO()
    Image.new("CMYK", (8, 8), (0, 0, 0, 0)).save(source, "JPEG")
    assert opened(pictures.strip(ContentFile(source.getvalue()))).size == (8, 8)


def test_more_than_25_megapixels_are_refused_without_decoding_them() -> None:
    bomb = png_of(9_000, 9_000)
    tracemalloc.start()
    with pytest.raises(ValidationError, match="25 megapixels"):
        pictures.strip(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_a_claim_of_gigapixels_is_refused_in_words_too() -> None:
    with pytest.raises(ValidationError):
        pictures.strip(png_of(100_000, 100_000))


def test_the_limit_itself_is_allowed_to_be_read() -> None:
    with pytest.raises(ValidationError, match="not a picture that can be read"):
        pictures.strip(png_of(5000, 5000))  # allowed by size; its pixels are missing


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", b"%PDF-1.7", b"\xff\xd8\xff" + b"\x00" * 50,
     bytes(upload("JPEG").read()[:200])],
)  # fmt: skip
def test_what_is_not_a_picture_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(ValidationError, match="not a picture"):
        pictures.strip(ContentFile(content, name="x.jpg"))


@pytest.mark.django_db
def test_what_is_stored_has_a_random_name_and_nothing_of_the_uploaded_one() -> None:
    image = make_image()
    folder, _slash, name = image.file.name.rpartition("/")
    stem, _dot, extension = name.partition(".")
    assert "told-by-anna" not in image.file.name
    assert (folder, extension) == ("original_images", "jpg")
    assert len(stem) == 32
    assert set(stem) <= set("0123456789abcdef")


@pytest.mark.django_db
def test_what_is_stored_is_clean_and_measured_right() -> None:
    from django.core.files.images import ImageFile

    from stories.models import StoryImage

    source = upload("JPEG", orientation=6)
    image = StoryImage(title="A picture", file=ImageFile(BytesIO(source.read()), name=f"{SECRET}.jpg"))
    image.save()
    image = StoryImage.objects.get(pk=image.pk)
    with image.file.open() as file:
        stored = file.read()
    assert SECRET.encode() not in stored
    assert (image.width, image.height) == (20, 40)
    assert (image.file_size, len(image.file_hash)) == (len(stored), 40)


@pytest.mark.django_db
def test_renditions_are_webp_or_avif_and_named_at_random() -> None:
    image = make_image()
    names = [image.get_rendition(spec).file.name for spec in ("max-20x20", "max-20x20|format-avif")]
    assert [name.rpartition(".")[2] for name in names] == ["webp", "avif"]
    stem = image.file.name.rpartition("/")[2].partition(".")[0]
    assert not any(stem in name or "told" in name for name in names)
