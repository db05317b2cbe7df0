"""What leaving means: the last day, and the seasons that are not owed any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from networks.models import Membership, SeasonEntry
from networks.rules import renewal as rules
from networks.services import season_fees
from networks.services.entries import entries_of, entries_of_many, was_credited, year_of


@dataclass(frozen=True)
class Leaving:
    """A cancellation received today. ``at_once``: nothing is owed any more. ``not_owed``: the
    seasons entered that are left before they begin, in time."""

    last_day: date
    at_once: bool
    not_owed: tuple[SeasonEntry, ...]
    entries: tuple[SeasonEntry, ...]

    @property
    def credits_something(self) -> bool:
        return any(entry.charge_key for entry in self.not_owed)


def consequences(membership: Membership, *, last_day: date | None = None) -> Leaving:
    """What it would mean to cancel now. ``last_day``: another than the usual one, which is the end
    of the last season owed: that which runs, or the next when it can't be cancelled any more."""
    return _leaving(entries_of(membership), last_day)


def consequences_of_many(memberships: Sequence[Membership]) -> dict[UUID, Leaving]:
    """What it would mean to cancel each of them now, in one query."""
    return {key: _leaving(entries, None) for key, entries in entries_of_many(memberships).items()}


def _leaving(found: Sequence[SeasonEntry], last_day: date | None) -> Leaving:
    today = timezone.localdate()
    entries = [entry for entry in found if not was_credited(entry)]
    years = {entry.season_id: year_of(entry) for entry in entries}
    last = last_day or rules.takes_effect(years.values(), today)
    not_owed = [
        entry
        for entry in entries
        if entry.entered_at is not None
        and years[entry.season_id].season.starts_on > last
        and not years[entry.season_id].is_owed(today)
    ]
    at_once = last_day is None and not any(year.is_owed(today) for year in years.values())
    return Leaving(last, at_once, tuple(not_owed), tuple(entries))


def settle(leaving: Leaving, *, credit: bool, reason: str) -> int:
    """Take off what is not owed, of a locked membership; with ``credit`` also what is owed for
    seasons that are not over. Returns the øre excl. VAT credited."""
    today = timezone.localdate()
    given_up = list(leaving.not_owed)
    if credit:
        given_up = [entry for entry in leaving.entries if year_of(entry).season.ends_on >= today]
    credited = season_fees.credit_entries(given_up, reason=reason)
    season_fees.leave(
        entry
        for entry in given_up
        if entry.entered_at is not None and year_of(entry).season.starts_on > leaving.last_day
    )
    return credited


def to_enter_again(membership: Membership) -> list[SeasonEntry]:
    """The entries that a cancellation may have touched: of seasons that are not over."""
    today = timezone.localdate()
    stored = [entry for entry in entries_of(membership) if entry.pk]
    return [entry for entry in stored if year_of(entry).season.ends_on >= today]
