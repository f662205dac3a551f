"""Files by their content: SHA-256 is the name, behind fsspec, so a folder or an object store."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import Any

import fsspec

from workflow.domain.errors import NotFound
from workflow.domain.words import Words


class Files:
    """A store of files by content. The same bytes are stored once."""

    def __init__(self, url: str) -> None:
        self._fs: Any
        self._fs, self._root = fsspec.core.url_to_fs(url)

    def put(self, body: bytes) -> str:
        """Stores the bytes and returns their SHA-256."""
        digest = hashlib.sha256(body).hexdigest()
        path = self._path(digest)
        if not self._fs.exists(path):
            self._fs.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
            part = f"{path}.part"
            with self._fs.open(part, "wb") as file:
                file.write(body)
            self._fs.mv(part, path)
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes of that SHA-256."""
        try:
            with self._fs.open(self._path(digest), "rb") as file:
                return bytes(file.read())
        except FileNotFoundError:
            raise NotFound(Words("Tệp không còn trong kho lưu trữ."), where=digest) from None

    def drop(self, digest: str) -> None:
        """Deletes the bytes of that SHA-256, if they are there."""
        with suppress(FileNotFoundError):
            self._fs.rm(self._path(digest))

    def _path(self, digest: str) -> str:
        return f"{self._root}/{digest[:2]}/{digest}"
