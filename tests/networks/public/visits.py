"""Opening "my membership" as somebody."""

from datetime import timedelta

from django.urls import reverse

from cms import audit, links
from networks.models import Membership


def token_for(membership: Membership, address: str = "", purpose: str = "membership") -> str:
    """The token of a link that was sent to the address (the contact's unless said)."""
    return links.issue(
        purpose=purpose,
        subject=audit.reference(membership),
        lifetime=timedelta(days=1),
        address=address or membership.contact.email,
    )


def page_of(membership: Membership, name: str = "membership", address: str = "", *args: object):
    return reverse(name, args=[token_for(membership, address), *args])
