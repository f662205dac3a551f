"""Pictures made fit to keep: turned the right way up, no larger than needed, without the place and the phone
they were taken with."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

from workflow.domain.words import Words
from workflow.web.file_kinds import JPEG, PNG, Kind, NotTaken

MAX_PIXELS = 50_000_000
"""Of a picture that must be unpacked whole. A JPEG is unpacked at a fraction of its size, so that those of
the largest phone cameras are taken."""
_QUALITY = 85
_FORMATS = ("JPEG", "PNG", "WEBP")


def fit(body: bytes, kind: Kind, side: int) -> bytes:
    """The picture upright, at most `side` pixels long and wide, its other data (EXIF, place) left out.

    Raises NotTaken for what can't be unpacked, or would unpack to too much.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return _fitted(body, kind, side)
    except Image.DecompressionBombError:
        raise NotTaken(_TOO_LARGE) from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise NotTaken(Words("là ảnh bị hỏng, không mở được; hãy chụp hoặc lưu lại")) from None


_TOO_LARGE = Words("là ảnh có quá nhiều điểm ảnh; hãy thu nhỏ rồi chọn lại")


def _fitted(body: bytes, kind: Kind, side: int) -> bytes:
    with Image.open(io.BytesIO(body), formats=_FORMATS) as picture:
        if kind is JPEG:
            picture.draft(None, (side, side))
        width, height = picture.size
        if width * height > MAX_PIXELS:
            raise NotTaken(_TOO_LARGE)
        profile = picture.info.get("icc_profile")
        upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((side, side), Image.Resampling.LANCZOS)
    kept = io.BytesIO()
    if kind is PNG:
        bare = upright if upright.mode in ("1", "L", "LA", "P", "RGB", "RGBA") else upright.convert("RGB")
        bare.info = {name: value for name, value in bare.info.items() if name == "transparency"}
        bare.save(kept, "PNG", optimize=True, icc_profile=profile)
    elif kind is JPEG:
        bare = upright if upright.mode in ("L", "RGB") else upright.convert("RGB")
        bare.save(kept, "JPEG", quality=_QUALITY, optimize=True, icc_profile=profile)
    else:
        bare = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
        bare.save(kept, "WEBP", quality=_QUALITY, icc_profile=profile)
    return kept.getvalue()
