"""What a message's text is previewed with: a real membership that the user may see, or, where there
is none yet, an invented one. Nothing is stored, sent or issued.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from cms.messages import composing
from cms.messages.kinds import Context, MessageKind
from cms.messages.models import Message
from cms.messages.texts import Text
from networks.models import Membership, Municipality, NetworkPage, Person
from networks.services.notices.letters import context_of

#: How many of the latest memberships are offered, and looked through for one that the kind fits.
OFFERED = 15
#: Where a link leads in a preview: nowhere.
NOWHERE = "#link"


@dataclass(frozen=True)
class Sample:
    """A membership and the context that the kind has with it."""

    membership: Membership
    context: Context


def candidates(memberships: QuerySet[Membership], network: NetworkPage | None) -> list[Membership]:
    """The latest memberships of the network (or of any) among those that the user may see."""
    rows = memberships.filter(network=network) if network else memberships
    related = ("network", "municipality", "contact", "invoice_contact", "first_season")
    return list(rows.select_related(*related).order_by("-signed_up_at")[:OFFERED])


def sample_for(kind: MessageKind, memberships: list[Membership]) -> Sample | None:
    """The first of the memberships that has what the kind tells of."""
    for membership in memberships:
        extra = kind.sample_of(_completed(membership))
        if extra is not None:
            context = {**context_of(membership), **extra}
            context["to_name"] = kind.sample_name(context)
            context["links"] = {name: f"[[{name}]]" for name in kind.links}
            return Sample(membership, context)
    return None


def invented(network: NetworkPage) -> Membership:
    """A membership that exists nowhere."""
    municipality = Municipality.objects.first()
    contact = Person(name="Anne Andersen", email="anne.andersen@example.dk", job_title="Konsulent")
    season = network.seasons.first()
    return Membership(
        network=network,
        unit=network.unit,
        municipality=municipality,
        contact=contact,
        first_season=season,
        method="" if network.free_of_charge else "invoice",
    )


def _completed(membership: Membership) -> Membership:
    """With a date and a price where its state has none, so that the text can be read as a whole."""
    if membership.deadline is None:
        membership.deadline = timezone.now() + timedelta(days=3)
    if membership.ends_on is None:
        season = membership.first_season
        membership.ends_on = (season and season.ends_on) or timezone.localdate()
    if membership.price_net is None:
        membership.price_net = membership.accepted_net
    return membership


def as_mail(sample: Sample, text: Text, language: str) -> str:
    """The mail's HTML as it would be sent to the sample's contact; its links lead nowhere."""
    message = Message(
        subject=text.subject,
        body=text.body,
        language=language,
        to_email=sample.membership.contact.email,
    )
    carried: Any = sample.context["links"]
    return composing.as_html(message, dict.fromkeys(carried, NOWHERE))
