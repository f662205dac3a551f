"""schemathesis against the API: no 5xx, and no answer that its description does not tell.

API_EXAMPLES=300 python -m pytest tests/web/api/test_api_schema.py     many more, at random
"""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.builders import NOW, Opened, a_plan, a_store, an_issued_file, confirmed, submitted, voted
from tests.web.asking import System, a_system
from workflow.importing.files.rules_file import read_scoring
from workflow.sample import scoring_path
from workflow.storage.cycles.acts import Evidence
from workflow.storage.files import Files
from workflow.storage.rules import scoring_of
from workflow.storage.scores.commendations import NewCandidate, put_forward
from workflow.storage.tables import rules
from workflow.web.api.app import create_api
from workflow.web.limiting import Limit, Limits, Rate

EXAMPLES = int(os.environ.get("API_EXAMPLES", "0"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
    unsupported_method,
    ignored_auth,
]
"""All but `positive_data_acceptance`: an address that reads well may still lead into the house."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> System:
    """A period with something in every list: all stages, evidence, a report, a webhook with deliveries."""
    folder = tmp_path_factory.mktemp("api")
    found = a_system(folder, store=a_store(folder), plan=a_plan(6))
    opened = found.opened
    site = found.visit.client.app.state.site  # type: ignore[attr-defined]
    boundless = Limit(Rate(1e9, 1e9))
    object.__setattr__(site, "limits", Limits(boundless, boundless, boundless, boundless))
    made = {"name": "a", "url": "https://example.com/", "events": ["submission.received"]}
    for _ in range(2):
        assert found.ask("/webhooks", method="POST", json=made).status_code == 201
    sha256 = Files(f"file://{folder / 'files'}").put(b"%PDF")
    evidence = (Evidence(sha256, "ảnh.pdf", "application/pdf", 4),)
    submitted(opened, opened.cycles[0], evidence=evidence, difficulties="Thiếu vốn.")
    for cycle in opened.cycles[1:3]:
        submitted(opened, cycle)
        confirmed(opened, cycle, "mttq", "cong-an")
    voted(opened, opened.cycles[1], "bi-thu", "pho-bi-thu", "uy-vien-1")
    a_commendation(opened)
    an_issued_file(opened, sha256, "a.docx", "application/pdf")
    return found


def a_commendation(opened: Opened) -> None:
    """Someone put forward by hand, for the council was not asked yet; and the rule's own list."""
    scoring = read_scoring(scoring_path())
    with opened.store.begin() as tx:
        tx.execute(rules.update().values(scoring=scoring))
        office, unit = opened.person("van-phong"), opened.units["ubnd"]
        new = NewCandidate("giay-khen-ca-nhan", unit, "Lê Thị Mỹ", "Công chức", "Sáng kiến", "QĐ 7")
        put_forward(tx, office, opened.period_id, new, scoring_of(scoring).awards, NOW)


_SITES: list[ASGIApp] = []


async def _answered(scope: Scope, receive: Receive, send: Send) -> None:
    """The site of the fixture: the cases are made before it is."""
    await _SITES[-1](scope, receive, send)


SCHEMA = schemathesis.openapi.from_dict(create_api(None).openapi())  # type: ignore[arg-type]
SCHEMA.app = _answered
_KNOWN: dict[str, Any] = {}
"""Ids and contents that there are, by the parameter's name."""


@pytest.fixture(scope="module", autouse=True)
def serving(system: System) -> None:
    """Has the cases answered by the site."""
    _KNOWN.update(
        period_id=system.opened.period_id,
        plan_id=system.opened.plan_id,
        cycle_id=system.opened.cycles[0],
        webhook_id=1,
        delivery_id=1,
        sha256=system.ask(f"/periods/{system.opened.period_id}/reports").json()[0]["sha256"],
    )
    _SITES.append(system.visit.client.app)


@SCHEMA.hook
def map_path_parameters(context: Any, given: dict[str, Any] | None) -> dict[str, Any] | None:
    """Leads most ids that are well formed to what there is: at random they would find nothing."""
    if given and all(_is_well_formed(value) for value in given.values()):
        is_left = sum(len(str(value)) for value in given.values()) % 4 == 0
        if context.operation.method == "delete":
            return {"webhook_id": 2}
        return given if is_left else {name: _KNOWN[name] for name in given}
    return given


def _is_well_formed(value: Any) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return 1 <= value < 2**31
    return isinstance(value, str) and len(value) == 64 and not value.strip("0123456789abcdef")


@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES or 8,
    derandomize=not EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_the_description_tells(case: Any, system: System) -> None:
    # Where the case leaves the key out on purpose, it is not put back.
    headers = case.meta.components.get(ParameterLocation.HEADER) if case.meta else None
    leaves_out = headers is not None and headers.mode.is_negative
    key = {} if leaves_out else {"Authorization": f"Bearer {system.token}"}
    case.call_and_validate(headers=key, checks=CHECKS)
