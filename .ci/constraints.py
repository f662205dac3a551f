"""Keeps `constraints.txt` equal to `uv.lock`, so that plain pip installs the same versions.

python .ci/constraints.py            writes it
python .ci/constraints.py --check    fails where it differs
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = "# pip install -c constraints.txt . -- made from uv.lock by .ci/constraints.py; do not edit.\n"


def exported() -> str:
    """The lock's runtime requirements, markers and all, without hashes (pip -c takes none)."""
    beside = Path(sys.executable).parent / "uv"
    uv = str(beside) if beside.exists() else shutil.which("uv") or "uv"
    bare = ["--no-dev", "--all-extras", "--no-hashes", "--no-emit-project", "--no-header", "--no-annotate"]
    return (
        HEAD
        + subprocess.run(  # noqa: S603 - uv of this environment, with literals
            [uv, "export", "--frozen", *bare],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    )


def main() -> int:
    """Writes the file, or says whether it is up to date."""
    file = ROOT / "constraints.txt"
    wanted = exported()
    if "--check" in sys.argv:
        if file.read_text() != wanted:
            print("constraints.txt differs from uv.lock; run: python .ci/constraints.py")
            return 1
        return 0
    file.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
