"""What an organisation is: proposed by its name, said in words, each kind with all it brings."""

from __future__ import annotations

import pytest

from workflow.domain.people.organisations import OrganisationKind, kind_said, proposed_kind

KIND = OrganisationKind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Thành ủy Bình Minh", KIND.PARTY_COMMITTEE),
        ("Tỉnh uỷ Quảng Bình", KIND.PARTY_COMMITTEE),
        ("Huyện ủy Hòa Vang", KIND.PARTY_COMMITTEE),
        ("Đảng ủy phường Hòa Xuân", KIND.PARTY_COMMITTEE),
        ("Chi bộ Trường Tiểu học Kim Đồng", KIND.PARTY_COMMITTEE),
        ("Ban Thường vụ khóa XIII", KIND.PARTY_COMMITTEE),
        ("Ủy ban nhân dân thành phố Bình Minh", KIND.PEOPLES_COMMITTEE),
        ("UBND phường Hòa Xuân", KIND.PEOPLES_COMMITTEE),
        ("Ban Thường vụ Hội Liên hiệp Phụ nữ phường", KIND.FRONT_OR_MASS_BODY),
        ("Ủy ban Mặt trận Tổ quốc Việt Nam phường", KIND.FRONT_OR_MASS_BODY),
        ("Công đoàn Công ty Dệt may", KIND.FRONT_OR_MASS_BODY),
        ("Trường THPT Lê Lợi", KIND.SCHOOL),
        ("Trạm Y tế phường", KIND.HOSPITAL),
        ("Công ty Cấp nước", KIND.COMPANY),
        ("Hội đồng nhân dân phường", KIND.AGENCY),
        ("Sở Xây dựng", KIND.AGENCY),
    ],
)
def test_a_name_proposes_a_kind(name: str, kind: OrganisationKind) -> None:
    assert proposed_kind(name) is kind


def test_where_the_name_says_nothing_the_plans_issuer_proposes() -> None:
    assert proposed_kind("Phường Hòa Xuân", "Đảng ủy phường Hòa Xuân") is KIND.PARTY_COMMITTEE


@pytest.mark.parametrize("kind", list(KIND))
def test_a_kind_is_read_from_its_label_and_from_its_id(kind: OrganisationKind) -> None:
    assert kind_said(kind.label.upper()) is kind
    assert kind_said(kind.value) is kind


@pytest.mark.parametrize("kind", list(KIND))
def test_every_kind_has_words_and_a_signature_of_its_leader_and_of_a_deputy(kind: OrganisationKind) -> None:
    words = kind.words
    assert all((words.decides, words.you, words.signs_as, words.deputy_as, words.filed, words.symbol))
    assert "Ban Thường vụ" not in words.decides or kind.is_party


def test_a_kind_without_a_form_of_its_own_says_which_one_stands_in_for_it() -> None:
    own = {one for one in KIND if one.words.near is None}
    assert own == {KIND.PARTY_COMMITTEE, KIND.PEOPLES_COMMITTEE}
