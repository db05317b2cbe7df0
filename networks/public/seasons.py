"""Seasons, meetings and prices as templates show them.

All prices are whole øre; dates and times are aware, shown in Europe/Copenhagen.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from networks.models import Meeting, ProgrammeItem, Season
from networks.models.seasons import ExtraScope
from networks.rules.pricing import SeasonTerms, TariffKind
from networks.services.meeting_programme import items_of
from payments import money


@dataclass(frozen=True)
class Price:
    """An amount in øre excl. VAT with its VAT; texts for the reader."""

    net: int
    vat_rate: int

    @property
    def vat(self) -> int:
        return money.vat_of(self.net, self.vat_rate)

    @property
    def gross(self) -> int:
        return self.net + self.vat

    @property
    def is_free(self) -> bool:
        return self.net == 0

    @property
    def net_text(self) -> str:
        return money.format_kroner(self.net)

    @property
    def gross_text(self) -> str:
        return money.format_kroner(self.gross)

    @property
    def vat_text(self) -> str:
        return money.format_kroner(self.vat)

    @property
    def is_exempt(self) -> bool:
        return self.vat_rate == 0

    def __str__(self) -> str:
        if self.is_free:
            return _("Free of charge")
        if self.is_exempt:
            return _("%(net)s, exempt from VAT") % {"net": self.net_text}
        return _("%(net)s excl. VAT (%(gross)s incl. VAT)") % {
            "net": self.net_text,
            "gross": self.gross_text,
        }


def when_text(starts_at: datetime | None, ends_at: datetime | None, date_text: str) -> str:
    """A meeting's time as Danish readers write it: torsdag den 4. marts 2027 kl. 9.30–15.30."""
    if starts_at is None:
        return date_text or _("Date to be announced")
    start = timezone.localtime(starts_at)
    text = _("%(day)s at %(time)s") % {
        "day": date_format(start, _("l j F Y")),
        "time": clock(start),
    }
    if ends_at is None:
        return text
    end = timezone.localtime(ends_at)
    if end.date() == start.date():
        return f"{text}–{clock(end)}"
    return f"{text} – {date_format(end, _('l j F Y'))} {clock(end)}"


def clock(moment: datetime) -> str:
    """A time of day as the language writes it: 9.30 in Danish, 9:30 in English."""
    return date_format(moment, _("G:i"))


@dataclass(frozen=True)
class MeetingView:
    """A meeting as the page shows it."""

    meeting: Meeting
    is_past: bool

    @property
    def key(self) -> str:
        return f"moede-{self.meeting.pk}"

    @property
    def title(self) -> str:
        return self.meeting.title or self.kind

    @property
    def kind(self) -> str:
        return str(self.meeting.get_kind_display())

    @property
    def when(self) -> str:
        return when_text(self.meeting.starts_at, self.meeting.ends_at, self.meeting.date_text)

    @property
    def starts_at(self) -> datetime | None:
        return self.meeting.starts_at

    @property
    def place(self) -> str:
        """Venue and host: Rådhuset, Aarhus Kommune."""
        host = self.meeting.host.official_name if self.meeting.host else ""
        return ", ".join(part for part in (self.meeting.venue, host) if part)

    @property
    def speakers(self) -> list[str]:
        return [line.strip() for line in self.meeting.speakers.splitlines() if line.strip()]

    @property
    def agenda(self) -> str:
        return str(self.meeting.agenda)

    @cached_property
    def programme(self) -> list[ProgrammeItem]:
        """What coordinators have put on the programme, in their order: for members."""
        return items_of(self.meeting)

    @property
    def public_programme(self) -> list[ProgrammeItem]:
        """The items that are shown on the network's page."""
        return [item for item in self.programme if item.on_page]

    @property
    def is_cancelled(self) -> bool:
        return self.meeting.is_cancelled

    @property
    def is_included(self) -> bool:
        return self.meeting.included

    @property
    def calendar_url(self) -> str:
        """Empty for a draft and for a meeting without a date."""
        if not self.meeting.pk or not self.meeting.starts_at:
            return ""
        return reverse("meeting_calendar", args=[self.meeting.pk])


@dataclass(frozen=True)
class LaterStep:
    """From that moment (a meeting's start) joining costs that price."""

    starts_at: datetime
    price: Price
    meetings_left: int


@dataclass(frozen=True)
class SeasonView:
    """A season as the page shows it, priced at this moment."""

    season: Season
    terms: SeasonTerms
    now: datetime
    is_open: bool

    @property
    def name(self) -> str:
        return self.season.name

    @property
    def is_running(self) -> bool:
        today = timezone.localdate(self.now)
        return self.terms.starts_on <= today <= self.terms.ends_on

    @property
    def is_over(self) -> bool:
        return self.terms.ends_on < timezone.localdate(self.now)

    @property
    def tariff(self) -> TariffKind:
        return self.terms.tariff

    @cached_property
    def meetings(self) -> list[MeetingView]:
        """By date; those without one last."""
        rows = sorted(
            self.season.meetings.all(),
            key=lambda row: (row.starts_at is None, row.starts_at or self.now, row.sort_order or 0),
        )
        return [MeetingView(row, bool(row.starts_at and row.starts_at <= self.now)) for row in rows]

    @property
    def coming_meetings(self) -> list[MeetingView]:
        return [view for view in self.meetings if not view.is_past and not view.is_cancelled]

    @property
    def meetings_left(self) -> int:
        """The number that the ladder counts today."""
        return len(self.terms.meetings_left(self.now))

    def _price(self, net: int | None) -> Price | None:
        return None if net is None else Price(net, self.season.vat_rate)

    @property
    def price(self) -> Price | None:
        """The season's fee today; free is a price of zero; None: not a fee, or not set."""
        if self.tariff == TariffKind.FREE:
            return Price(0, self.season.vat_rate)
        if self.tariff == TariffKind.SEASON_FEE:
            return self._price(self.terms.fee(self.now))
        return None

    @property
    def full_price(self) -> Price | None:
        """The fee of the whole season: what a year change costs."""
        return self._price(self.terms.full_fee())

    @property
    def price_per_person(self) -> Price | None:
        """Per person per meeting, under that tariff."""
        if self.tariff != TariffKind.PER_PERSON_PER_MEETING:
            return None
        return self._price(self.terms.price_per_person)

    @property
    def shown_net(self) -> int:
        """The price that the form shows and sends along: the fee, or one person's at one
        meeting."""
        price = self.price or self.price_per_person
        return price.net if price else 0

    @property
    def price_label(self) -> str:
        """Today's price in one line; empty when there is none."""
        if self.price_per_person:
            return _("%(price)s per person per meeting") % {"price": self.price_per_person}
        return str(self.price or "")

    @property
    def extra_price(self) -> Price | None:
        return self._price(self.season.extra_price)

    @property
    def extra_label(self) -> str:
        if self.season.extra_label:
            return self.season.extra_label
        return str(ExtraScope(self.season.extra_scope).label)

    @property
    def later_steps(self) -> list[LaterStep]:
        left = self.meetings_left
        steps = self.terms.later_steps(self.now)
        return [
            LaterStep(moment, Price(net, self.season.vat_rate), left - position)
            for position, (moment, net) in enumerate(steps, start=1)
        ]

    @property
    def seats_per_meeting(self) -> int | None:
        return self.season.seats_per_meeting

    @property
    def last_cancellation(self) -> date:
        return self.terms.last_cancellation
