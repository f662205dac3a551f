"""The smallest IMAP server that can hold a mailbox of bounces: real sockets, `imaplib` at the other end."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Folder:
    """The mails of a folder by UID, and which of them were read."""

    mails: dict[int, bytes]
    seen: set[int] = field(default_factory=set)
    fetched: list[tuple[int, str]] = field(default_factory=list)
    port: int = 0


def _answer(folder: Folder, command: str) -> tuple[list[bytes], str]:
    """The untagged lines of a command's answer, and its result."""
    name, _, rest = command.partition(" ")
    match name.upper():
        case "CAPABILITY":
            return [b"* CAPABILITY IMAP4rev1"], "OK"
        case "LOGIN":
            return [], "OK" if rest == 'bounces "mat-khau"' else "NO"
        case "SELECT":
            return [b"* %d EXISTS" % len(folder.mails)], "OK"
        case "LOGOUT":
            return [b"* BYE"], "OK"
    found = re.match(r"(SEARCH|FETCH|STORE) (\S+) ?(.*)", rest)
    assert found, command
    match found[1]:
        case "SEARCH":
            unseen = sorted(folder.mails.keys() - folder.seen)
            return [b"* SEARCH " + " ".join(map(str, unseen)).encode()], "OK"
        case "STORE":
            folder.seen.add(int(found[2]))
            return [], "OK"
    uid, what = int(found[2]), found[3]
    folder.fetched.append((uid, what))
    body = folder.mails[uid]
    if "HEADER.FIELDS" in what:
        head = body.partition(b"\r\n\r\n")[0]
        told = re.search(rb"^Content-Type:.*(\r\n[ \t].*)*", head, re.MULTILINE | re.IGNORECASE)
        body = (told[0] if told else b"") + b"\r\n\r\n"
    return [b"* 1 FETCH (UID %d BODY[] {%d}\r\n%s)" % (uid, len(body), body)], "OK"


@contextmanager
def an_imap_server(*mails: bytes) -> Iterator[Folder]:
    """A server that listens while the block runs; the folder holds the mails as UIDs 1, 2, ..."""
    folder = Folder(dict(enumerate(mails, 1)))

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"* OK ready\r\n")
            for line in self.rfile:
                tag, _, command = line.decode().strip().partition(" ")
                lines, result = _answer(folder, command)
                self.wfile.write(b"".join(one + b"\r\n" for one in lines))
                self.wfile.write(f"{tag} {result} done\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        folder.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder
        server.shutdown()
