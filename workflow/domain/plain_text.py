"""Escaping of people's text: one function for each format in which some characters have a meaning.

HTML is escaped by the templates, whose only markup is their own (`workflow.i18n`); cells of a workbook are
written by `workflow.sheet_text`. All other places are here.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

MAX_FILE_NAME = 150
"""Characters; of a longer name the end is kept, which has the extension."""
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""Characters that make a spreadsheet parse a text as a formula; the wide ones in East Asian settings."""

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Control characters and line ends of every kind."""
_UNSEEN = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]")
"""Marks that change the direction of the text after them, so that a name is displayed as another one, and
surrogates."""
_MARKUP = str.maketrans("", "", "<>\"'&")
# Characters XML 1.0 can't hold; a pasted report sometimes carries one, and Word then refuses the file.
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#+\-.!|~&:@$=^%]")
_CHAT_MARKS = str.maketrans("[]<>*~`", "［］＜＞＊～｀")
_AT_A_WORDS_EDGE = re.compile(r"(?<![^\W_])_|_(?![^\W_])|(?<!\w)@")
_WIDE = {"_": "＿", "@": "＠"}


def one_line(text: str) -> str:
    """The text on one line: for mail headers, calendar fields, log messages and names of Prefect runs."""
    return " ".join(_UNSEEN.sub("", _BREAKS.sub(" ", text)).split())


def file_name(name: str, otherwise: str = "tep") -> str:
    """A file's own name without folders and without characters that act in a page, a header or a file system;
    `otherwise` where nothing is left. Applied where a file comes in, and again where one goes out."""
    own = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    seen = "".join(sign if sign.isprintable() else " " for sign in _UNSEEN.sub("", own))
    plain = " ".join(seen.translate(_MARKUP).split())
    return plain[-MAX_FILE_NAME:].strip(". ") or otherwise


def printable(text: str) -> str:
    """The text without the characters an Office file can't hold."""
    return _NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def markdown(text: str) -> str:
    """The text escaped for one line of Markdown (CommonMark with GitHub's links)."""
    return _MARKDOWN.sub(r"\\\g<0>", one_line(text))


def chat_line(text: str) -> str:
    """The text on one line of a chat's message. Chats have no common way to escape, so what would be markup,
    a link or a call to everybody in one of them (Slack, Teams, Google Chat, Mattermost) is written wide."""
    marked = one_line(text).translate(_CHAT_MARKS)
    return _AT_A_WORDS_EDGE.sub(lambda found: _WIDE[found[0]], marked)


def begins_like_a_formula(text: str) -> bool:
    """Whether a spreadsheet might take the text for a formula."""
    return text.lstrip(" \xa0").startswith(FORMULA_STARTS)


def csv_cell(text: str) -> str:
    """The text as a cell of a CSV file that no spreadsheet takes for a formula."""
    return f"'{text}" if begins_like_a_formula(text) else text


def from_csv_cell(cell: str) -> str:
    """The text that `csv_cell` made a cell of."""
    return cell[1:] if cell.startswith("'") and begins_like_a_formula(cell[1:]) else cell
