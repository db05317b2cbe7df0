"""A network as its own page and the list of networks show it: everything computed here, nothing
in the templates."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from networks.models import ContactPerson, Facilitator, NetworkFacilitator, NetworkPage
from networks.public.seasons import MeetingView, SeasonView, when_text
from networks.rules.eligibility import Policy
from networks.services import terms as terms_service
from networks.services.terms import Places


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
        return season.price_label or _("No price yet")

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
    def facilitators(self) -> Sequence[NetworkFacilitator]:
        """NetworkFacilitator rows: ``.facilitator`` (name, logo, website …), data controller."""
        rows = self.facts.facilitators.all()
        if hasattr(rows, "select_related"):
            rows = rows.select_related("facilitator__logo")
        return list(rows)

    @property
    def data_controllers(self) -> list[Facilitator]:
        """Who decides over members' data; none named: the organisation that runs the site."""
        return [row.facilitator for row in self.facilitators if row.is_data_controller]

    @cached_property
    def contacts(self) -> Sequence[ContactPerson]:
        return list(self.facts.contact_people.all())

    @property
    def last_updated(self) -> datetime | None:
        return self.page.last_published_at
