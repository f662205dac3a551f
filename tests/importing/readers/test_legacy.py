"""Vietnamese written before Unicode is read back as it was meant, in text files and in cells."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.importing.plans import a_document, a_row
from workflow.domain.errors import UnreadablePlan
from workflow.importing.documents import open_document
from workflow.importing.encodings import decoded
from workflow.importing.legacy import (
    LETTERS,
    LetterScript,
    from_font,
    from_fonts,
    modern,
    modernised,
    script_of_font,
)
from workflow.importing.reading import read_plan

ONSETS = (
    "",
    "b",
    "c",
    "ch",
    "đ",
    "h",
    "k",
    "kh",
    "l",
    "m",
    "n",
    "ng",
    "ngh",
    "nh",
    "ph",
    "qu",
    "t",
    "th",
    "tr",
    "v",
)
RHYMES = (
    "a",
    "ai",
    "an",
    "ăn",
    "âng",
    "e",
    "ên",
    "iêm",
    "i",
    "inh",
    "oa",
    "oan",
    "ô",
    "ông",
    "ơi",
    "u",
    "uy",
)
RHYMES += ("ưng", "ươc", "ương", "uyên", "yên", "iêu", "ao", "âu", "ay", "ưu", "oai")
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
VOWELS = "aăâeêioôơuưy"


def syllable(onset: str, rhyme: str, tone: str) -> str:
    """A syllable with its tone on the vowel that bears it, nearly enough."""
    marked = next((at for at, letter in enumerate(rhyme) if letter in "ăâêôơư"), None)
    at = marked if marked is not None else next(i for i, letter in enumerate(rhyme) if letter in VOWELS)
    if "ươ" in rhyme:
        at = rhyme.index("ơ")
    return onset + unicodedata.normalize("NFC", rhyme[: at + 1] + tone + rhyme[at + 1 :])


SYLLABLES = st.builds(syllable, st.sampled_from(ONSETS), st.sampled_from(RHYMES), st.sampled_from(TONES))
SENTENCES = st.lists(SYLLABLES, min_size=8, max_size=30).map(lambda words: "nhiệm vụ được " + " ".join(words))


def in_script(text: str, script: LetterScript) -> str:
    written = LETTERS[script]
    return "".join(written.get(letter) or written.get(letter.lower(), letter) for letter in text)


def in_windows_1258(text: str) -> bytes:
    """The text as Windows writes it: letters with hats, then tones as marks of their own."""
    written = b""
    for letter in text:
        try:
            written += letter.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in TONES))
            written += (base + "".join(part for part in parts if part in TONES)).encode("cp1258")
    return written


@given(SENTENCES)
def test_any_sentence_in_tcvn3_bytes_is_read_back(text):
    assert decoded(in_script(text, LetterScript.TCVN3).encode("latin-1")) == text


@given(SENTENCES, st.booleans())
def test_any_sentence_in_vni_bytes_is_read_back(text, is_upper):
    text = text.upper() if is_upper else text
    assert decoded(in_script(text, LetterScript.VNI).encode("latin-1")) == text


@given(SENTENCES)
def test_any_sentence_in_windows_1258_is_read_back(text):
    assert decoded(in_windows_1258(text)) == text


@given(SENTENCES, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]))
def test_any_sentence_in_unicode_is_read_back_composed_or_not(text, encoding):
    for form in ("NFC", "NFD"):
        assert decoded(unicodedata.normalize(form, text).encode(encoding)) == text


@given(SENTENCES, st.sampled_from([LetterScript.TCVN3, LetterScript.VNI]))
def test_any_sentence_pasted_into_a_unicode_file_is_told_by_its_letters(text, script):
    assert modernised(in_script(text, script), LetterScript.UNICODE) == text


@given(SENTENCES)
def test_unicode_text_is_never_taken_for_an_old_script(text):
    assert all(modernised(text, script) == text for script in LetterScript)


@pytest.mark.parametrize("script", [LetterScript.TCVN3, LetterScript.VNI])
def test_short_words_follow_the_rest_of_the_document(script):
    assert modernised(in_script("Đ/c", script), script) == "Đ/c"
    assert modernised("Hoà Bình", LetterScript.UNICODE) == "Hoà Bình"


def test_signs_of_other_use_are_left_alone():
    for text in ("§ 5", "«Hoa»", "25 m²", "30°C", "résumé", "· Tuyên truyền"):
        assert modernised(text, LetterScript.UNICODE) == text


def test_capitals_of_tcvn3_are_capitals_again():
    assert modern("ñY BAN NH¢N D¢N, §¶NG", LetterScript.TCVN3) == "ỦY BAN NHÂN DÂN, ĐẢNG"
    assert from_font("céng hßa", ".VnTimeH") == "CỘNG HÒA"


@pytest.mark.parametrize(
    ("font", "script"),
    [
        (".VnTime", LetterScript.TCVN3),
        ("ABCDEF+.VnArial", LetterScript.TCVN3),
        ("VnTimeH", LetterScript.TCVN3),
        ("VNI-Times", LetterScript.VNI),
        ("Times New Roman", None),
        ("", None),
    ],
)
def test_a_font_tells_its_script(font, script):
    assert script_of_font(font) is script


def test_a_font_is_not_believed_against_unicode_letters():
    assert from_font("nhiệm vụ", ".VnTime") == "nhiệm vụ"


def test_words_cut_by_the_editor_are_converted_whole():
    assert from_fonts([("nhie", "VNI-Times"), ("äm vu", "VNI-Times"), ("ï", "VNI-Times")]) == "nhiệm vụ"


@pytest.mark.parametrize("script", [LetterScript.TCVN3, LetterScript.VNI])
def test_a_whole_plan_in_an_old_script_is_read(script):
    text = a_document([a_row(content="Trồng cây"), a_row("2", leader="Đ/c Lê Thị Mai")]).decode()
    read = read_plan(in_script(text, script).encode("latin-1"))
    assert [item.content for item in read.plan.items] == ["Trồng cây", "Trồng cây"]
    assert read.plan.items[1].leaders == ("Lê Thị Mai",)


def test_western_bytes_are_refused_with_what_to_do():
    with pytest.raises(UnreadablePlan) as refused:
        open_document("Größe, Übergröße, Maßstäbe, Äpfel und Öl\n".encode("latin-1"), "a.txt")
    assert "UTF-8" in refused.value.cure
