"""Uploaded pictures made safe: turned upright, metadata gone, not larger than a reader ever needs."""

from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PIXELS = 25_000_000
FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "JPEG": ("jpg", {"quality": 90, "optimize": True}), "PNG": ("png", {"optimize": True}),
    "WEBP": ("webp", {"quality": 90}), "AVIF": ("avif", {"quality": 75}),
}  # fmt: skip


def strip(file: UploadedFile | ContentFile) -> ContentFile:
    """Return the same picture, upright, with the colour profile but without EXIF, XMP, GPS, comments or frames.

    Raises ``ValidationError`` for what is not a picture, has more than 25 million pixels, or an unusual format.
    """
    file.seek(0)
    try:
        with Image.open(file) as source:
            if source.width * source.height > MAX_PIXELS:
                raise ValidationError(
                    _("This picture is larger than 25 megapixels. Make it smaller and try again.")
                )
            kind = source.format if source.format in FORMATS else "PNG"
            profile = source.info.get("icc_profile")
            upright = ImageOps.exif_transpose(source)
            upright.load()
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise ValidationError(
            _("This file is not a picture that can be read. Use JPEG, PNG, WebP or AVIF.")
        ) from error
    return encode(upright, kind, profile)


def encode(picture: Image.Image, kind: str, profile: bytes | None) -> ContentFile:
    """Write pixels and colour profile only."""
    extension, options = FORMATS[kind]
    if kind == "JPEG" and picture.mode not in ("RGB", "L", "CMYK"):
        picture = picture.convert("RGB")
    if picture.mode == "P":
        picture.apply_transparency()  # else it stays beside the palette and is lost with the metadata
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    if picture.mode == "P" and (palette := picture.getpalette("RGBA")):
        bare.putpalette(palette, "RGBA")
    target = BytesIO()
    extra = {"icc_profile": profile} if profile else {}
    bare.save(target, format=kind, **options, **extra)
    return ContentFile(target.getvalue(), name=f"picture.{extension}")
