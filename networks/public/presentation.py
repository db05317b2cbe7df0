"""What the templates show of a network: everything computed here, nothing in the templates.

All prices are whole øre; dates and times are aware, shown in Europe/Copenhagen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from networks.models import Meeting, NetworkPage, Season
from networks.models.seasons import ExtraScope
from networks.rules.eligibility import Policy
from networks.rules.pricing import SeasonTerms, TariffKind
from networks.services import terms as terms_service
from networks.services.terms import Places
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
    """9.30 in Danish, 9:30 in English; both follow the language's TIME_FORMAT."""
    return date_format(moment, "TIME_FORMAT").lstrip("0")


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


class NetworkView:
    """A network as its own page and the list of networks show it.

    ``page`` has the texts, ``facts`` owns seasons, places and sign-up (another page for a
    translation).
    """

    def __init__(self, page: NetworkPage) -> None:
        self.page = page
        self.facts: NetworkPage = page.facts
        self.now = timezone.now()

    @cached_property
    def seasons(self) -> list[SeasonView]:
        """Those that are not over, in order; of a network whose last is over, none."""
        seasons = terms_service.load_seasons(self.facts)
        terms = [season.terms() for season in seasons]
        open_keys = [id(season) for season in terms_service.open_seasons(terms)]
        views = [
            SeasonView(season, row, self.now, id(row) in open_keys)
            for season, row in zip(seasons, terms, strict=True)
        ]
        return [view for view in views if not view.is_over]

    @property
    def open_seasons(self) -> list[SeasonView]:
        return [season for season in self.seasons if season.is_open]

    @property
    def current_season(self) -> SeasonView | None:
        """The season that a visitor joins first: the first open one, else the first to come."""
        return next(iter(self.open_seasons or self.seasons), None)

    @property
    def next_season(self) -> SeasonView | None:
        """The season after the current one."""
        current = self.current_season
        later = [season for season in self.seasons if current and season is not current]
        after = [season for season in later if season.terms.starts_on > current.terms.starts_on]  # type: ignore[union-attr]
        return after[0] if after else None

    @cached_property
    def places(self) -> Places:
        return terms_service.places_of(self.facts)

    @property
    def room(self) -> str:
        """Whether there is room, in words."""
        if not self.signup_is_open:
            return _("Sign-up is closed")
        if not self.places.has_room:
            return _("Waiting list")
        if self.places.left is not None and self.places.left <= 5:
            return _("Few places left")
        return _("Places available")

    @property
    def has_waiting_list(self) -> bool:
        return not self.places.has_room

    @property
    def signup_is_open(self) -> bool:
        return self.facts.signup_is_open() and bool(self.facts.free_of_charge or self.open_seasons)

    @property
    def closed_reason(self) -> str:
        """Why sign-up is closed, for the visitor; empty while it is open."""
        if self.signup_is_open:
            return ""
        opens = self.facts.signup_opens_at
        if opens and opens > self.now:
            return _("Sign-up opens on %(when)s.") % {"when": when_text(opens, None, "")}
        if self.facts.signup_closes_at and self.facts.signup_closes_at <= self.now:
            return _("Sign-up closed on %(when)s.") % {
                "when": when_text(self.facts.signup_closes_at, None, "")
            }
        return _("No meetings are left this season, and the next has no price yet.")

    @property
    def is_by_invitation(self) -> bool:
        return self.facts.eligibility == Policy.INVITATION

    @property
    def who_can_join(self) -> str:
        return str(self.facts.get_eligibility_display())

    @property
    def member_is_person(self) -> bool:
        return self.facts.unit == "person"

    @property
    def price_text(self) -> str:
        """Today's price in one line."""
        season = self.current_season
        if self.facts.free_of_charge or season is None:
            return _("Free of charge") if self.facts.free_of_charge else _("No price yet")
        if season.price_per_person:
            return _("%(price)s per person per meeting") % {"price": season.price_per_person}
        return str(season.price) if season.price else _("No price yet")

    @property
    def next_meeting(self) -> MeetingView | None:
        for season in self.seasons:
            if season.coming_meetings:
                return season.coming_meetings[0]
        return None

    @property
    def url(self) -> str:
        return str(self.page.get_url())

    @property
    def signup_url(self) -> str:
        """Straight to the form."""
        return f"{self.url}#tilmelding"

    @property
    def calendar_url(self) -> str:
        return reverse("network_calendar", args=[self.facts.pk]) if self.facts.pk else ""

    def heading(self, section: str) -> str:
        """The editor's heading of a section, or the usual one."""
        usual = {
            "purpose": _("Purpose"),
            "audience": _("Who is it for?"),
            "meetings": _("Meetings"),
            "price": _("Price"),
            "practicalities": _("Practicalities"),
            "contact": _("Contact"),
            "signup": _("Sign up"),
        }
        return getattr(self.page, f"{section}_heading", "") or usual[section]

    @cached_property
    def sections(self) -> list[tuple[str, str]]:
        """(anchor, heading) of the page's sections, for its list of contents."""
        named = [
            ("formaal", "purpose", True),
            ("maalgruppe", "audience", True),
            ("moeder", "meetings", True),
            ("pris", "price", True),
            ("praktisk", "practicalities", bool(self.page.practicalities)),
            ("kontakt", "contact", bool(self.contacts)),
            ("tilmelding", "signup", True),
        ]
        return [(anchor, self.heading(name)) for anchor, name, shown in named if shown]

    @cached_property
    def headings(self) -> dict[str, str]:
        names = ("purpose", "audience", "meetings", "price", "practicalities", "contact", "signup")
        return {name: self.heading(name) for name in names}

    @cached_property
    def facilitators(self) -> Sequence[object]:
        """NetworkFacilitator rows: ``.facilitator`` (name, logo, website …), data controller."""
        rows = self.facts.facilitators.all()
        if hasattr(rows, "select_related"):
            rows = rows.select_related("facilitator__logo")
        return list(rows)

    @cached_property
    def contacts(self) -> Sequence[object]:
        return list(self.facts.contact_people.all())

    @property
    def last_updated(self) -> datetime | None:
        return self.page.last_published_at
