"""Each routing rule in one Vietnamese sentence, for the person who must accept it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any

from workflow.domain.rules.layers import layered
from workflow.domain.rules.routing_rules import (
    ApprovalRule,
    BodiesRule,
    Carry,
    Close,
    ConfirmationRule,
    Confirming,
    Counts,
    DoneBy,
    EarlyClose,
    EscalateTo,
    EscalationRule,
    Fallback,
    FigureRule,
    MailRule,
    MajorityOf,
    Objection,
    Override,
    PeriodKind,
    PeriodRule,
    Rates,
    ReportApproval,
    Reporting,
    ReportRule,
    Rules,
    ScheduleRule,
    Shows,
    Silence,
    Undecided,
    Veto,
)
from workflow.domain.vietnamese import joined, number
from workflow.domain.words import Words

TITLES = {
    "period": Words("Kỳ báo cáo"),
    "schedule": Words("Lịch các kỳ"),
    "confirmation": Words("Xác nhận phối hợp"),
    "approval": Words("Biểu quyết"),
    "bodies": Words("Tập thể nào quyết định việc gì"),
    "mail": Words("Thư"),
    "escalation": Words("Đôn đốc theo cấp"),
    "report": Words("Báo cáo của kỳ"),
    "figures": Words("Cộng số liệu qua các kỳ"),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One rule in a sentence. `group` and `rule` are its place in the file; `scope` names the items it
    applies to, empty for all."""

    group: str
    rule: str
    text: str
    scope: str = ""


def explained(rules: Rules) -> list[Sentence]:
    """The rules as sentences, in the file's order, those for some items last."""
    found = [
        *_sentences("period", rules.period, _period(rules.period)),
        *_sentences("schedule", rules.schedule, _schedule(rules.schedule)),
        *_sentences("confirmation", rules.confirmation, _confirmation(rules.confirmation)),
        *_sentences("approval", rules.approval, approval_sentences(rules.approval)),
        *_sentences("bodies", rules.bodies, _bodies(rules.bodies)),
        *_sentences("mail", rules.mail, _mail(rules.mail)),
        *_sentences("escalation", rules.escalation, _escalation(rules.escalation)),
        *_sentences("report", rules.report, _report(rules.report)),
        *_sentences("figures", rules.figures, _figures(rules.figures)),
    ]
    for place, override in enumerate(rules.overrides):
        found += overridden(rules, place, override)
    return found


def _sentences(group: str, rule: Any, texts: dict[str, str]) -> list[Sentence]:
    """Returns one sentence for each rule. Raises KeyError for a rule without one: nobody would have been
    asked to accept it."""
    return [Sentence(group, one.name, texts[one.name]) for one in fields(rule)]


def overridden(rules: Rules, place: int, override: Override) -> list[Sentence]:
    """Returns the sentences of the rules that the override sets, and of no others."""
    scope = scope_in_words(override)
    over = layered(rules, (place,))
    wanted = {
        "period": dict(override.period),
        "confirmation": dict(override.confirmation),
        "approval": dict(override.approval),
    }
    return [
        replace(one, scope=scope)
        for one in explained(replace(over, overrides=()))
        if one.rule in wanted.get(one.group, {})
    ]


def scope_in_words(override: Override) -> str:
    """Which items the override applies to: `mục I.2, chỉ tiêu từ 5.000 triệu đồng`."""
    parts = []
    if override.item:
        parts.append(Words("nội dung %(item)s", item=override.item))
    if override.unit:
        parts.append(Words("nội dung do đơn vị “%(unit)s” chủ trì", unit=override.unit))
    if override.section:
        parts.append(Words("mục %(section)s", section=override.section))
    if override.amount_from is not None:
        amount = f"{number(override.amount_from)} {override.measure}".rstrip()
        parts.append(Words("chỉ tiêu từ %(amount)s", amount=amount))
    return Words.joined(parts, by=", ")


def _days(count: int) -> str:
    return Words("%(n)s ngày làm việc", n=count)


def _share(share: Fraction) -> str:
    return (
        Words("quá nửa")
        if share == Fraction(1, 2)
        else Words("hơn %(share)s", share=f"{share.numerator}/{share.denominator}")
    )


def _period(rule: PeriodRule) -> dict[str, str]:
    reporting = {
        Reporting.EXPECTED: Words(
            "Hỏi nội dung đã bắt đầu mà chưa hoàn thành, nội dung có hạn trong kỳ, việc định kỳ theo nhịp."
        ),
        Reporting.ALL: Words("Mọi nội dung của kế hoạch đều báo cáo trong kỳ."),
        Reporting.ACTIVE: Words("Chỉ nội dung đang trong thời gian thực hiện hoặc đã quá hạn mới báo cáo."),
        Reporting.DUE: Words("Chỉ nội dung đến hạn trong kỳ, hoặc không ghi hạn, mới báo cáo."),
        Reporting.CADENCE: Words(
            "Mỗi nội dung báo cáo trong kỳ đúng với nhịp của nó; không ghi nhịp thì theo quý."
        ),
    }
    after = rule.due_working_days
    match after:
        case None:
            due = Words("Hạn báo cáo không tính theo ngày cuối kỳ.")
        case 0:
            due = Words("Hạn báo cáo là ngày làm việc cuối kỳ, hoặc ngay sau ngày cuối kỳ nếu ngày ấy nghỉ.")
        case _:
            due = (
                Words("Hạn báo cáo là %(days)s sau ngày cuối kỳ.", days=_days(after))
                if after > 0
                else Words("Hạn báo cáo là %(days)s trước ngày cuối kỳ.", days=_days(-after))
            )
    return {
        "reporting": reporting[rule.reporting],
        "rhythm": Words(
            "Nội dung không ghi nhịp thì báo cáo theo quý, hoặc theo kỳ ngắn nhất nếu năm không có quý."
        )
        if rule.rhythm is None
        else Words(
            "Nội dung không ghi nhịp thì báo cáo %(rhythm)s.",
            rhythm=Words("%(n)s tháng một lần", n=rule.rhythm.months),
        ),
        "due_day": Words(
            "Đơn vị chủ trì báo cáo chậm nhất ngày %(due_day)s của tháng cuối kỳ.", due_day=rule.due_day
        )
        if after is None
        else Words(
            "Nếu tính theo tháng thì đơn vị chủ trì báo cáo chậm nhất ngày %(due_day)s của tháng cuối kỳ; "
            "cách này chưa áp dụng.",
            due_day=rule.due_day,
        ),
        "due_working_days": due,
        "open_working_days_before": Words(
            "Kỳ mở trước hạn báo cáo %(open_working_days_before)s.",
            open_working_days_before=_days(rule.open_working_days_before),
        ),
        "confirm_working_days": Words(
            "Đơn vị phối hợp có %(confirm_working_days)s sau hạn báo cáo.",
            confirm_working_days=_days(rule.confirm_working_days),
        ),
        "approve_working_days": Words(
            "Cấp phê duyệt có %(approve_working_days)s sau hạn xác nhận.",
            approve_working_days=_days(rule.approve_working_days),
        ),
        "cut_off_working_days": Words(
            "Kỳ khóa sau hạn biểu quyết %(cut_off_working_days)s.",
            cut_off_working_days=_days(rule.cut_off_working_days),
        ),
        "again_working_days": Words(
            "Báo cáo bị trả lại thì đơn vị có %(again_working_days)s từ ngày bị trả để gửi lại.",
            again_working_days=_days(rule.again_working_days),
        ),
    }


def _schedule(rule: ScheduleRule) -> dict[str, str]:
    kinds = {
        PeriodKind.MONTH: Words("tháng"),
        PeriodKind.QUARTER: Words("quý"),
        PeriodKind.HALF_YEAR: Words("nửa năm"),
        PeriodKind.YEAR: Words("năm"),
    }
    names = joined([kinds[kind] for kind in rule.kinds])
    close = {
        Close.AUTOMATIC: Words("Kỳ tự khóa, tổng hợp, chấm điểm và lập báo cáo."),
        Close.BY_HAND: Words("Văn phòng tự tay khóa kỳ; đến lúc khóa, văn phòng được nhắc một lần."),
    }
    return {
        "automatic": Words("Kỳ tự mở và tự khóa theo lịch.")
        if rule.automatic
        else Words("Kỳ không tự mở, không tự khóa: văn phòng mở và khóa bằng tay."),
        "kinds": Words("Lịch năm có các kỳ: %(kinds)s.", kinds=names)
        if names
        else Words("Lịch năm không có kỳ nào."),
        "tell_working_days_before": Words(
            "Văn phòng được báo trước %(n)s ngày làm việc khi kỳ sắp mở và sắp khóa số liệu.",
            n=rule.tell_working_days_before,
        )
        if rule.tell_working_days_before
        else Words("Không báo trước cho văn phòng khi kỳ sắp mở và sắp khóa số liệu."),
        "fair_working_days": Words(
            "Lỡ ngày mở thì kỳ vẫn tự mở nếu còn ít nhất %(n)s ngày làm việc đến hạn báo cáo; "
            "ít hơn thì hỏi văn phòng.",
            n=rule.fair_working_days,
        ),
        "close": close[rule.close],
        "close_working_days": Words(
            "Kỳ khóa sau ngày khóa số liệu %(n)s ngày làm việc.", n=rule.close_working_days
        )
        if rule.close_working_days
        else Words("Kỳ khóa ngay khi hết ngày khóa số liệu."),
    }


def _confirmation(rule: ConfirmationRule) -> dict[str, str]:
    required = {
        Confirming.ALL: Words("Mọi đơn vị phối hợp đều phải xác nhận."),
        Confirming.MAJORITY: Words("Quá nửa số đơn vị phối hợp xác nhận là đủ."),
        Confirming.AT_LEAST: Words("Có %(at_least)s đơn vị phối hợp xác nhận là đủ.", at_least=rule.at_least),
        Confirming.NONE: Words("Không cần đơn vị phối hợp xác nhận; báo cáo lên thẳng cấp phê duyệt."),
    }
    silence = {
        Silence.CONSENT: Words("Quá hạn mà im lặng thì coi là đồng ý, và ghi rõ đơn vị im lặng."),
        Silence.ESCALATE: Words("Quá hạn mà im lặng thì báo cáo vẫn lên cấp phê duyệt, ghi là thiếu ý kiến."),
        Silence.BLOCK: Words("Im lặng thì báo cáo dừng lại chờ, đến khi có ý kiến hoặc khóa kỳ."),
    }
    objection = {
        Objection.TO_LEAD: Words("Có đơn vị không đồng ý thì báo cáo trả về đơn vị chủ trì kèm lý do."),
        Objection.TO_COMMITTEE: Words(
            "Có đơn vị không đồng ý thì báo cáo vẫn lên cấp phê duyệt, kèm ý kiến ấy."
        ),
    }
    carry = {
        Carry.NONE: Words("Báo cáo có bản mới thì mọi đơn vị xác nhận lại từ đầu."),
        Carry.UNTOUCHED: Words("Báo cáo có bản mới thì chỉ đơn vị có liên quan đến phần sửa xác nhận lại."),
        Carry.UNLESS_OBJECTION: Words(
            "Báo cáo có bản mới thì xác nhận cũ vẫn giữ, trừ khi có đơn vị không đồng ý."
        ),
    }
    return {
        "required": required[rule.required],
        "at_least": Words("Số đơn vị xác nhận tối thiểu là %(at_least)s.", at_least=rule.at_least)
        if rule.required is Confirming.AT_LEAST
        else Words(
            "Nếu chỉ cần một số đơn vị xác nhận thì số ấy là %(at_least)s; cách này chưa áp dụng.",
            at_least=rule.at_least,
        ),
        "co_leads": Words("Đơn vị cùng chủ trì được hỏi xác nhận báo cáo do đơn vị kia gửi.")
        if rule.co_leads
        else Words("Đơn vị cùng chủ trì không phải xác nhận."),
        "each_lead": Words(
            "Nội dung có nhiều đơn vị cùng chủ trì: một đơn vị báo cáo, từng đơn vị còn lại phải ghi kết quả "
            "phần mình; không ghi thì không bao giờ coi là đồng ý, hết hạn thì nêu tên."
        )
        if rule.each_lead
        else Words("Nội dung có nhiều đơn vị cùng chủ trì: báo cáo của một đơn vị là đủ cho tất cả."),
        "silence": silence[rule.silence],
        "silence_working_days": Words(
            "Từ khi báo cáo đến, đơn vị có ít nhất %(silence_working_days)s.",
            silence_working_days=_days(rule.silence_working_days),
        ),
        "objection": objection[rule.objection],
        "carry": carry[rule.carry],
    }


TAKES_MORE_DAYS = (Fallback.POSTPONE, Fallback.WRITTEN)
"""What the further days `fallback_working_days` are for."""


def approval_sentences(rule: ApprovalRule) -> dict[str, str]:
    """Each rule of the voting in a sentence, by its name in the file."""
    base = {
        MajorityOf.ALL: Words("tổng số thành viên"),
        MajorityOf.PRESENT: Words("số thành viên tham gia biểu quyết, kể cả phiếu trắng"),
        MajorityOf.CAST: Words("số phiếu thông qua và trả lại, không tính phiếu trắng"),
    }[rule.of]
    veto = {
        Veto.NONE: Words("Không ai có quyền phủ quyết."),
        Veto.CHAIR: Words("Người chủ trì trả lại thì báo cáo bị trả lại, dù đa số đồng ý."),
        Veto.ANY: Words("Một thành viên trả lại là báo cáo bị trả lại."),
    }
    more = _days(rule.fallback_working_days)
    fallback = {
        Fallback.WAIT: Words(
            "Hết giờ nhận phiếu mà chưa có kết quả thì văn phòng đưa ra họp hoặc lấy ý kiến bằng phiếu giấy."
        )
        if rule.until
        else Words("Hết hạn mà chưa có kết quả thì vẫn nhận phiếu đến ngày khóa kỳ."),
        Fallback.COUNT: Words("Hết hạn thì chốt với số phiếu đã có; ai chưa biểu quyết là chưa đồng ý."),
        Fallback.CHAIR: Words(
            "Hết hạn mà chưa có kết quả thì người chủ trì quyết định, khi đủ số người tham gia tối thiểu."
        ),
        Fallback.POSTPONE: Words(
            "Hết hạn mà chưa có kết quả thì lùi %(more)s, rồi chốt với số phiếu đã có.", more=more
        ),
        Fallback.WRITTEN: Words(
            "Hết hạn mà chưa có kết quả thì lấy ý kiến bằng văn bản trong %(more)s, rồi chốt.", more=more
        ),
    }
    early_close = {
        EarlyClose.NO: Words("Chờ đủ mọi phiếu hoặc hết hạn rồi mới có kết quả."),
        EarlyClose.AFTER_CHAIR: Words(
            "Kết thúc sớm khi người chủ trì đã bỏ phiếu và các phiếu còn lại không đổi được kết quả."
        ),
        EarlyClose.YES: Words("Kết thúc sớm khi các phiếu còn lại không đổi được kết quả."),
    }
    shows = {
        Shows.NOTHING: Words(
            "Khi đang biểu quyết, thành viên chỉ thấy phiếu của mình; biên bản chỉ ghi số phiếu."
        ),
        Shows.COUNTS: Words(
            "Khi đang biểu quyết, thành viên thấy số phiếu mỗi loại, văn phòng chỉ thấy ai chưa bỏ phiếu; "
            "biên bản chỉ ghi số phiếu."
        ),
        Shows.NAMES: Words("Thành viên thấy ai đã biểu quyết thế nào; biên bản ghi họ tên bên cạnh phiếu."),
    }
    later = _days(rule.undecided_working_days)
    undecided = {
        Undecided.REPORTED: Words(
            "Hết kỳ mà đơn vị phối hợp hoặc cấp phê duyệt chưa trả lời thì báo cáo vẫn được tính theo số đã "
            "báo cáo, ghi rõ là chưa quyết định và ai chưa trả lời."
        ),
        Undecided.LEFT_OUT: Words(
            "Hết kỳ mà đơn vị phối hợp hoặc cấp phê duyệt chưa trả lời thì báo cáo không được tính vào số "
            "liệu và điểm."
        ),
        Undecided.AFTERWARDS: Words(
            "Hết kỳ mà đơn vị phối hợp hoặc cấp phê duyệt chưa trả lời thì còn được trả lời trong %(later)s "
            "nữa; sau đó tính theo số đã báo cáo.",
            later=later,
        ),
    }
    return {
        "committee": Words("Thành viên %(committee)s biểu quyết.", committee=rule.committee)
        if rule.committee
        else Words("Thành viên tập thể được giao biểu quyết các nội dung bỏ phiếu."),
        "more_than": Words(
            "Thông qua khi phiếu đồng ý %(more_than)s %(base)s; vừa bằng là chưa đủ.",
            more_than=_share(rule.more_than),
            base=base,
        ),
        "of": Words("Tỷ lệ đồng ý tính trên %(base)s.", base=base),
        "quorum": Words(
            "Phải có ít nhất %(quorum)s tổng số thành viên tham gia; chưa đủ thì chưa có quyết định nào.",
            quorum=rule.quorum,
        )
        if rule.quorum
        else Words("Không đòi tỷ lệ thành viên tham gia tối thiểu."),
        "quorum_count": Words(
            "Phải có ít nhất %(quorum_count)s thành viên tham gia; chưa đủ thì chưa có quyết định nào.",
            quorum_count=rule.quorum_count,
        )
        if rule.quorum_count
        else Words("Không đòi số thành viên tham gia tối thiểu."),
        "casting_vote": Words(
            "Đúng một nửa đồng ý thì theo bên có người chủ trì; ít hơn một nửa thì không thông qua."
        )
        if rule.casting_vote
        else Words("Hai bên bằng phiếu là chưa thông qua; phiếu của người chủ trì như mọi phiếu khác."),
        "veto": veto[rule.veto],
        "recuse_leader": Words("Thành viên phụ trách nội dung không biểu quyết nội dung ấy.")
        if rule.recuse_leader
        else Words("Thành viên phụ trách nội dung vẫn biểu quyết nội dung ấy."),
        "recuse_unit": Words("Thành viên thuộc đơn vị chủ trì không biểu quyết nội dung ấy.")
        if rule.recuse_unit
        else Words("Thành viên thuộc đơn vị chủ trì vẫn biểu quyết nội dung ấy."),
        "recused_in_base": Words(
            "Người không được hoặc xin không biểu quyết vẫn tính vào tổng số thành viên."
        )
        if rule.recused_in_base
        else Words("Người không được hoặc xin không biểu quyết không tính vào tổng số thành viên."),
        "substitutes": Words("Người được cử thay có thể biểu quyết thay, nếu việc cử thay ghi rõ.")
        if rule.substitutes
        else Words("Thành viên tự mình biểu quyết, không ai biểu quyết thay."),
        "early_close": early_close[rule.early_close],
        "until": Words(
            "Ngày cuối chỉ nhận phiếu đến trước %(hour)s giờ %(minute)s.",
            hour=f"{rule.until:%H}",
            minute=f"{rule.until:%M}",
        )
        if rule.until
        else Words("Nhận phiếu đến hết ngày cuối."),
        "fallback": fallback[rule.fallback],
        "fallback_working_days": Words("Thời gian lùi hoặc lấy ý kiến bằng văn bản là %(more)s.", more=more)
        if rule.fallback in TAKES_MORE_DAYS
        else Words(
            "Nếu lùi hoặc lấy ý kiến bằng văn bản thì thời gian là %(more)s; cách này chưa áp dụng.",
            more=more,
        ),
        "silence_is_consent": Words("Không trả lời khi được lấy ý kiến bằng văn bản thì coi là đồng ý.")
        if rule.silence_is_consent
        else Words("Không trả lời thì không bao giờ coi là đồng ý."),
        "carry_approvals": Words(
            "Báo cáo bị trả lại rồi gửi bản mới thì ai đã đồng ý không phải biểu quyết lại."
        )
        if rule.carry_approvals
        else Words("Báo cáo có bản mới thì mọi thành viên biểu quyết lại."),
        "one_time_code": Words("Biểu quyết qua đường dẫn phải nhập mã một lần gửi qua thư.")
        if rule.one_time_code
        else Words("Biểu quyết qua đường dẫn không cần mã một lần."),
        "shows": shows[rule.shows],
        "undecided": undecided[rule.undecided],
        "undecided_working_days": Words("Thời gian được trả lời sau khi hết kỳ là %(later)s.", later=later)
        if rule.undecided is Undecided.AFTERWARDS
        else Words(
            "Nếu cho trả lời sau khi hết kỳ thì thời gian là %(later)s; cách này chưa áp dụng.", later=later
        ),
    }


def _bodies(rule: BodiesRule) -> dict[str, str]:
    return {
        "items": Words("Các nội dung do “%(body)s” biểu quyết.", body=rule.items)
        if rule.items
        else Words("Các nội dung do ban biểu quyết của danh bạ biểu quyết; có nhiều ban thì phải ghi rõ."),
        "report": Words("Duyệt báo cáo của kỳ là việc của “%(body)s”.", body=rule.report)
        if rule.report
        else Words("Duyệt báo cáo của kỳ là việc của tập thể biểu quyết các nội dung."),
        "scores": Words("Điểm do “%(body)s” biểu quyết.", body=rule.scores)
        if rule.scores
        else Words("Điểm do hội đồng thi đua biểu quyết; không có thì tập thể biểu quyết các nội dung."),
        "commendations": Words("Khen thưởng do “%(body)s” biểu quyết.", body=rule.commendations)
        if rule.commendations
        else Words("Khen thưởng do hội đồng thi đua biểu quyết; không có thì tập thể biểu quyết điểm."),
    }


def _mail(rule: MailRule) -> dict[str, str]:
    before = [str(days) for days in rule.remind_working_days_before if days]
    days = Words("Nhắc trước hạn %(days)s ngày làm việc.", days=joined(before)) if before else ""
    on_the_day = Words("Nhắc vào ngày hết hạn.") if 0 in rule.remind_working_days_before else ""
    return {
        "settle_minutes": Words(
            "Việc phát sinh trong %(settle_minutes)s phút được gộp vào một thư.",
            settle_minutes=rule.settle_minutes,
        ),
        "gap_hours": Words(
            "Hai thư tổng hợp cho một người cách nhau ít nhất %(gap_hours)s giờ.", gap_hours=rule.gap_hours
        ),
        "from_hour": Words("Không gửi thư trước %(from_hour)s giờ.", from_hour=rule.from_hour),
        "to_hour": Words("Không gửi thư từ %(to_hour)s giờ trở đi.", to_hour=rule.to_hour),
        "on_days_off": Words("Gửi thư cả ngày nghỉ.")
        if rule.on_days_off
        else Words("Không gửi thư vào ngày nghỉ."),
        "receipts": Words("Mỗi việc đã ghi nhận có thư xác nhận.")
        if rule.receipts
        else Words("Không gửi thư xác nhận."),
        "remind_working_days_before": Words.joined([days, on_the_day]) or Words("Không nhắc trước hạn."),
    }


def _escalation(rule: EscalationRule) -> dict[str, str]:
    who = {
        EscalateTo.HEAD: Words("người đứng đầu đơn vị"),
        EscalateTo.LEADER: Words("lãnh đạo phụ trách nội dung"),
        EscalateTo.CHAIR: Words("người chủ trì biểu quyết"),
        EscalateTo.INSPECTORS: Words("ủy ban kiểm tra"),
    }
    steps = joined(
        [
            Words(
                "quá %(late_working_days)s ngày thì báo %(who)s",
                late_working_days=step.late_working_days,
                who=who[step.to],
            )
            for step in rule.steps
        ]
    )
    return {
        "steps": Words("Trễ hạn (ngày làm việc): %(steps)s.", steps=steps)
        if steps
        else Words("Trễ hạn không báo lên cấp trên."),
        "repeated_times": Words(
            "Trễ từ %(repeated_times)s kỳ là trễ nhiều lần.", repeated_times=rule.repeated_times
        ),
        "repeated_periods": Words(
            "Xét trễ nhiều lần trong %(repeated_periods)s kỳ gần nhất.",
            repeated_periods=rule.repeated_periods,
        ),
        "long_working_days": Words(
            "Trễ quá %(long_working_days)s một lần cũng vào danh sách kiểm tra.",
            long_working_days=_days(rule.long_working_days),
        ),
        "opinion_working_days": Words(
            "Khó khăn, vướng mắc có ý kiến trong %(opinion_working_days)s.",
            opinion_working_days=_days(rule.opinion_working_days),
        ),
    }


def _report(rule: ReportRule) -> dict[str, str]:
    approval = {
        ReportApproval.NONE: Words("Khóa kỳ xong thì báo cáo của kỳ được gửi ngay, không qua phê duyệt."),
        ReportApproval.CHAIR: Words("Báo cáo của kỳ do người chủ trì phê duyệt trước khi phát hành."),
        ReportApproval.COMMITTEE: Words("Báo cáo của kỳ phát hành khi quá nửa tổng số thành viên phê duyệt."),
    }
    return {
        "approval": approval[rule.approval],
        "approve_working_days": Words(
            "Người phê duyệt báo cáo cho ý kiến trong %(approve_working_days)s kể từ ngày trình; "
            "im lặng không phải là phê duyệt.",
            approve_working_days=_days(rule.approve_working_days),
        ),
    }


def _figures(rule: FigureRule) -> dict[str, str]:
    counts = {
        Counts.IN_PERIOD: Words("Chỉ tiêu đếm được báo số của riêng kỳ; nhiều kỳ thì cộng lại."),
        Counts.TO_DATE: Words("Chỉ tiêu đếm được báo số lũy kế từ đầu năm; nhiều kỳ thì lấy số của kỳ cuối."),
    }
    rates = {
        Rates.LAST: Words("Tỷ lệ, thứ hạng của nhiều kỳ là số của kỳ cuối, không cộng."),
        Rates.MEAN: Words("Tỷ lệ của nhiều kỳ là bình quân các kỳ, không cộng."),
    }
    done = {
        DoneBy.TARGETS: Words(
            "Nội dung có chỉ tiêu chỉ tính là hoàn thành khi đơn vị báo hoàn thành và các chỉ tiêu đều đạt."
        ),
        DoneBy.REPORT: Words(
            "Nội dung đơn vị báo hoàn thành được tính là hoàn thành; chỉ tiêu chưa đạt ghi ngay bên cạnh."
        ),
    }
    ways = {
        "sum": Words("cộng các kỳ"),
        "last": Words("lấy số của kỳ cuối"),
        "mean": Words("lấy bình quân các kỳ"),
        "highest": Words("lấy kỳ cao nhất"),
        "lowest": Words("lấy kỳ thấp nhất"),
    }
    return {
        "counts": counts[rule.counts],
        "rates": rates[rule.rates],
        "done": done[rule.done],
        "weights": Words(
            "Bình quân tỷ lệ tính theo trọng số là số liệu %(measures)s của nội dung.",
            measures=joined(list(rule.weights)),
        )
        if rule.weights
        else Words("Bình quân tỷ lệ không có trọng số."),
        **{
            name: Words("Riêng %(targets)s thì %(way)s.", targets=joined(list(getattr(rule, name))), way=way)
            if getattr(rule, name)
            else Words("Không có số liệu nào riêng phải %(way)s.", way=way)
            for name, way in ways.items()
        },
    }
