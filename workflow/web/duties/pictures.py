"""Prepares pictures for storage: turned upright, scaled down, without the data of place and phone (EXIF)."""

from __future__ import annotations

import io
import warnings
from threading import BoundedSemaphore

from PIL import Image, ImageOps

from workflow.domain.words import Words
from workflow.web.duties.file_kinds import JPEG, PNG, FileKind, NotTaken

MAX_PIXELS = 24_000_000
"""Of a picture that must be unpacked whole, into some 100 MB: more than a page scanned at 400 dpi."""
MAX_JPEG_PIXELS = 120_000_000
"""The limit for a JPEG, which is decoded at reduced size, so that pictures of large phone cameras pass."""
WAIT_SECONDS = 30
"""How long a picture waits for those before it: one at a time is unpacked, whoever sends how many."""
_QUALITY = 85
_unpacking = BoundedSemaphore(1)
_FORMATS = ("JPEG", "PNG", "WEBP")


def fit(body: bytes, kind: FileKind, side: int) -> bytes:
    """The picture upright, at most `side` pixels long and wide, without metadata (EXIF, place).

    Raises NotTaken where it can't be decoded, or would decode to too many pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            if not _unpacking.acquire(timeout=WAIT_SECONDS):
                raise NotTaken(Words("chưa được nhận vì máy đang bận với ảnh khác; hãy gửi lại sau ít phút"))
            try:
                return _fitted(body, kind, side)
            finally:
                _unpacking.release()
    except Image.DecompressionBombError:
        raise NotTaken(_TOO_LARGE) from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise NotTaken(Words("là ảnh bị hỏng, không mở được; hãy chụp hoặc lưu lại")) from None


_TOO_LARGE = Words("là ảnh có quá nhiều điểm ảnh; hãy thu nhỏ rồi chọn lại")


def _fitted(body: bytes, kind: FileKind, side: int) -> bytes:
    with Image.open(io.BytesIO(body), formats=_FORMATS) as picture:
        # Nothing is decoded yet: the size is read from the file's header, and decoding yields that size.
        whole = picture.width * picture.height
        # A progressive JPEG is decoded at full size in memory, whatever the reduction.
        is_held_whole = kind is not JPEG or bool(picture.info.get("progressive"))
        if whole > (MAX_PIXELS if is_held_whole else MAX_JPEG_PIXELS):
            raise NotTaken(_TOO_LARGE)
        if kind is JPEG:
            picture.draft(None, (side, side))
        profile = picture.info.get("icc_profile")
        # Scaled down first, so that rotating copies less.
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        upright = ImageOps.exif_transpose(picture)
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
