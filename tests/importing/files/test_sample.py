"""The sample plan and its directory go together and show what a real table shows."""

from __future__ import annotations

from workflow.domain.people.directory import Role
from workflow.domain.plans.plan import ScheduleKind
from workflow.importing.files.directory_file import read_directory
from workflow.importing.findings.findings import FindingKind
from workflow.importing.reading import read_plan
from workflow.sample import directory_path, plan_path

DIRECTORY = read_directory(directory_path())
READING = read_plan(plan_path(), directory=DIRECTORY)
ITEMS = READING.plan.items
ROWS = [row for item in ITEMS for row in (item, *item.parts)]


def test_the_sample_has_forty_items_in_two_parts() -> None:
    assert len(ITEMS) == 40
    assert {item.section_codes[0] for item in ITEMS} == {"I", "II"}
    assert READING.plan.year == 2026


def test_every_lead_of_the_sample_is_in_its_directory_and_has_a_reporter() -> None:
    reporting = {unit for person in DIRECTORY.persons for unit, role in person.roles if role is Role.REPORTER}
    for row in ROWS:
        assert row.lead_ids, row.code
        assert set(DIRECTORY.expanded(unit_id or "" for unit_id in row.lead_ids)) <= reporting, row.code
        assert None not in row.lead_ids, row.code


def test_the_sample_has_many_leads_and_items_with_and_without_coordination() -> None:
    assert len({unit_id for item in ITEMS for unit_id in item.lead_ids}) >= 6
    alone = [item for item in ITEMS if not item.coordinating_ids]
    assert 0 < len(alone) < len(ITEMS) / 3


def test_every_time_cell_of_the_sample_is_read() -> None:
    for row in ROWS:
        assert bool(row.start_text) == (row.start is not None), row.start_text
        assert bool(row.deadline_text) == (row.deadline is not None), row.deadline_text
    kinds = {row.deadline.kind for row in ROWS if row.deadline} | {
        row.start.kind for row in ROWS if row.start
    }
    assert kinds >= {
        ScheduleKind.MILESTONES,
        ScheduleKind.BEFORE,
        ScheduleKind.CADENCE,
        ScheduleKind.PER_PROJECT,
    }


def test_the_sample_shows_the_oddities_of_a_real_table() -> None:
    assert {finding.kind for finding in READING.findings} >= {
        FindingKind.COUNT_DIFFERS,
        FindingKind.NUMBER_MISSING,
        FindingKind.NUMBER_ABSENT,
        FindingKind.TWO_SPELLINGS,
        FindingKind.PERSON_AS_UNIT,
        FindingKind.BEYOND_YEAR,
        FindingKind.DEADLINE_MISSING,
    }
    assert any(len(item.leaders) > 1 for item in ITEMS)
    assert any(item.parts for item in ITEMS)


def test_the_committee_of_the_sample_has_seven_votes_and_one_chair() -> None:
    roles = [role for person in DIRECTORY.persons for unit, role in person.roles if unit == "ban-thuong-vu"]
    assert roles.count(Role.CHAIR) == 1
    assert roles.count(Role.MEMBER) == 6
    assert Role.OFFICE in {role for person in DIRECTORY.persons for _, role in person.roles}
    assert all(person.email.endswith("@hoaxuandong.example") for person in DIRECTORY.persons)
