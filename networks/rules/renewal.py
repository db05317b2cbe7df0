"""The years of a membership: when it enters a new season, what that costs, and what it owes.

Amounts are whole øre excl. VAT, days are local dates; ``today`` comes in as an argument.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from networks.rules.pricing import SeasonTerms, TariffKind

#: Days between being told of a season's price and being charged for it, or losing the way out.
NOTICE = timedelta(days=30)


class Hold(StrEnum):
    """Why a membership can't be taken into a season: somebody has to see to it."""

    NO_SEASON = "no_season"
    NOT_PUBLISHED = "not_published"
    PRICES_NOT_CONFIRMED = "prices_not_confirmed"
    NO_PRICE = "no_price"
    NO_INVOICE_DETAILS = "no_invoice_details"


class Fate(StrEnum):
    """What the year change means for a membership."""

    ENTERED = "entered"
    CHARGED = "charged"
    FREE = "free"
    HELD = "held"
    LEAVES = "leaves"
    BEGINS = "begins"


class Step(StrEnum):
    WAIT = "wait"
    ANNOUNCE = "announce"
    ENTER = "enter"


@dataclass(frozen=True)
class YearChange:
    """A season that the members of its network enter, ``charge_days`` before it begins."""

    season: SeasonTerms
    charge_days: int
    is_published: bool = True
    prices_confirmed: bool = True

    @property
    def charge_on(self) -> date:
        return self.season.starts_on - timedelta(days=self.charge_days)

    @property
    def announce_on(self) -> date:
        """A full notice before the charge; before the last day to cancel, if that is earlier."""
        return min(self.charge_on, self.season.last_cancellation) - NOTICE

    @property
    def fee(self) -> int | None:
        """What the season costs each membership, whenever it is charged; None: unknown. Only a
        season fee is charged by the year change."""
        if self.season.tariff != TariffKind.SEASON_FEE:
            return 0
        return self.season.full_fee()

    @property
    def hold(self) -> Hold | None:
        """What keeps everybody out of the season."""
        if not self.is_published:
            return Hold.NOT_PUBLISHED
        if not self.prices_confirmed:
            return Hold.PRICES_NOT_CONFIRMED
        return Hold.NO_PRICE if self.fee is None else None

    @property
    def begins_on(self) -> date:
        """The first day on which anything is due."""
        return self.announce_on if self.fee or self.hold else self.charge_on

    def is_due(self, today: date) -> bool:
        """Something may be left to be done: also long after, until the season is over."""
        return self.begins_on <= today <= self.season.ends_on


@dataclass(frozen=True)
class Member:
    """What the year change knows of an active membership.

    ``starts_with``: the first day of its first season. ``announced_net``: the price it was told,
    or entered at. ``can_be_invoiced``: it is known how it pays.
    """

    ends_on: date | None = None
    starts_with: date | None = None
    announced_on: date | None = None
    announced_net: int | None = None
    has_entered: bool = False
    can_be_invoiced: bool = True


@dataclass(frozen=True)
class Plan:
    """What happens to one membership. ``net``: what it is charged, 0 when nothing."""

    fate: Fate
    net: int = 0
    announce_on: date | None = None
    enter_on: date | None = None
    hold: Hold | None = None

    def step(self, today: date) -> Step:
        """What is due and not yet done."""
        if self.announce_on is not None:
            return Step.ANNOUNCE if self.announce_on <= today else Step.WAIT
        if self.enter_on is not None and self.enter_on <= today:
            return Step.ENTER
        return Step.WAIT


def plan(change: YearChange, member: Member, today: date, *, early: bool = False) -> Plan:
    """What happens to a membership in a season.

    Nobody is charged who was not told that price, or a higher one, a full notice before: a late
    or another announcement moves the charge. ``early``: today instead of the season's own dates,
    but never without the notice.
    """
    season = change.season
    if member.has_entered:
        return Plan(Fate.ENTERED, net=member.announced_net or 0)
    if member.ends_on is not None and member.ends_on < season.starts_on:
        return Plan(Fate.LEAVES)
    if member.starts_with is not None and member.starts_with >= season.starts_on:
        return Plan(Fate.BEGINS)
    if change.hold:
        return Plan(Fate.HELD, hold=change.hold)
    charge_on = min(today, change.charge_on) if early else change.charge_on
    fee = change.fee or 0
    if fee == 0:
        return Plan(Fate.FREE, enter_on=charge_on)
    if not member.can_be_invoiced:
        return Plan(Fate.HELD, hold=Hold.NO_INVOICE_DETAILS)
    if member.announced_on is not None and (member.announced_net or 0) >= fee:
        enter_on = max(charge_on, member.announced_on + NOTICE)
        return Plan(Fate.CHARGED, fee, enter_on=enter_on)
    announce_on = today if early else max(change.announce_on, today)
    return Plan(Fate.CHARGED, fee, announce_on, max(charge_on, announce_on + NOTICE))


def last_day_to_cancel(season: SeasonTerms, announced_on: date | None) -> date:
    """The last day on which the season can be cancelled without being owed: the season's own, or
    the last of the notice, when that ends later."""
    if announced_on is None:
        return season.last_cancellation
    return max(season.last_cancellation, announced_on + NOTICE - timedelta(days=1))


@dataclass(frozen=True)
class Year:
    """A season that a membership has entered, or was told of."""

    season: SeasonTerms
    announced_on: date | None = None
    has_entered: bool = True

    def is_owed(self, today: date) -> bool:
        """It has begun, or can't be cancelled any more. What was only announced is owed as soon
        as the notice is over; a free season never is."""
        if self.season.tariff == TariffKind.FREE or today > self.season.ends_on:
            return False
        if self.has_entered and self.season.starts_on <= today:
            return True
        return today > last_day_to_cancel(self.season, self.announced_on)


def takes_effect(years: Iterable[Year], today: date) -> date:
    """The last day of a membership cancelled today: the end of the last season that it owes.

    Nothing owed (before a first season, between seasons, in a free network): at once.
    """
    return max([today, *(year.season.ends_on for year in years if year.is_owed(today))])


def is_without_next_season(ends: Iterable[date], charge_days: int, today: date) -> bool:
    """The last season is so near its end that members should have been told of the next."""
    last = max(ends, default=None)
    if last is None:
        return False
    return last + timedelta(days=1) - timedelta(days=charge_days) - NOTICE <= today
