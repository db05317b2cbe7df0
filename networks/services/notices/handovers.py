"""The notices of a handover: offered, answered, asked for, and what became of it."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone

from cms.audit import reference
from cms.messages.outbox import LinkRequest
from networks.models import Handover, HandoverKind, Person
from networks.services.notices.letters import moment_key, notify

#: Days that the links to answer work.
ANSWER_DAYS = 30
PATHS = {
    "handover": "/overdragelse/{token}/",
    "take_over": "/overtag/{token}/",
    "objection": "/indsigelse/{token}/",
}


def _link(handover: Handover, purpose: str) -> LinkRequest:
    return LinkRequest(purpose, purpose, reference(handover), PATHS[purpose], ANSWER_DAYS)


def _tell(
    handover: Handover,
    template: str,
    *,
    to: tuple[str, str],
    link: str = "",
    personal: bool = False,
    **context: Any,
) -> None:
    notify(
        handover.membership,
        template,
        *(["membership"] if personal else []),
        key=f"{handover.pk}:{moment_key(timezone.now())}",
        to=to,
        context={"handover": handover, **context},
        requests=(_link(handover, link),) if link else (),
    )


def _to_colleague(handover: Handover) -> tuple[str, str]:
    return handover.name, handover.email


def offered(handover: Handover, together: Sequence[Handover]) -> None:
    """To the colleague: which roles, from whom, and the link to answer."""
    _tell(
        handover,
        "handover_offered",
        to=_to_colleague(handover),
        link="handover",
        roles=[row.kind for row in together],
    )


def withdrawn(handover: Handover) -> None:
    """To the colleague: nothing is to be answered any more."""
    _tell(handover, "handover_withdrawn", to=_to_colleague(handover))


def refused(handover: Handover) -> None:
    """To whoever holds the role still: the colleague said no."""
    membership = handover.membership
    holder = membership.contact
    if handover.kind == HandoverKind.INVOICE_CONTACT and membership.invoice_contact:
        holder = membership.invoice_contact
    _tell(handover, "handover_refused", to=(holder.name, holder.email))


def taken_over(handover: Handover, person: Person) -> None:
    """To the new holder: the personal link."""
    _tell(handover, "handover_taken", to=(person.name, person.email), personal=True)


def handed_over(handover: Handover, old: Person) -> None:
    """To the old holder: who it is now; earlier links don't work any more."""
    address = f"{settings.WAGTAILADMIN_BASE_URL}/nyt-link/"
    _tell(handover, "handover_done", to=(old.name, old.email), new_link_url=address)


def take_over_to_confirm(handover: Handover) -> None:
    """To the asker: a link that proves the address."""
    _tell(handover, "take_over_to_confirm", to=_to_colleague(handover), link="take_over")


def take_over_asked(handover: Handover) -> None:
    """To the contact who is said to have left: who asks, and the way to object."""
    contact = handover.membership.contact
    _tell(handover, "take_over_asked", to=(contact.name, contact.email), link="objection")


def declined(handover: Handover, *, text: str) -> None:
    """To whoever was to take over: it did not come about."""
    _tell(handover, "handover_declined", to=_to_colleague(handover), text=text)
