"""Each routing rule in one Vietnamese sentence, for the person who has to say yes to it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any

from workflow.domain.rules import (
    ApprovalRule,
    Carry,
    Close,
    ConfirmationRule,
    Confirming,
    Counts,
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
    Veto,
)
from workflow.domain.rules_layers import layered
from workflow.domain.vietnamese import joined, number
from workflow.domain.words import Words

TITLES = {
    "period": "Kỳ báo cáo",
    "schedule": "Lịch các kỳ",
    "confirmation": "Xác nhận phối hợp",
    "approval": "Biểu quyết",
    "mail": "Thư",
    "escalation": "Đôn đốc theo cấp",
    "report": "Báo cáo của kỳ",
    "figures": "Cộng số liệu qua các kỳ",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """What one rule says. `group` and `rule` are its place in the file; `scope` names the items it holds for,
    empty for all."""

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
        *_sentences("approval", rules.approval, approval_told(rules.approval)),
        *_sentences("mail", rules.mail, _mail(rules.mail)),
        *_sentences("escalation", rules.escalation, _escalation(rules.escalation)),
        *_sentences("report", rules.report, _report(rules.report)),
        *_sentences("figures", rules.figures, _figures(rules.figures)),
    ]
    for place, override in enumerate(rules.overrides):
        found += _overridden(rules, place, override)
    return found


def _sentences(group: str, rule: Any, told: dict[str, str]) -> list[Sentence]:
    """One sentence a rule; a rule without one would be a rule nobody was asked about."""
    return [Sentence(group, one.name, told[one.name]) for one in fields(rule)]


def _overridden(rules: Rules, place: int, override: Override) -> list[Sentence]:
    scope = scope_told(override)
    over = layered(rules, (place,))
    wanted = {"confirmation": dict(override.confirmation), "approval": dict(override.approval)}
    return [
        replace(one, scope=scope)
        for one in explained(replace(over, overrides=()))
        if one.rule in wanted.get(one.group, {})
    ]


def scope_told(override: Override) -> str:
    """Which items the override is about: `mục I.2, chỉ tiêu từ 5.000 triệu đồng`."""
    told = []
    if override.item:
        told.append(f"nội dung {override.item}")
    if override.section:
        told.append(f"mục {override.section}")
    if override.amount_from is not None:
        told.append(f"chỉ tiêu từ {number(override.amount_from)} {override.measure}".rstrip())
    return ", ".join(told)


def _days(count: int) -> str:
    return f"{count} ngày làm việc"


def _share(share: Fraction) -> str:
    return "quá nửa" if share == Fraction(1, 2) else f"hơn {share.numerator}/{share.denominator}"


def _period(rule: PeriodRule) -> dict[str, str]:
    reporting = {
        Reporting.ALL: "Mọi nội dung của kế hoạch đều báo cáo trong kỳ.",
        Reporting.ACTIVE: "Chỉ nội dung đang trong thời gian thực hiện hoặc đã quá hạn mới báo cáo.",
        Reporting.DUE: "Chỉ nội dung đến hạn trong kỳ, hoặc không ghi hạn, mới báo cáo.",
        Reporting.CADENCE: "Mỗi nội dung báo cáo trong kỳ đúng với nhịp của nó; không ghi nhịp thì theo quý.",
    }
    by_day = f"Đơn vị chủ trì báo cáo chậm nhất ngày {rule.due_day} của tháng cuối kỳ"
    after = rule.due_working_days
    match after:
        case None:
            due = "Hạn báo cáo không tính theo ngày cuối kỳ."
        case 0:
            due = "Hạn báo cáo là ngày làm việc cuối kỳ, hoặc ngay sau ngày cuối kỳ nếu ngày ấy nghỉ."
        case _:
            due = f"Hạn báo cáo là {_days(abs(after))} {'sau' if after > 0 else 'trước'} ngày cuối kỳ."
    return {
        "reporting": reporting[rule.reporting],
        "due_day": f"{by_day}." if after is None else f"{by_day}: không dùng, vì đã tính theo ngày cuối kỳ.",
        "due_working_days": due,
        "open_working_days_before": f"Kỳ mở trước hạn báo cáo {_days(rule.open_working_days_before)}.",
        "confirm_working_days": f"Đơn vị phối hợp có {_days(rule.confirm_working_days)} sau hạn báo cáo.",
        "approve_working_days": f"Cấp phê duyệt có {_days(rule.approve_working_days)} sau hạn xác nhận.",
        "cut_off_working_days": f"Kỳ khóa sau hạn biểu quyết {_days(rule.cut_off_working_days)}.",
    }


def _schedule(rule: ScheduleRule) -> dict[str, str]:
    kinds = {
        PeriodKind.MONTH: Words("tháng"),
        PeriodKind.QUARTER: Words("quý"),
        PeriodKind.HALF_YEAR: Words("nửa năm"),
        PeriodKind.YEAR: Words("năm"),
    }
    told = joined([kinds[kind] for kind in rule.kinds])
    close = {
        Close.AUTOMATIC: Words("Kỳ tự khóa, tổng hợp, chấm điểm và lập báo cáo."),
        Close.BY_HAND: Words("Văn phòng tự tay khóa kỳ; đến lúc khóa, văn phòng được nhắc một lần."),
    }
    return {
        "automatic": Words("Kỳ tự mở và tự khóa theo lịch.")
        if rule.automatic
        else Words("Kỳ không tự mở, không tự khóa: văn phòng mở và khóa bằng tay."),
        "kinds": Words("Lịch năm có các kỳ: %(kinds)s.", kinds=told)
        if told
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
        Confirming.ALL: "Mọi đơn vị phối hợp đều phải xác nhận.",
        Confirming.MAJORITY: "Quá nửa số đơn vị phối hợp xác nhận là đủ.",
        Confirming.AT_LEAST: f"Có {rule.at_least} đơn vị phối hợp xác nhận là đủ.",
        Confirming.NONE: "Không cần đơn vị phối hợp xác nhận; báo cáo lên thẳng cấp phê duyệt.",
    }
    used = "" if rule.required is Confirming.AT_LEAST else ", chỉ dùng khi required = “at-least”"
    silence = {
        Silence.CONSENT: "Quá hạn mà im lặng thì coi là đồng ý, và ghi rõ đơn vị im lặng.",
        Silence.ESCALATE: "Quá hạn mà im lặng thì báo cáo vẫn lên cấp phê duyệt, ghi là thiếu ý kiến.",
        Silence.BLOCK: "Im lặng thì báo cáo dừng lại chờ, đến khi có ý kiến hoặc khóa kỳ.",
    }
    objection = {
        Objection.TO_LEAD: "Có đơn vị không đồng ý thì báo cáo trả về đơn vị chủ trì kèm lý do.",
        Objection.TO_COMMITTEE: "Có đơn vị không đồng ý thì báo cáo vẫn lên cấp phê duyệt, kèm ý kiến ấy.",
    }
    carry = {
        Carry.NONE: "Báo cáo có bản mới thì mọi đơn vị xác nhận lại từ đầu.",
        Carry.UNTOUCHED: "Báo cáo có bản mới thì chỉ đơn vị có liên quan đến phần sửa xác nhận lại.",
        Carry.UNLESS_OBJECTION: "Báo cáo có bản mới thì xác nhận cũ vẫn giữ, trừ khi có đơn vị không đồng ý.",
    }
    leads = "được hỏi xác nhận báo cáo do đơn vị kia gửi" if rule.co_leads else "không phải xác nhận"
    return {
        "required": required[rule.required],
        "at_least": f"Số đơn vị xác nhận tối thiểu là {rule.at_least}{used}.",
        "co_leads": f"Đơn vị cùng chủ trì {leads}.",
        "silence": silence[rule.silence],
        "silence_working_days": f"Từ khi báo cáo đến, đơn vị có ít nhất {_days(rule.silence_working_days)}.",
        "objection": objection[rule.objection],
        "carry": carry[rule.carry],
    }


def approval_told(rule: ApprovalRule) -> dict[str, str]:
    """Each rule of the voting in a sentence, by its name in the file."""
    base = {
        MajorityOf.ALL: "tổng số thành viên",
        MajorityOf.PRESENT: "số thành viên tham gia biểu quyết, kể cả phiếu trắng",
        MajorityOf.CAST: "số phiếu thông qua và trả lại, không tính phiếu trắng",
    }[rule.of]
    veto = {
        Veto.NONE: "Không ai có quyền phủ quyết.",
        Veto.CHAIR: "Người chủ trì trả lại thì báo cáo bị trả lại, dù đa số đồng ý.",
        Veto.ANY: "Một thành viên trả lại là báo cáo bị trả lại.",
    }
    more = _days(rule.fallback_working_days)
    fallback = {
        Fallback.WAIT: "Hết hạn mà chưa có kết quả thì vẫn nhận phiếu đến ngày khóa kỳ.",
        Fallback.COUNT: "Hết hạn thì chốt với số phiếu đã có; ai chưa biểu quyết là chưa đồng ý.",
        Fallback.CHAIR: "Hết hạn mà chưa có kết quả thì người chủ trì quyết định.",
        Fallback.POSTPONE: f"Hết hạn mà chưa có kết quả thì lùi {more}, rồi chốt với số phiếu đã có.",
        Fallback.WRITTEN: f"Hết hạn mà chưa có kết quả thì lấy ý kiến bằng văn bản trong {more}, rồi chốt.",
    }
    shows = {
        Shows.NOTHING: "Khi đang biểu quyết, thành viên chỉ thấy phiếu của mình; biên bản chỉ ghi số phiếu.",
        Shows.COUNTS: "Khi đang biểu quyết, thành viên thấy số phiếu mỗi loại; biên bản chỉ ghi số phiếu.",
        Shows.NAMES: "Thành viên thấy ai đã biểu quyết thế nào; biên bản ghi họ tên bên cạnh phiếu.",
    }
    uses = rule.fallback in (Fallback.POSTPONE, Fallback.WRITTEN)
    stay = "vẫn tính" if rule.recused_in_base else "không tính"
    return {
        "committee": f"Thành viên {rule.committee or 'ban biểu quyết của đơn vị ban hành'} biểu quyết.",
        "more_than": f"Thông qua khi phiếu đồng ý {_share(rule.more_than)} {base}; vừa bằng là chưa đủ.",
        "of": f"Tỷ lệ đồng ý tính trên {base}.",
        "quorum": f"Phải có ít nhất {rule.quorum} tổng số thành viên tham gia."
        if rule.quorum
        else "Không đòi tỷ lệ thành viên tham gia tối thiểu.",
        "quorum_count": f"Phải có ít nhất {rule.quorum_count} thành viên tham gia."
        if rule.quorum_count
        else "Không đòi số thành viên tham gia tối thiểu.",
        "casting_vote": "Hai bên bằng phiếu thì theo bên có người chủ trì."
        if rule.casting_vote
        else "Hai bên bằng phiếu là chưa thông qua; phiếu của người chủ trì như mọi phiếu khác.",
        "veto": veto[rule.veto],
        "recuse_leader": f"Thành viên phụ trách nội dung {_may(not rule.recuse_leader)} nội dung ấy.",
        "recuse_unit": f"Thành viên thuộc đơn vị chủ trì {_may(not rule.recuse_unit)} nội dung ấy.",
        "recused_in_base": f"Người không được hoặc xin không biểu quyết {stay} vào tổng số thành viên.",
        "substitutes": "Người được cử thay có thể biểu quyết thay, nếu việc cử thay ghi rõ."
        if rule.substitutes
        else "Thành viên tự mình biểu quyết, không ai biểu quyết thay.",
        "early_close": "Kết thúc sớm khi các phiếu còn lại không đổi được kết quả."
        if rule.early_close
        else "Chờ đủ mọi phiếu hoặc hết hạn rồi mới có kết quả.",
        "until": f"Ngày cuối chỉ nhận phiếu đến trước {rule.until:%H giờ %M}."
        if rule.until
        else "Nhận phiếu đến hết ngày cuối.",
        "fallback": fallback[rule.fallback],
        "fallback_working_days": f"Thời gian lùi hoặc lấy ý kiến bằng văn bản là {more}"
        + ("." if uses else ", quy tắc này hiện không dùng đến."),
        "silence_is_consent": "Không trả lời khi được lấy ý kiến bằng văn bản thì coi là đồng ý."
        if rule.silence_is_consent
        else "Không trả lời thì không bao giờ coi là đồng ý.",
        "carry_approvals": "Báo cáo bị trả lại rồi gửi bản mới thì ai đã đồng ý không phải biểu quyết lại."
        if rule.carry_approvals
        else "Báo cáo có bản mới thì mọi thành viên biểu quyết lại.",
        "one_time_code": "Biểu quyết qua đường dẫn phải nhập mã một lần gửi qua thư."
        if rule.one_time_code
        else "Biểu quyết qua đường dẫn không cần mã một lần.",
        "shows": shows[rule.shows],
    }


def _may(is_free: bool) -> str:
    return "vẫn biểu quyết" if is_free else "không biểu quyết"


def _mail(rule: MailRule) -> dict[str, str]:
    days = joined([str(days) for days in rule.remind_working_days_before])
    return {
        "settle_minutes": f"Việc phát sinh trong {rule.settle_minutes} phút được gộp vào một thư.",
        "gap_hours": f"Hai thư tổng hợp cho một người cách nhau ít nhất {rule.gap_hours} giờ.",
        "from_hour": f"Không gửi thư trước {rule.from_hour} giờ.",
        "to_hour": f"Không gửi thư từ {rule.to_hour} giờ trở đi.",
        "on_days_off": "Gửi thư cả ngày nghỉ." if rule.on_days_off else "Không gửi thư vào ngày nghỉ.",
        "receipts": "Mỗi việc đã ghi nhận có thư xác nhận." if rule.receipts else "Không gửi thư xác nhận.",
        "remind_working_days_before": f"Nhắc trước hạn {days} ngày làm việc."
        if days
        else "Không nhắc trước hạn.",
    }


def _escalation(rule: EscalationRule) -> dict[str, str]:
    who = {
        EscalateTo.HEAD: "người đứng đầu đơn vị",
        EscalateTo.LEADER: "lãnh đạo phụ trách nội dung",
        EscalateTo.CHAIR: "người chủ trì biểu quyết",
        EscalateTo.INSPECTORS: "ủy ban kiểm tra",
    }
    steps = joined([f"quá {step.late_working_days} ngày thì báo {who[step.to]}" for step in rule.steps])
    return {
        "steps": f"Trễ hạn (ngày làm việc): {steps}." if steps else "Trễ hạn không báo lên cấp trên.",
        "repeated_times": f"Trễ từ {rule.repeated_times} kỳ là trễ nhiều lần.",
        "repeated_periods": f"Xét trễ nhiều lần trong {rule.repeated_periods} kỳ gần nhất.",
        "long_working_days": f"Trễ quá {_days(rule.long_working_days)} một lần cũng vào danh sách kiểm tra.",
        "opinion_working_days": f"Khó khăn, vướng mắc có ý kiến trong {_days(rule.opinion_working_days)}.",
    }


def _report(rule: ReportRule) -> dict[str, str]:
    approval = {
        ReportApproval.NONE: "Khóa kỳ xong thì báo cáo của kỳ được gửi ngay, không qua phê duyệt.",
        ReportApproval.CHAIR: "Báo cáo của kỳ do người chủ trì phê duyệt trước khi phát hành.",
        ReportApproval.COMMITTEE: "Báo cáo của kỳ phát hành khi quá nửa tổng số thành viên phê duyệt.",
    }
    return {"approval": approval[rule.approval]}


def _figures(rule: FigureRule) -> dict[str, str]:
    counts = {
        Counts.IN_PERIOD: "Chỉ tiêu đếm được báo số của riêng kỳ; nhiều kỳ thì cộng lại.",
        Counts.TO_DATE: "Chỉ tiêu đếm được báo số lũy kế từ đầu năm; nhiều kỳ thì lấy số của kỳ cuối.",
    }
    rates = {
        Rates.LAST: "Tỷ lệ, thứ hạng của nhiều kỳ là số của kỳ cuối, không cộng.",
        Rates.MEAN: "Tỷ lệ của nhiều kỳ là bình quân các kỳ, không cộng.",
    }
    ways = {
        "sum": "cộng các kỳ",
        "last": "lấy số của kỳ cuối",
        "mean": "lấy bình quân các kỳ",
        "highest": "lấy kỳ cao nhất",
        "lowest": "lấy kỳ thấp nhất",
    }
    return {
        "counts": counts[rule.counts],
        "rates": rates[rule.rates],
        "weights": f"Bình quân tỷ lệ tính theo trọng số là số liệu {joined(list(rule.weights))} của nội dung."
        if rule.weights
        else "Bình quân tỷ lệ không có trọng số.",
        **{
            name: f"Riêng {joined(list(getattr(rule, name)))} thì {told}."
            if getattr(rule, name)
            else f"Không có số liệu nào riêng phải {told}."
            for name, told in ways.items()
        },
    }
