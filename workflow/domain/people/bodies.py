"""Which voting body decides on what: the rules name it, or the directory's kinds of body do.

`voting_bodies` is the one answer. Where two could be meant it asks (`UnclearBody`): two bodies are never made
one electorate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from workflow.domain.errors import TiendoError
from workflow.domain.people.directory import BodyKind
from workflow.domain.rules.layers import committees_named
from workflow.domain.rules.routing_rules import Rules
from workflow.domain.vietnamese import joined
from workflow.domain.words import Words


class VotedMatter(StrEnum):
    """What is put to a vote; the names are those of the rules' group `[bodies]`."""

    ITEMS = "items"
    REPORT = "report"
    SCORES = "scores"
    COMMENDATIONS = "commendations"

    @property
    def label(self) -> Words:
        """The matter in Vietnamese, for the middle of a sentence."""
        return _LABELS[self]


_LABELS = {
    VotedMatter.ITEMS: Words("các nội dung"),
    VotedMatter.REPORT: Words("báo cáo của kỳ"),
    VotedMatter.SCORES: Words("điểm"),
    VotedMatter.COMMENDATIONS: Words("khen thưởng"),
}


@dataclass(frozen=True, slots=True)
class VotingBody:
    """A voting body of the directory, by its unit's id and name there."""

    id: str
    name: str
    kind: BodyKind = BodyKind.COMMITTEE


class UnclearBody(TiendoError):
    """The rules and the directory leave it open which body decides, or name one that there is none of."""


def voting_bodies(rules: Rules, bodies: Sequence[VotingBody]) -> Mapping[VotedMatter, VotingBody]:
    """The body that decides on each matter.

    Named by the rules it is that one. Else items are for the only committee (for the only body there is,
    where none is a committee), the report for the body of the items, scores for the only emulation council,
    without one for the body of the items, and commendations for the only council, else for the body of the
    scores. Rules for some items
    (`[[overrides]]`) may name yet another for them. Raises UnclearBody.
    """
    if not bodies:
        raise UnclearBody(
            Words("Danh bạ chưa có tập thể nào biểu quyết."),
            cure=Words("Đánh dấu một đơn vị là ban biểu quyết và ghi các thành viên của nó."),
        )
    known = {one.id: one for one in bodies}
    for name in sorted(committees_named(rules)):
        _named(name, known, VotedMatter.ITEMS, rules)
    items = _named(rules.approval.committee or rules.bodies.items, known, VotedMatter.ITEMS, rules) or _only(
        [one for one in bodies if one.kind is BodyKind.COMMITTEE] or bodies, VotedMatter.ITEMS
    )
    councils = [one for one in bodies if one.kind is BodyKind.COUNCIL]
    report = _named(rules.bodies.report, known, VotedMatter.REPORT, rules) or items
    scores = _named(rules.bodies.scores, known, VotedMatter.SCORES, rules) or (
        _only(councils, VotedMatter.SCORES) if councils else items
    )
    commendations = _named(rules.bodies.commendations, known, VotedMatter.COMMENDATIONS, rules) or (
        councils[0] if len(councils) == 1 else scores
    )
    return {
        VotedMatter.ITEMS: items,
        VotedMatter.REPORT: report,
        VotedMatter.SCORES: scores,
        VotedMatter.COMMENDATIONS: commendations,
    }


def _named(
    name: str, known: Mapping[str, VotingBody], matter: VotedMatter, rules: Rules
) -> VotingBody | None:
    if not name:
        return None
    if name not in known:
        is_elsewhere = matter is VotedMatter.ITEMS and name != rules.bodies.items
        raise UnclearBody(
            Words(
                "Quy tắc giao biểu quyết cho “%(name)s”, nhưng danh bạ không có ban biểu quyết ấy.", name=name
            ),
            where="[approval] committee" if is_elsewhere else f"[bodies] {matter.value}",
            cure=Words("Ghi một trong các mã: %(names)s.", names=", ".join(sorted(known))),
        )
    return known[name]


def _only(candidates: Sequence[VotingBody], matter: VotedMatter) -> VotingBody:
    if len(candidates) == 1:
        return candidates[0]
    names = joined([Words("%(name)s (mã %(id)s)", name=one.name, id=one.id) for one in candidates])
    raise UnclearBody(
        Words("Chưa rõ tập thể nào quyết định về %(matter)s: %(names)s.", matter=matter.label, names=names),
        where=f"[bodies] {matter.value}",
        cure=Words(
            "Ghi vào quy tắc, nhóm [bodies], dòng %(line)s = “%(id)s” (hoặc mã kia); hoặc sửa loại tập thể ở "
            "trang Đơn vị.",
            line=matter.value,
            id=candidates[0].id,
        ),
    )
