"""The consequences of a publication, as its preview shows them: before and after, line by line."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from networks.models import Meeting, NetworkPage
from networks.policies import membership_policy
from networks.rules.pricing import TariffKind
from networks.services.consequences import Consequences
from networks.services.consequences.meetings import Facts, Kind, MeetingConsequence
from networks.services.consequences.prices import PriceConsequence, PriceFacts
from networks.services.seats import who_comes
from payments import money


@dataclass(frozen=True)
class Line:
    """One thing that is said otherwise."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Table:
    """``names``: of those concerned, where the reader may see them."""

    heading: str
    kind: str
    lines: list[Line]
    effects: list[str]
    names: list[str]
    warning: str = ""


def _moment(moment: datetime) -> str:
    return date_format(localtime(moment), "DATETIME_FORMAT")


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _yes(value: bool | None) -> str:
    return "" if value is None else _("Yes") if value else _("No")


def _when(facts: Facts) -> str:
    """Start and end, or the text in place of a date."""
    start, end = facts.said.starts_at, facts.said.ends_at
    if start is None or end is None:
        return facts.date_text or _("Date to be announced")
    start, end = localtime(start), localtime(end)
    last = date_format(end, "TIME_FORMAT") if start.date() == end.date() else _moment(end)
    return f"{_moment(start)}–{last}"


def _room(facts: Facts) -> str:
    return _("No limit") if facts.capacity is None else str(facts.capacity)


# Meetings ----------------------------------------------------------------------------------------


def meeting_tables(consequences: Consequences, page: NetworkPage, user: Any) -> list[Table]:
    """One for each meeting; names of participants only for who may see the network's members."""
    members = membership_policy.instances_user_has_permission_for(user, "view")
    members = members.filter(network=page)
    return [
        Table(
            heading=row.label,
            kind=_kind(row),
            lines=_meeting_lines(row),
            effects=_effects(row),
            names=_names(row, members),
            warning=_too_small(row),
        )
        for row in consequences.meetings
    ]


def _kind(row: MeetingConsequence) -> str:
    return {
        Kind.CHANGED: _("Changed"),
        Kind.ADDED: _("New"),
        Kind.DROPPED: _("Removed"),
    }[row.kind]


def _meeting_lines(row: MeetingConsequence) -> list[Line]:
    """A new meeting says all that it is; of one that goes, when it was to be."""
    readers: list[tuple[str, Callable[[Facts], str]]] = [
        (_("When"), _when),
        (_("Where"), lambda facts: facts.said.place or _("To be announced")),
        (_("Online link"), lambda facts: facts.said.online_link or _("None")),
        (_("Included in the fee"), lambda facts: _yes(facts.included)),
        (_("Room for"), _room),
    ]
    before, after = row.before, row.after
    if before is None or after is None:
        readers = readers[:2]
    elif before.included is None:
        readers = readers[:3]
    lines = [
        Line(label, read(before) if before else "–", read(after) if after else "–")
        for label, read in readers
    ]
    return [line for line in lines if line.before != line.after]


def _effects(row: MeetingConsequence) -> list[str]:
    if row.kind == Kind.ADDED:
        return [
            ngettext(
                "Up to %(number)s standing participant gets a seat and an invitation.",
                "Up to %(number)s standing participants get a seat and an invitation.",
                row.participants,
            )
            % {"number": row.participants}
        ]
    effects = [
        ngettext(
            "%(number)s participant is affected.",
            "%(number)s participants are affected.",
            row.participants,
        )
        % {"number": row.participants},
        ngettext(
            "%(number)s person is told by e-mail, with a file for the calendar.",
            "%(number)s people are told by e-mail, with a file for the calendar.",
            len(row.notices),
        )
        % {"number": len(row.notices)}
        if row.notices
        else _("Nobody is told by e-mail."),
    ]
    return [*effects, *_reminder(row)]


def _reminder(row: MeetingConsequence) -> list[str]:
    before, after = row.reminder_before, row.reminder_after
    if before == after:
        return []
    if before is None and after:
        return [_("The reminder is sent on %(after)s.") % {"after": _day(after)}]
    if before and after is None:
        return [_("The reminder of %(before)s is not sent.") % {"before": _day(before)}]
    assert before is not None
    assert after is not None
    return [
        _("The reminder moves from %(before)s to %(after)s.")
        % {"before": _day(before), "after": _day(after)}
    ]


def _too_small(row: MeetingConsequence) -> str:
    if not row.is_too_small or row.after is None:
        return ""
    return _(
        "The venue holds %(room)s, and %(taken)s have a seat. Nobody loses theirs: find a larger "
        "venue, or ask some to stay away."
    ) % {"room": row.after.capacity, "taken": row.participants}


def _names(row: MeetingConsequence, members: Any) -> list[str]:
    if row.key is None or not row.participants:
        return []
    seats = who_comes(Meeting(pk=row.key)).filter(membership__in=members)
    return [f"{seat.participant.name}, {seat.membership.party_name}" for seat in seats]


# Prices ------------------------------------------------------------------------------------------


def price_tables(consequences: Consequences) -> list[Table]:
    return [
        Table(heading=row.season, kind="", lines=_price_lines(row), effects=[], names=[])
        for row in consequences.prices
    ]


def _price_lines(row: PriceConsequence) -> list[Line]:
    """Today's price always, so that it is seen to stand; of the rest, what changes."""
    today, *others = [
        Line(label, read(row.before) if row.before else "–", read(row.after) if row.after else "–")
        for label, read in _price_readers()
    ]
    return [today, *(line for line in others if line.before != line.after)]


def _amount(net: int | None) -> str:
    return _("None") if net is None else money.format_kroner(net)


def _today(facts: PriceFacts) -> str:
    if not facts.is_open:
        return _("Can't be joined")
    if facts.tariff == TariffKind.FREE:
        return _("Free of charge")
    if facts.tariff == TariffKind.PER_PERSON_PER_MEETING:
        return _("%(price)s per person per meeting") % {"price": _amount(facts.today)}
    return _amount(facts.today)


def _steps(facts: PriceFacts) -> str:
    """The steps to come, each with the meeting at whose start it comes."""
    return "; ".join(
        _("%(price)s from %(moment)s") % {"price": _amount(net), "moment": _moment(moment)}
        for moment, net in facts.steps
    ) or _("None")


def _price_readers() -> list[tuple[str, Callable[[PriceFacts], str]]]:
    return [
        (_("Visitors pay today, excl. VAT"), _today),
        (_("Steps to come"), _steps),
        (_("All meetings of the season"), lambda facts: _amount(facts.whole)),
        (_("Extra person"), lambda facts: _amount(facts.extra)),
        (_("VAT rate"), lambda facts: money.format_rate(facts.vat_rate)),
    ]
