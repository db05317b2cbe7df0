"""Invitations to networks that are by invitation: a signed link bound to network and address."""

from django.core import signing
from django.db import transaction

from cms import audit
from cms.audit import Actor
from networks.models import NetworkPage
from networks.rules.eligibility import normalise_email
from networks.services import notices

SALT = "networks.invitation"
LIFETIME_SECONDS = 60 * 24 * 60 * 60


@transaction.atomic
def invite(network: NetworkPage, *, email: str, actor: Actor) -> None:
    """Mail an invitation; it opens the form for that address alone, for 60 days."""
    address = normalise_email(email)
    token = signing.dumps({"network": network.pk, "address": address}, salt=SALT)
    audit.record(actor=actor, action="network.invited", subject=network)
    notices.invited(network, address, token)


def is_invited(network: NetworkPage, *, email: str, token: str) -> bool:
    """True when the token is an invitation of this address to this network, not yet too old."""
    try:
        invitation = signing.loads(token, salt=SALT, max_age=LIFETIME_SECONDS)
    except signing.BadSignature:
        return False
    return bool(
        invitation["network"] == network.pk and invitation["address"] == normalise_email(email)
    )
