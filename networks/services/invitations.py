"""Invitations to networks that are by invitation: a link bound to network and address."""

from django.db import transaction

from cms import audit, links
from cms.audit import Actor
from networks.models import NetworkPage
from networks.rules.eligibility import normalise_email
from networks.services.notices import membership as notices

PURPOSE = "invitation"


@transaction.atomic
def invite(network: NetworkPage, *, email: str, actor: Actor) -> None:
    """Mail an invitation; it opens the form for that address alone, for 60 days."""
    audit.record(actor=actor, action="network.invited", subject=network)
    notices.invited(network, normalise_email(email))


def is_invited(network: NetworkPage, *, email: str, token: str) -> bool:
    """True when the token is an invitation of this address to this network, not yet too old."""
    link = links.resolve(token, PURPOSE) if token else None
    return (
        link is not None
        and link.subject == audit.reference(network)
        and link.address == normalise_email(email)
    )
