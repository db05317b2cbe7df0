"""What a membership costs: the ladder by meetings left, and the price per person per meeting.

All amounts are whole øre excl. VAT; VAT is computed once, on the charge (``payments.money``).
The clock comes in as ``now`` (aware datetime) or ``today`` (local date).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum


class TariffKind(StrEnum):
    FREE = "free"
    SEASON_FEE = "season_fee"
    PER_PERSON_PER_MEETING = "per_person_per_meeting"


@dataclass(frozen=True)
class MeetingFacts:
    """What pricing knows of a meeting. ``starts_at`` None: its date is to be announced."""

    key: int
    starts_at: datetime | None
    included: bool = True
    cancelled: bool = False

    def is_left(self, now: datetime) -> bool:
        """Not cancelled and not started; one without a date counts as left."""
        return not self.cancelled and (self.starts_at is None or self.starts_at > now)


@dataclass(frozen=True)
class SeasonTerms:
    """A season's dates and tariff.

    ``ladder``: {meetings left: price}. It is a table: no formula gives it. ``price_per_person``:
    the price of one person at one meeting. ``last_cancellation_on``: the last local date on which
    the season can be cancelled without being owed. ``opens_on``: the local date from which the
    season can be joined though the one before it still runs.
    """

    key: int
    starts_on: date
    ends_on: date
    tariff: TariffKind
    ladder: Mapping[int, int] = field(default_factory=dict)
    price_per_person: int | None = None
    meetings: Sequence[MeetingFacts] = ()
    last_cancellation_on: date | None = None
    opens_on: date | None = None

    @property
    def last_cancellation(self) -> date:
        """By default the day before the season begins."""
        return self.last_cancellation_on or self.starts_on - timedelta(days=1)

    def meetings_left(self, now: datetime) -> list[MeetingFacts]:
        """Those that count for the price: included in the fee, not cancelled, not started."""
        return [meeting for meeting in self.meetings if meeting.included and meeting.is_left(now)]

    @property
    def counted_meetings(self) -> int:
        """All included, not cancelled meetings: the number that a whole season has."""
        return sum(1 for meeting in self.meetings if meeting.included and not meeting.cancelled)

    def fee(self, now: datetime) -> int | None:
        """The ladder's row for today's number of meetings left; None when there is no such row."""
        return self.ladder.get(len(self.meetings_left(now)))

    def full_fee(self) -> int | None:
        """The ladder's row for all meetings of the season: what a year change costs."""
        return self.ladder.get(self.counted_meetings)

    def missing_rows(self) -> list[int]:
        """The numbers 1 … n for which the ladder has no price; publishing demands none."""
        return [left for left in range(1, self.counted_meetings + 1) if left not in self.ladder]

    def later_steps(self, now: datetime) -> list[tuple[datetime, int]]:
        """(from when, price): how the fee changes as the coming dated meetings start."""
        left = self.meetings_left(now)
        dated = sorted(meeting.starts_at for meeting in left if meeting.starts_at)
        steps = []
        for started, moment in enumerate(dated, start=1):
            price = self.ladder.get(len(left) - started)
            if price is not None:
                steps.append((moment, price))
        return steps


@dataclass(frozen=True)
class QuoteLine:
    """``quantity`` × ``unit_price`` øre excl. VAT. ``meeting`` None: the season's fee."""

    quantity: int
    unit_price: int
    meeting: int | None = None

    @property
    def net(self) -> int:
        return self.quantity * self.unit_price


@dataclass(frozen=True)
class Quote:
    """What joining a season costs at a moment. ``season`` None: a free network without one."""

    season: int | None
    lines: tuple[QuoteLine, ...] = ()

    @property
    def net(self) -> int:
        return sum(line.net for line in self.lines)


FREE_WITHOUT_SEASON = Quote(season=None)


def can_be_joined(season: SeasonTerms, now: datetime, today: date) -> bool:
    """True when the season is not over, has a meeting left and a price for it.

    A free season needs no meetings.
    """
    if today > season.ends_on:
        return False
    match season.tariff:
        case TariffKind.FREE:
            return True
        case TariffKind.SEASON_FEE:
            return bool(season.meetings_left(now)) and season.fee(now) is not None
        case TariffKind.PER_PERSON_PER_MEETING:
            has_meeting = any(meeting.is_left(now) for meeting in season.meetings)
            return season.price_per_person is not None and has_meeting


def open_seasons(seasons: Iterable[SeasonTerms], now: datetime, today: date) -> list[SeasonTerms]:
    """The seasons that a visitor may choose between today, earliest first.

    The running season while meetings are left; after that the next, if it has a price. A coming
    season is open beside it from its ``opens_on``.
    """
    joinable = sorted(
        (season for season in seasons if can_be_joined(season, now, today)),
        key=lambda season: season.starts_on,
    )
    return [
        season
        for position, season in enumerate(joinable)
        if position == 0 or (season.opens_on is not None and season.opens_on <= today)
    ]


def quote(
    season: SeasonTerms, now: datetime, attendance: Mapping[int, int] | None = None
) -> Quote | None:
    """What joining the season costs now; None when it can't be joined at a known price.

    ``attendance``: {meeting: number of people}, for the tariff per person per meeting.
    """
    match season.tariff:
        case TariffKind.FREE:
            return Quote(season=season.key)
        case TariffKind.SEASON_FEE:
            fee = season.fee(now)
            return None if fee is None else Quote(season.key, (QuoteLine(1, fee),))
        case TariffKind.PER_PERSON_PER_MEETING:
            if season.price_per_person is None:
                return None
            left = {meeting.key for meeting in season.meetings if meeting.is_left(now)}
            chosen = {key: people for key, people in (attendance or {}).items() if people > 0}
            if not chosen or not set(chosen) <= left:
                return None
            price = season.price_per_person
            return Quote(
                season.key,
                tuple(QuoteLine(people, price, key) for key, people in sorted(chosen.items())),
            )


def applies(shown: int, current: int) -> bool:
    """True when the price may be taken without asking again: it is not higher than was shown."""
    return current <= shown
