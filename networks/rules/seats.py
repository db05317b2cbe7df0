"""Who may come to which meeting: included seats, extra ones and their price, and the deadline.

Amounts are whole øre excl. VAT. The clock comes in as ``now`` (aware datetime).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from networks.rules.pricing import TariffKind


class ExtraPer(StrEnum):
    """What the price of an extra person is for."""

    MEETING = "meeting"
    SEASON = "season"


@dataclass(frozen=True)
class SeatTerms:
    """What a season says of seats. ``limit``: seats of a membership at each meeting; None: no
    limit. ``price_per_person``: of one person at one meeting, in that tariff."""

    tariff: TariffKind
    limit: int | None = None
    price_per_person: int | None = None
    extra_price: int | None = None
    extra_per: ExtraPer = ExtraPer.MEETING

    @property
    def seats_are_sold(self) -> bool:
        """No seat is included: each is a person at a meeting, and paid for."""
        return self.tariff == TariffKind.PER_PERSON_PER_MEETING

    @property
    def has_standing_seats(self) -> bool:
        """Whether being taken for every meeting costs nothing further."""
        return not self.seats_are_sold


@dataclass(frozen=True)
class SeatOffer:
    """A seat that can be had. ``number``: which of the included ones. ``price`` 0: nothing is
    charged; otherwise a yes to it is needed."""

    number: int | None = None
    is_extra: bool = False
    price: int = 0


def usual_seat(terms: SeatTerms, taken: Collection[int | None]) -> SeatOffer | None:
    """The next of the membership's own seats at a meeting; None when they are all taken.

    ``taken``: the numbers of those taken (None for one from before there was a limit).
    """
    price = (terms.price_per_person or 0) if terms.seats_are_sold else 0
    if terms.limit is None:
        return SeatOffer(price=price)
    if len(taken) >= terms.limit:
        return None
    number = next(number for number in range(1, terms.limit + 1) if number not in taken)
    return SeatOffer(number=number, price=price)


def extra_seat(terms: SeatTerms) -> SeatOffer | None:
    """A seat beyond the membership's own, where the season has a price for it."""
    if terms.extra_price is None:
        return None
    return SeatOffer(is_extra=True, price=terms.extra_price)


def change_deadline(starts_at: datetime | None, hours: int) -> datetime | None:
    """Until when the participants of a meeting can be changed; None while it has no date."""
    return starts_at - timedelta(hours=hours) if starts_at else None


def can_be_changed(starts_at: datetime | None, hours: int, now: datetime) -> bool:
    deadline = change_deadline(starts_at, hours)
    return deadline is None or now < deadline


def has_started(starts_at: datetime | None, now: datetime) -> bool:
    return starts_at is not None and starts_at <= now


def is_within(meeting_day: date | None, season_begins: date | None, last_day: date | None) -> bool:
    """Whether a membership that ends on ``last_day`` (None: it runs on) still has the meeting.

    One without a date belongs to its season as a whole. All are local dates.
    """
    day = meeting_day or season_begins
    return last_day is None or day is None or day <= last_day


# Keys of charges that pay for one person's seats; each is followed by a revision.


def meeting_charge_key(participant: int, meeting: int) -> str:
    return f"extra:{participant}:meeting:{meeting}"


def season_charge_key(participant: int, season: int) -> str:
    return f"extra:{participant}:season:{season}"


def pays_for_one_person(charge_key: str) -> bool:
    """False for a sign-up's charge, which pays for all the seats that were ordered with it."""
    return charge_key.startswith("extra:")


def credit_key(charge_key: str, *, charge: UUID, seat: int) -> str:
    """By which what was charged for a seat is taken off once: the same seat, given back and taken
    again, may be paid for by another charge."""
    return f"seat:{charge}" if pays_for_one_person(charge_key) else f"seat:{charge}:{seat}"


def pays_for_season(charge_key: str) -> bool:
    """One person at all the meetings of a season, at one price."""
    return pays_for_one_person(charge_key) and ":season:" in charge_key
