"""The `tiendo` command. Each group of commands is a module; this one joins them and prints errors.

Exit codes: 0 done, 1 refused or failed with a message for a person, 2 a wrong call or no input.
"""

from __future__ import annotations

import gc
import sys

import typer

from workflow.cli import api, mail, office, organisation, person
from workflow.cli.audit import app as audit
from workflow.cli.checks import doctor
from workflow.cli.demo.demo import demo, play
from workflow.cli.periods import commend, cycle, days_off, report, rollup, rules, score
from workflow.cli.periods.period import app as period
from workflow.cli.plans import plan
from workflow.cli.retention import retention
from workflow.cli.text import say_error
from workflow.cli.tools import reconcile
from workflow.cli.up import mailer, up, web, worker
from workflow.domain.errors import TiendoError
from workflow.log_masking import mask_logs
from workflow.private_files import mask_new_files

app = typer.Typer(
    name="tiendo",
    help="Kế hoạch năm: báo cáo, xác nhận, biểu quyết, tổng hợp, chấm điểm. / An annual plan, run.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command()(up)
app.command()(demo)
app.command(hidden=True)(play)
app.command(rich_help_panel="Parts of a larger installation")(web)
app.command(rich_help_panel="Parts of a larger installation")(mailer)
app.command(rich_help_panel="Parts of a larger installation")(worker)
app.command(rich_help_panel="Upkeep")(reconcile)
app.command(rich_help_panel="Upkeep")(retention)
app.add_typer(plan.app, name="plan", help="Đọc, kiểm tra một kế hoạch. / Read and check a plan.")
app.add_typer(period, name="period", help="Mở, theo dõi, khóa một kỳ. / Open, watch, close a period.")
app.add_typer(days_off.app, name="days-off", help="Ngày nghỉ, ngày làm bù. / Days off, days made up.")
app.add_typer(
    cycle.app,
    name="cycle",
    help="Thu hồi, rút, mở lại, giao lại, lùi hạn một nội dung. / Orders about an item.",
)
app.add_typer(rules.app, name="rules", help="Xem xét các quy tắc. / Check, explain, compare rules.")
app.add_typer(rollup.app, name="rollup", help="Tổng hợp qua các kỳ, các đơn vị. / Figures over periods.")
app.add_typer(organisation.app, name="organisation", help="Cấp trên, cấp dưới. / Who stands under whom.")
app.add_typer(office.app, name="office", help="Vào trang của Văn phòng. / The office's pages.")
app.add_typer(score.app, name="score", help="Chấm điểm thi đua. / Emulation scores, opened up.")
app.add_typer(report.app, name="report", help="Mẫu và tệp báo cáo. / Templates and files of reports.")
app.add_typer(commend.app, name="commend", help="Khen thưởng: danh sách, lý do, kết quả. / Commendations.")
app.add_typer(mail.app, name="mail", help="Thư trả về. / Mails that came back.")
app.add_typer(doctor.app, name="doctor", help="Kiểm tra một bản đang chạy. / Examine a running deployment.")
app.add_typer(person.app, name="person", help="Dữ liệu của một người. / One person and their data.")
app.add_typer(api.app, name="api", help="Khóa API và webhook. / Keys of the API, and webhooks.")
app.add_typer(audit, name="audit", help="Sổ ghi nối chuỗi. / The hash-chained log.")


def main() -> None:
    """Runs the command line; a TiendoError is printed as a message, without a traceback."""
    # Imported modules are never freed: freezing them saves the collector scanning them (a seventh of the time
    # of closing a period).
    gc.freeze()
    mask_new_files()
    mask_logs()
    try:
        app()
    except TiendoError as error:
        say_error(error)
        sys.exit(1)
