"""Networks with pages, seasons and meetings; memberships in any state; users in a role."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import factory
from django.contrib.auth.models import Group, User
from django.utils import timezone
from wagtail.models import Locale, Page, Site

from home.models import HomePage, TopicPage
from networks.models import (
    Coordinator,
    Facilitator,
    JoinRequest,
    Meeting,
    Membership,
    Municipality,
    NetworkIndexPage,
    NetworkPage,
    Participant,
    Person,
    PriceStep,
    Season,
    Unit,
)
from networks.rules.pricing import TariffKind
from networks.rules.states import FINAL, Status
from tests.factories.users import give_second_factor

#: The ladder of the leisure facilities network: {meetings left: øre excl. VAT}.
LADDER = {3: 700_000, 2: 520_000, 1: 330_000}
BUYER = {
    "buyer_name": "Prøvekøbing Kommune",
    "buyer_street": "Rådhustorvet 1",
    "buyer_postal_code": "9999",
    "buyer_city": "Prøvekøbing",
    "buyer_gln": "5798009811578",
    "buyer_reference": "Kultur og fritid",
}
PASSWORD = "correct horse battery staple"


class MunicipalityFactory(factory.django.DjangoModelFactory):
    """A municipality beside the 98: its code begins with 9, its mail domain follows its name."""

    class Meta:
        model = Municipality

    code = factory.Sequence(lambda number: f"9{number % 1000:03d}")
    name = factory.Sequence(lambda number: f"Prøvekøbing {number}")
    official_name = factory.LazyAttribute(lambda this: f"{this.name} Kommune")
    region = "Region Midtjylland"
    region_2027 = "Region Midtjylland"
    mail_domains = factory.Sequence(lambda number: f"proevekoebing{number}.dk")


class FacilitatorFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Facilitator

    name = factory.Sequence(lambda number: f"Forening {number}")


class PersonFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Person

    name = factory.Sequence(lambda number: f"Medarbejder {number}")
    email = factory.Sequence(lambda number: f"medarbejder{number}@proevekoebing.example")
    job_title = "Konsulent"
    phone = "12345678"


def make_home() -> HomePage:
    """The front page below the root, which the default site shows; made once."""
    home = HomePage.objects.first()
    if home is None:
        Locale.objects.get_or_create(language_code="da")
        root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root")
        home = root.add_child(instance=HomePage(title="Forside", slug="forside"))
        Site.objects.update_or_create(
            is_default_site=True, defaults={"hostname": "localhost", "root_page": home}
        )
    return home


def make_index() -> NetworkIndexPage:
    """The list of networks, below a topic; made once."""
    index = NetworkIndexPage.objects.first()
    if index is None:
        topic = make_home().add_child(instance=TopicPage(title="Kultur og fritid"))
        index = topic.add_child(instance=NetworkIndexPage(title="Kommunenetværk"))
    return index


def coming_meetings(number: int = 3, *, first: datetime | None = None) -> list[Meeting]:
    """Unsaved whole-day meetings, four weeks apart; the first in four weeks."""
    first = first or timezone.now().replace(microsecond=0) + timedelta(weeks=4)
    starts = [first + timedelta(weeks=4 * step) for step in range(number)]
    return [
        Meeting(title=f"Møde {step}", starts_at=start, ends_at=start + timedelta(hours=6))
        for step, start in enumerate(starts, start=1)
    ]


def in_order(rows: list) -> list:
    """The same rows, each with its place: without one PostgreSQL gives them in any order."""
    for place, row in enumerate(rows):
        row.sort_order = place
    return rows


def season(
    *,
    meetings: list[Meeting] | None = None,
    ladder: dict[int, int] | None = None,
    **facts: object,
) -> Season:
    """An unsaved season around today with the ladder 3/2/1 and three coming meetings."""
    today = timezone.localdate()
    tariff = facts.setdefault("tariff", TariffKind.SEASON_FEE.value)
    if ladder is None:
        ladder = LADDER if tariff == TariffKind.SEASON_FEE else {}
    values = {
        "name": str(today.year),
        "starts_on": today - timedelta(days=30),
        "ends_on": today + timedelta(days=300),
        "seats_per_meeting": 2,
        **facts,
    }
    return Season(
        **values,
        meetings=in_order(coming_meetings() if meetings is None else meetings),
        ladder=[PriceStep(meetings_left=left, price=price) for left, price in ladder.items()],
    )


def make_network(*, seasons: list[Season] | None = None, **facts: object) -> NetworkPage:
    """A published network below the list of networks.

    By default one season, running now, with the ladder 3/2/1 and three coming meetings. A free
    one (``free_of_charge=True``) has none unless given.
    """
    if seasons is None:
        seasons = [] if facts.get("free_of_charge") else [season()]
    values = {
        "title": f"Netværk {NetworkPage.objects.count() + 1}",
        "introduction": "Et netværk for kommunale medarbejdere.",
        "purpose": "<p>At lære af hinanden.</p>",
        "audience": "<p>Kommunale medarbejdere.</p>",
        "audience_summary": "Kommunale medarbejdere",
        "unit": Unit.MUNICIPALITY.value,
        **facts,
    }
    page = NetworkPage(**values, seasons=in_order(seasons))
    return make_index().add_child(instance=page)


class MembershipFactory(factory.django.DjangoModelFactory):
    """A membership in any state, with the times that its state demands; active unless said.

    Written straight to the table: no service ran, no charge exists, no mail waits.
    """

    class Meta:
        model = Membership

    network = factory.LazyFunction(make_network)
    municipality = factory.SubFactory(MunicipalityFactory)
    unit = factory.LazyAttribute(lambda this: this.network.unit)
    unit_key = factory.LazyAttribute(
        lambda this: (
            f"person:{this.contact.pk}"
            if this.unit == Unit.PERSON
            else f"municipality:{this.municipality.pk}"
            if this.municipality
            else f"organisation:{this.organisation_name.lower()}"
        )
    )
    contact = factory.SubFactory(
        PersonFactory, municipality=factory.SelfAttribute("..municipality")
    )
    status = Status.ACTIVE.value
    first_season = factory.LazyAttribute(
        lambda this: this.network.seasons.order_by("starts_on").first()
    )
    method = "invoice"
    accepted_net = LADDER[3]
    address_at_domain = True
    address_confirmed_at = factory.LazyAttribute(
        lambda this: None if this.status == Status.UNCONFIRMED else timezone.now()
    )
    price_net = factory.LazyAttribute(
        lambda this: LADDER[3] if this.status in (Status.ACTIVE, Status.AWAITING_PAYMENT) else None
    )
    activated_at = factory.LazyAttribute(
        lambda this: timezone.now() if this.status in (Status.ACTIVE, Status.ENDED) else None
    )
    queued_at = factory.LazyAttribute(
        lambda this: timezone.now() if this.status in (Status.WAITLISTED, Status.OFFERED) else None
    )
    deadline = factory.LazyAttribute(
        lambda this: (
            timezone.now() + timedelta(days=3)
            if this.status in (Status.AWAITING_PAYMENT, Status.OFFERED)
            else None
        )
    )
    holds_until = factory.LazyAttribute(
        lambda this: (
            timezone.now() + timedelta(hours=24) if this.status == Status.UNCONFIRMED else None
        )
    )
    closed_at = factory.LazyAttribute(
        lambda this: timezone.now() if Status(this.status) in FINAL else None
    )

    class Params:
        with_buyer = factory.Trait(**BUYER)
        leaving = factory.Trait(
            cancelled_at=factory.LazyFunction(timezone.now),
            ends_on=factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=90)),
        )


class ParticipantFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Participant

    membership = factory.SubFactory(MembershipFactory)
    name = factory.Sequence(lambda number: f"Deltager {number}")
    email = factory.Sequence(lambda number: f"deltager{number}@proevekoebing.example")


class JoinRequestFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = JoinRequest

    membership = factory.SubFactory(MembershipFactory)
    name = factory.Sequence(lambda number: f"Kollega {number}")
    email = factory.Sequence(lambda number: f"kollega{number}@proevekoebing.example")


def make_user(
    role: str = "", *, networks: Iterable[NetworkPage] = (), superuser: bool = False
) -> User:
    """A user in the role's group (a name of ``networks.roles``), coordinating the networks.

    Has an app with codes; ``tests.factories.users`` tells how tests sign in.
    """
    number = User.objects.count() + 1
    make = User.objects.create_superuser if superuser else User.objects.create_user
    user = make(f"bruger{number}", f"bruger{number}@example.org", PASSWORD)
    give_second_factor(user)
    if role:
        user.groups.add(Group.objects.get(name=role))
    for network in networks:
        Coordinator.objects.create(network=network, user=user)
    return user


def on_day(day: date) -> datetime:
    """Noon of that local date, aware."""
    return timezone.make_aware(datetime(day.year, day.month, day.day, 12))
