"""Looks the locked packages up among the published advisories (pip-audit over PyPI's own list).

python .ci/advisories.py             exit code 1 where one is affected and `advisories.toml` gives no reason
python .ci/advisories.py --osv       asks osv.dev instead

Where the service does not answer, or knows nothing of our packages (a mirror), it says so loudly and does not
fail: a build must not depend on a machine elsewhere, and must not be called checked when it was not.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ACCEPTED = Path(__file__).with_name("advisories.toml")
PROBE = "jinja2==3.1.2\n"
"""A version with advisories that everybody has: who does not know of them answers nothing useful."""


@dataclass(frozen=True)
class Verdict:
    """What is to be said, and whether the build fails by it."""

    lines: tuple[str, ...]
    fails: bool


def judged(audited: Mapping[str, Any], accepted: Mapping[str, str]) -> Verdict:
    """What pip-audit's JSON comes to, given the advisories accepted with their reasons."""
    lines: list[str] = []
    fails = False
    met: set[str] = set()
    unknown = [one["name"] for one in audited["dependencies"] if "skip_reason" in one]
    for one in audited["dependencies"]:
        for found in one.get("vulns", ()):
            names = {found["id"], *found.get("aliases", ())}
            known = sorted(names & accepted.keys())
            met |= set(known)
            what = (
                f"{one['name']} {one['version']}: {found['id']}, fixed in {found.get('fix_versions') or '-'}"
            )
            if known:
                lines.append(f"accepted: {what} ({accepted[known[0]]})")
            else:
                fails = True
                lines.append(f"AFFECTED: {what}")
    lines += [f"no longer met, take it out of {ACCEPTED.name}: {one}" for one in accepted.keys() - met]
    if unknown:
        lines.append(f"NOT LOOKED UP ({len(unknown)}), unknown to the service: {', '.join(sorted(unknown))}")
    n_checked = len(audited["dependencies"]) - len(unknown)
    lines.append(f"{n_checked} locked packages looked up among the published advisories.")
    return Verdict(tuple(lines), fails)


def accepted_from(text: str) -> dict[str, str]:
    """The advisories that are accepted, with the reason of each; raises ValueError where one has none."""
    found: dict[str, str] = {}
    for name, told in tomllib.loads(text).items():
        reason = told.get("reason", "") if isinstance(told, dict) else ""
        if not reason.strip():
            raise ValueError(f"{ACCEPTED.name}: {name} is accepted without a reason")
        found[name] = reason
    return found


def _locked() -> str:
    uv = Path(sys.executable).parent / "uv"
    bare = ["--all-groups", "--no-hashes", "--no-emit-project", "--no-header", "--no-annotate"]
    command = [str(uv) if uv.exists() else "uv", "export", "--frozen", *bare]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603 - ours


def _audited(requirements: str, service: str) -> dict[str, Any] | None:
    """What pip-audit says of the requirements, None where its service does not answer."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(requirements)
        file.flush()
        quiet = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", "10", "-f", "json"]
        command = [sys.executable, "-m", "pip_audit", "-s", service, *quiet, "-r", file.name]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=300)  # noqa: S603 - ours
        except subprocess.TimeoutExpired:
            return None
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return None
    return found


def main() -> int:
    """Asks, and says what came of it."""
    accepted = accepted_from(ACCEPTED.read_text(encoding="utf-8"))
    service = "osv" if "--osv" in sys.argv else "pypi"
    probed = _audited(PROBE, service)
    if probed is None or not any(one.get("vulns") for one in probed["dependencies"]):
        print(f"ADVISORIES NOT CHECKED: the service ({service}) does not answer from here.")
        return 0
    audited = _audited(_locked(), service)
    if audited is None:
        print(f"ADVISORIES NOT CHECKED: the service ({service}) stopped answering.")
        return 0
    verdict = judged(audited, accepted)
    print("\n".join(verdict.lines))
    return 1 if verdict.fails else 0


if __name__ == "__main__":
    sys.exit(main())
