"""The scoring rules beside the criteria, each setting in one sentence, for the person who must accept it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from workflow.domain.results.record import ItemKind
from workflow.domain.rules.routing_rules import PeriodKind
from workflow.domain.scores.award_rules import Award, Whom
from workflow.domain.scores.scoring_extras import CouncilBase, ExtraRule, Sign, Weight
from workflow.domain.scores.scoring_rules import Grade, LeadShare, NotApplicable, ScoringRules, SpanScore
from workflow.domain.vietnamese import joined, number, percent
from workflow.domain.words import Words


@dataclass(frozen=True, slots=True)
class SettingsInWords:
    """A group of settings in sentences."""

    title: str
    sentences: tuple[str, ...]


def scoring_in_words(rules: ScoringRules) -> list[SettingsInWords]:
    """Returns every setting of the rules beside the table of criteria, by group."""
    groups = (
        (Words("Cách tính"), _reckoning(rules)),
        (Words("Xếp loại"), (one for grade in rules.grades for one in _grade(grade, rules))),
        (Words("Điểm thưởng, điểm trừ"), _extras(rules)),
        (Words("Hội đồng và tự chấm"), _council(rules)),
        (Words("Đơn vị xem và đề nghị xem lại điểm"), _reviews(rules)),
        (Words("Khen thưởng"), (_award(one) for one in rules.awards)),
    )
    found = [SettingsInWords(title, tuple(sentences)) for title, sentences in groups]
    return [one for one in found if one.sentences]


def _reckoning(rules: ScoringRules) -> Iterator[str]:
    yield (
        Words("Nội dung, tiêu chí không phát sinh không tính; điểm quy đổi theo phần điểm tối đa còn lại.")
        if rules.not_applicable is NotApplicable.LEFT_OUT
        else Words("Tiêu chí không phát sinh được tính điểm tối đa.")
    )
    yield (
        Words("Nội dung có nhiều đơn vị chủ trì chỉ tính cho đơn vị ghi đầu tiên.")
        if rules.leads is LeadShare.MAIN
        else Words("Nội dung có nhiều đơn vị chủ trì tính cho tất cả các đơn vị ấy.")
    )
    yield Words("Điểm làm tròn đến %(n)s chữ số thập phân.", n=rules.places)
    yield span_score_in_words(rules)
    for weight in rules.weights:
        yield Words("Trọng số %(n)s: %(scope)s.", n=number(weight.weight), scope=_scope(weight))
    critical = (*rules.critical.items, *rules.critical.sections)
    if critical:
        statuses = joined([one.label.lower() for one in rules.critical.missed])
        yield Words(
            "Nội dung then chốt: %(codes)s; bị coi là không đạt khi %(statuses)s.",
            codes=joined(critical),
            statuses=statuses,
        )
    titles = {one.code: one.title for one in rules.criteria}
    if rules.ties:
        ties = joined([f"“{titles[code]}”" for code in rules.ties])
        yield Words("Bằng điểm thì xét lần lượt %(ties)s; vẫn bằng thì đồng hạng.", ties=ties)
    if rules.least_applicable:
        yield Words(
            "Đơn vị có dưới %(n)s điểm tối đa áp dụng không xếp loại, xếp hạng.",
            n=number(rules.least_applicable),
        )


def span_score_in_words(rules: ScoringRules) -> Words:
    """How a half-year or year evaluated from closed periods is scored."""
    return (
        Words(
            "Sáu tháng, năm đánh giá từ các kỳ đã khóa: điểm là bình quân tổng điểm các kỳ đơn vị được xếp "
            "hạng, mỗi kỳ tính như nhau; điểm thưởng, điểm trừ thông qua cho cả đợt cộng thêm."
        )
        if rules.span_score is SpanScore.MEAN
        else Words(
            "Sáu tháng, năm đánh giá từ các kỳ đã khóa: các tiêu chí chấm lại trên mọi báo cáo của các kỳ; "
            "thời hạn, kết quả của mỗi nội dung chỉ xét một lần."
        )
    )


def _scope(weight: Weight) -> str:
    kinds = {
        ItemKind.TARGET: Words("nội dung có chỉ tiêu số"),
        ItemKind.DATED: Words("nội dung có thời hạn"),
        ItemKind.ONGOING: Words("nội dung thường xuyên"),
    }
    parts = [
        Words("nội dung %(item)s", item=weight.item) if weight.item else "",
        Words("mục %(section)s", section=weight.section) if weight.section else "",
        kinds[weight.kind] if weight.kind else "",
    ]
    return Words.joined(parts, by=", ")


def _grade(grade: Grade, rules: ScoringRules) -> Iterator[str]:
    yield Words("“%(title)s”: từ %(n)s điểm.", title=grade.title, n=number(grade.least))
    if grade.bars_missed_critical:
        yield Words("“%(title)s”: không còn nội dung then chốt chưa đạt.", title=grade.title)
    titles = {one.code: one.title for one in rules.criteria}
    for code, least in grade.needs:
        yield Words(
            "“%(title)s”: tiêu chí “%(criterion)s” đạt từ %(share)s.",
            title=grade.title,
            criterion=titles[code],
            share=percent(least),
        )
    if grade.most is not None:
        yield Words(
            "“%(title)s”: nhiều nhất %(share)s số đơn vị được xếp hạng của cụm, ít nhất %(n)s đơn vị.",
            title=grade.title,
            share=percent(grade.most),
            n=grade.at_least,
        )


def _extras(rules: ScoringRules) -> Iterator[str]:
    for one in rules.extras:
        yield _extra(one)
    for cap, words in (
        (rules.bonus_cap, Words("tổng điểm thưởng")),
        (rules.deduction_cap, Words("tổng điểm trừ")),
    ):
        if cap is not None:
            yield Words("Mức trần của %(what)s: %(n)s điểm.", what=words, n=number(cap))


def _extra(rule: ExtraRule) -> str:
    points = f"{'+' if rule.sign is Sign.BONUS else '−'}{number(rule.each)}"
    if rule.cap is None:
        return Words("%(title)s: %(points)s điểm mỗi lần.", title=rule.title, points=points)
    return Words(
        "%(title)s: %(points)s điểm mỗi lần, nhiều nhất %(cap)s điểm.",
        title=rule.title,
        points=points,
        cap=number(rule.cap),
    )


def _council(rules: ScoringRules) -> Iterator[str]:
    council = rules.council
    base = (
        Words("tổng số thành viên hội đồng")
        if council.base is CouncilBase.ALL
        else Words("số phiếu đã bỏ, kể cả phiếu không biểu quyết")
    )
    yield Words(
        "Hội đồng thông qua khi phiếu tán thành %(share)s %(base)s; vừa bằng là chưa đủ.",
        share=_more_than(council.more_than),
        base=base,
    )
    if council.quorum:
        yield Words("Phải có ít nhất %(quorum)s số thành viên bỏ phiếu.", quorum=str(council.quorum))
    yield Words("Lấy phiếu qua đường dẫn trong %(n)s ngày làm việc.", n=council.working_days)
    if rules.awards:
        yield (
            Words("Biểu quyết khen thưởng bằng phiếu kín: hệ thống không giữ ai bỏ phiếu thế nào.")
            if council.secret_commendations
            else Words("Biểu quyết khen thưởng bằng phiếu ghi tên.")
        )
    yield (
        Words("Đơn vị không phải tự chấm điểm qua đường dẫn.")
        if rules.self_score_days is None
        else Words(
            "Đơn vị tự chấm điểm qua đường dẫn đến hết %(n)s ngày làm việc sau hạn báo cáo.",
            n=rules.self_score_days,
        )
    )


def _reviews(rules: ScoringRules) -> Iterator[str]:
    if rules.review is None:
        yield Words("Đơn vị không đề nghị xem lại điểm qua đường dẫn.")
    else:
        yield Words(
            "Sau khi khóa kỳ, đơn vị đề nghị xem lại điểm được đến hết %(n)s ngày làm việc; hội đồng trả lời "
            "trong %(m)s ngày làm việc.",
            n=rules.review.working_days,
            m=rules.review.answer_working_days,
        )
    yield (
        Words("Trang của đơn vị ghi cả thứ hạng trong cụm.")
        if rules.tells_rank
        else Words("Trang của đơn vị ghi điểm và xếp loại, không ghi thứ hạng.")
    )


def _more_than(share: Fraction) -> Words:
    if share == Fraction(1, 2):
        return Words("quá nửa")
    return Words("quá %(share)s", share=str(share))


def _award(award: Award) -> str:
    who = Words("tập thể") if award.whom is Whom.UNIT else Words("cá nhân")
    asks = Words.joined((*_of_unit(award), *_of_work(award)), by="; ")
    return Words("%(title)s (%(who)s): %(conditions)s.", title=award.title, who=who, conditions=asks)


def _of_unit(award: Award) -> Iterator[str]:
    """The conditions on the unit: the one considered, or the person's own."""
    is_own = award.whom is Whom.UNIT
    kinds = {
        PeriodKind.MONTH: Words("tháng"),
        PeriodKind.QUARTER: Words("quý"),
        PeriodKind.HALF_YEAR: Words("6 tháng"),
        PeriodKind.YEAR: Words("năm"),
    }
    if award.periods:
        yield Words("xét theo %(kinds)s", kinds=joined([kinds[one] for one in award.periods]))
    if award.grades:
        text = Words("xếp loại từ “%(grade)s”") if is_own else Words("đơn vị xếp loại từ “%(grade)s”")
        yield Words(text, grade=award.least_grade)
    if award.rank:
        text = (
            Words("hạng từ %(rank)s trở lên trong cụm")
            if is_own
            else Words("đơn vị hạng từ %(rank)s trở lên trong cụm")
        )
        yield Words(text, rank=award.rank)
    if award.points is not None:
        text = Words("từ %(n)s điểm") if is_own else Words("đơn vị từ %(n)s điểm")
        yield Words(text, n=number(award.points))
    if award.quarters:
        text = (
            Words("đạt xếp loại ấy ít nhất %(n)s quý trong năm")
            if is_own
            else Words("đơn vị đạt xếp loại ấy ít nhất %(n)s quý trong năm")
        )
        yield Words(text, n=award.quarters)


def _of_work(award: Award) -> Iterator[str]:
    """The conditions on the work, the reports and the council's vote."""
    if award.bars_missed_critical:
        yield Words("không có nội dung then chốt chưa đạt")
    if award.bars_overdue:
        yield Words("không có nội dung quá hạn hoặc không báo cáo")
    if award.reports:
        yield Words("đã gửi ít nhất %(n)s báo cáo", n=award.reports)
    if award.on_time is not None:
        yield Words("báo cáo đúng hạn từ %(share)s", share=percent(award.on_time))
    if award.returns:
        yield Words("bị trả lại nhiều nhất %(n)s lần", n=award.returns)
    elif award.returns is not None:
        yield Words("không bị trả lại lần nào")
    if award.most is not None:
        yield Words(
            "nhiều nhất %(share)s của cụm (cụm nhỏ vẫn được %(n)s)",
            share=percent(award.most),
            n=award.at_least,
        )
    if award.more_than is not None:
        yield Words("hội đồng tán thành quá %(share)s", share=str(award.more_than))
