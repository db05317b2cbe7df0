"""Writing a membership's mails: to whom, with which personal links, under which key."""

from collections.abc import Mapping
from typing import Any

from cms.audit import reference
from cms.messages.outbox import Attachment, LinkRequest, put
from networks.models import Membership

#: purpose → (path, days): the personal links that mails carry.
LINKS: dict[str, tuple[str, int]] = {
    "confirm": ("/bekraeft/{token}/", 7),
    "accept": ("/accept/{token}/", 30),
    "pay": ("/betaling/{token}/", 30),
    "membership": ("/mit-medlemskab/{token}/", 365),
}


def link_to(purpose: str, membership: Membership) -> LinkRequest:
    path, days = LINKS[purpose]
    return LinkRequest(purpose, purpose, reference(membership), path, days)


def notify(
    membership: Membership,
    template: str,
    *purposes: str,
    key: str = "",
    to: tuple[str, str] | None = None,
    context: Mapping[str, Any] | None = None,
    attachments: tuple[Attachment, ...] = (),
) -> None:
    """Put one notice to the membership's contact (or ``to``) in the outbox.

    ``key`` distinguishes notices of one kind that may come more than once.
    """
    put(
        key=f"{template}:{membership.pk}:{key}",
        template=template,
        to=to or (membership.contact.name, membership.contact.email),
        about=reference(membership),
        context={
            "membership": membership,
            "network": membership.network,
            "contact": membership.contact,
            **(context or {}),
        },
        link_requests=tuple(link_to(purpose, membership) for purpose in purposes),
        attachments=attachments,
    )


def moment_key(moment: Any) -> str:
    """A part of a key that tells one occasion from the next."""
    return moment.isoformat() if moment else ""
