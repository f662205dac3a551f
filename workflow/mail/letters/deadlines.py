"""The deadlines a mail brings as a calendar file (RFC 5545), for the receiver's calendar.

Whole days as events, since calendars on telephones and at Gmail or Outlook leave tasks out. Each task keeps
its UID while its day changes, and each new file has a higher SEQUENCE: a calendar moves the event it has.
It contains no link: calendars are shared and copied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event

from workflow.domain.plain_text import one_line, printable

REMINDED_BEFORE = timedelta(hours=15)
"""Before the day begins: at nine in the morning of the day before."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day for one task of one person in one period."""

    task: str
    on: date
    summary: str
    description: str


def is_news(deadlines: Sequence[Deadline], sent: Mapping[str, str]) -> bool:
    """Whether one of them has not been sent yet, or was sent with another day. `sent` maps tasks to
    ISO dates."""
    return any(sent.get(one.task) != one.on.isoformat() for one in deadlines)


def calendar_file(
    deadlines: Sequence[Deadline],
    *,
    thread: str,
    domain: str,
    name: str,
    zone: str,
    sequence: int,
    at: datetime,
) -> str:
    """The file. `thread` names the person and the period, `sequence` counts the files sent before."""
    calendar = Calendar()
    calendar.add("prodid", "-//tiendo//VI")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", one_line(name))
    calendar.add("x-wr-timezone", zone)
    for one in deadlines:
        event = Event()
        event.add("uid", f"{thread}.{one.task}@{domain}")
        event.add("sequence", sequence)
        event.add("dtstamp", at)
        event.add("dtstart", one.on)
        event.add("dtend", one.on + timedelta(days=1))
        event.add("summary", one_line(one.summary))
        event.add("description", printable(one.description))
        event.add("transp", "TRANSPARENT")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", one_line(one.summary))
        alarm.add("trigger", -REMINDED_BEFORE)
        event.add_component(alarm)
        calendar.add_component(event)
    file: bytes = calendar.to_ical()
    return file.decode("utf-8")
