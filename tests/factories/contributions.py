"""Topics, offers, programme items and materials; personal links to "my membership"."""

from datetime import timedelta

import factory
from django.urls import reverse

from cms import links
from cms.audit import reference
from networks.models import (
    Material,
    Meeting,
    Membership,
    NetworkPage,
    Offer,
    OfferKind,
    ProgrammeItem,
    ProgrammeKind,
    Topic,
)
from tests.factories.networks import MembershipFactory


class _Contribution(factory.django.DjangoModelFactory):
    membership = factory.SubFactory(MembershipFactory)
    network = factory.SelfAttribute("membership.network")
    author_name = factory.SelfAttribute("membership.contact.name")
    author_email = factory.SelfAttribute("membership.contact.email")
    text = "Vi vil gerne høre, hvordan andre gør."


class TopicFactory(_Contribution):
    class Meta:
        model = Topic

    title = factory.Sequence(lambda number: f"Emne {number}")


class OfferFactory(_Contribution):
    class Meta:
        model = Offer

    title = factory.Sequence(lambda number: f"Tilbud {number}")
    kind = OfferKind.TALK


class ProgrammeItemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProgrammeItem

    kind = ProgrammeKind.AGENDA
    text = factory.Sequence(lambda number: f"Programpunkt {number}")
    position = factory.Sequence(lambda number: number % 30_000)


class MaterialFactory(factory.django.DjangoModelFactory):
    """A link, unless given a file."""

    class Meta:
        model = Material

    title = factory.Sequence(lambda number: f"Materiale {number}")
    url = "https://example.org/oplaeg"


def first_meeting(network: NetworkPage) -> Meeting:
    return Meeting.objects.filter(season__page=network).order_by("starts_at").first()


def link_of(membership: Membership, address: str = "") -> str:
    """The token of a personal link, mailed to that address (the contact's unless said)."""
    return links.issue(
        purpose="membership",
        subject=reference(membership),
        lifetime=timedelta(days=1),
        address=address or membership.contact.email,
    )


def member_page(name: str, membership: Membership, *args: object, address: str = "") -> str:
    """The address of a page of "my membership"."""
    return reverse(name, args=[link_of(membership, address), *args])
