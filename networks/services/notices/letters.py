"""Writing a membership's mails: to whom, with which personal links, under which key."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cms.audit import reference
from cms.messages.outbox import Attachment, LinkRequest, put
from networks.models import Membership
from networks.services.scopes import scope_of

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
    requests: tuple[LinkRequest, ...] = (),
    useful_until: datetime | None = None,
) -> None:
    """Put one notice to the membership's contact (or ``to``) in the outbox.

    ``key`` distinguishes notices of one kind that may come more than once. ``purposes`` are links
    to the membership; ``requests`` ask for links to other rows. After ``useful_until`` it is not
    sent any more.
    """
    put(
        key=f"{template}:{membership.pk}:{key}",
        template=template,
        to=to or (membership.contact.name, membership.contact.email),
        about=reference(membership),
        scope=scope_of(membership.network),
        language=membership.language,
        context={**context_of(membership), **(context or {})},
        link_requests=(*(link_to(purpose, membership) for purpose in purposes), *requests),
        attachments=attachments,
        useful_until=useful_until,
    )


def context_of(membership: Membership) -> dict[str, Any]:
    """What every notice about a membership can name."""
    return {
        "membership": membership,
        "network": membership.network,
        "contact": membership.contact,
    }


def moment_key(moment: Any) -> str:
    """A part of a key that tells one occasion from the next."""
    return moment.isoformat() if moment else ""
