"""How long reading a plan takes in each format, and how much memory: seconds, items a second, peak MB.

    python -m benchmarks.importing                    1,000 items in each format
    python -m benchmarks.importing --items 5000 --formats txt docx

Each format is read in a process of its own, so that its peak is its own; `MB` is what reading adds to the
libraries once loaded, `peak MB` is all the process ever held. Reading is one thread that waits for nothing,
so `seconds` are of its own work, and `by the clock` is longer only where others use the machine.
Making the PDF takes LibreOffice a while.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.importing.make_documents import COLUMNS, MAKERS, SOFFICE, plan_to_make

TARGET_SECONDS, TARGET_MB = 3.0, 200.0
HEADER = "\t".join(COLUMNS.values())
LEADERS = ("Đ/c Lê Thị Mai - UVTV, Chủ tịch UBMTTQ phường", "Đ/c Hồ Đức Trí - UVTV, PCT UBND phường")


def a_plan(items: int) -> bytes:
    """A plan of as many items, twenty under each heading, three to a leader."""
    lines = ["KẾ HOẠCH", "Thực hiện nhiệm vụ trọng tâm năm 2026", "", HEADER]
    for index in range(items):
        section, number = divmod(index, 20)
        if not number:
            lines.append(f"{section + 1}\t<b>Nhóm nhiệm vụ số {section + 1}</b>" + "\t" * 5)
        cells = (
            f"{section + 1}.{number + 1}",
            f"Vận động {index + 20} lượt hộ gia đình phân loại rác tại nguồn, đạt trên 95% số hộ; "
            f"giữ gìn vệ sinh môi trường tuyến phố số {index + 1}",
            LEADERS[index // 3 % 2],
            "UBND phường",
            f"Công an phường, Hội LHPN, các TDP số 1, 2, {index % 20 + 3}",
            f"Quý {'I' * (index % 3 + 1)}/2026",
            f"Tháng {index % 12 + 1}/2026",
        )
        lines.append("\t".join(cells))
    return "\n".join((*lines, "")).encode()


def read_once(file: Path) -> dict[str, float]:
    """Read a file in this process, and say what it took."""
    from workflow.importing.reading import read_plan

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, clock = time.process_time(), time.perf_counter()
    reading = read_plan(file)
    seconds, clock = time.process_time() - start, time.perf_counter() - clock
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "items": len(reading.plan.items),
        "seconds": seconds,
        "clock": clock,
        "added": (peak - before) / 1024,
        "peak": peak / 1024,
    }


def measured(file: Path) -> dict[str, float]:
    """What reading a file takes in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.importing", "--read", str(file)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def main() -> None:
    """Measure each format and print the table; the exit code says whether the targets were met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--formats", nargs="+", choices=["txt", *MAKERS], default=["txt", *MAKERS])
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        print(json.dumps(read_once(options.read)))
        return
    text = a_plan(options.items)
    made = plan_to_make(text, is_broken=False)
    rows: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for ending in options.formats:
            if ending == "pdf" and SOFFICE is None:
                print("pdf: LibreOffice is not here to print it")
                continue
            file = Path(folder) / f"plan.{ending}"
            file.write_bytes(text if ending == "txt" else MAKERS[ending](made))
            rows[ending] = {"kb": file.stat().st_size / 1024, **measured(file)}
    _print(rows)
    is_met = all(row["seconds"] < TARGET_SECONDS and row["peak"] < TARGET_MB for row in rows.values())
    if options.items <= 1000:
        print(f"targets: < {TARGET_SECONDS:.0f} s and < {TARGET_MB:.0f} MB: {'met' if is_met else 'MISSED'}")
        sys.exit(not is_met)


def _print(rows: dict[str, dict[str, float]]) -> None:
    fastest = min(row["seconds"] for row in rows.values())
    headers = ("KB", "items", "seconds", "by the clock", "items/s", "ratio", "MB", "peak MB")
    print(f"{'format':<10}", *(f"{header:>{len(header) + 2}}" for header in headers))
    for ending, row in rows.items():
        figures = (
            f"{row['kb']:.0f}",
            f"{row['items']:.0f}",
            f"{row['seconds']:.2f}",
            f"{row['clock']:.2f}",
            f"{row['items'] / row['seconds']:.0f}",
            f"{row['seconds'] / fastest:.1f}",
            f"{row['added']:.0f}",
            f"{row['peak']:.0f}",
        )
        columns = zip(headers, figures, strict=True)
        print(f"{ending:<10}", *(f"{figure:>{len(header) + 2}}" for header, figure in columns))


if __name__ == "__main__":
    main()
