"""The notices of a membership's own course, from sign-up to leaving."""

from django.utils import timezone

from cms.audit import reference
from cms.messages.models import Message
from cms.messages.outbox import LinkRequest, put
from networks.models import Membership, NetworkPage
from networks.services import calendar
from networks.services.notices.letters import moment_key, notify
from networks.services.scopes import scope_of

#: Days that an invitation works.
INVITATION_DAYS = 60


def confirm_address(membership: Membership) -> None:
    """After the form: whoever signed up must prove the address."""
    notify(membership, "confirm_address", "confirm")


def waitlisted(membership: Membership) -> None:
    """After the form, when no place was left; the address is to be confirmed all the same."""
    notify(membership, "waitlisted", "confirm")


def payment_begun(membership: Membership) -> None:
    """After the form, with card: the address is to be confirmed, and the payment can be taken up
    again."""
    notify(membership, "payment_begun", "confirm", "pay")


def awaits_approval(membership: Membership) -> None:
    notify(membership, "awaits_approval")


def approved_to_pay(membership: Membership) -> None:
    """Accepted (after approval or offer), to be paid by card by the deadline."""
    notify(membership, "approved_to_pay", "pay", key=moment_key(membership.deadline))


def price_to_accept(membership: Membership, net: int) -> None:
    """Approved, but the price has risen since it was accepted: a new yes is asked."""
    notify(membership, "price_to_accept", "accept", key=str(net), context={"net": net})


def offered(membership: Membership) -> None:
    """A place is free; to be accepted by the deadline."""
    notify(membership, "offered", "accept", key=moment_key(membership.deadline))


def welcome(membership: Membership) -> None:
    """The membership is active: what comes next, the meetings, and the personal link.

    Until the address is proved by its own link, the personal link is not sent.
    """
    confirmed = membership.address_confirmed_at is not None
    notify(
        membership,
        "welcome",
        "membership" if confirmed else "confirm",
        # Another address, once confirmed, is welcomed too.
        key=moment_key(membership.address_confirmed_at) or "unconfirmed",
        context={"confirmed": confirmed, "participants": list(membership.participants.all())},
        attachments=(calendar.attachment(membership.network),),
    )


def address_proved(membership: Membership) -> None:
    """The address of an active membership is proved: now its personal link may go there. Whoever
    was not welcomed at this address yet is welcomed with it."""
    welcomed = Message.objects.filter(
        about=reference(membership), template="welcome", to_email=membership.contact.email
    )
    if welcomed.exists():
        _new_link(membership, key=f"proved:{moment_key(membership.address_confirmed_at)}")
    else:
        welcome(membership)


def approved(membership: Membership, *, text: str) -> None:
    """What an administrator wants to say with the approval; what comes next is told by itself."""
    notify(membership, "approved", context={"text": text})


def rejected(membership: Membership, *, text: str) -> None:
    notify(membership, "rejected", context={"text": text})


def expired(membership: Membership) -> None:
    notify(membership, "expired")


def cancelled(membership: Membership, *, credited: bool) -> None:
    """The cancellation is received; the last day. The invoice contact is told too."""
    context = {"credited": credited}
    notify(membership, "cancelled", key=moment_key(membership.cancelled_at), context=context)
    invoice_contact = membership.invoice_contact
    if invoice_contact and invoice_contact.pk != membership.contact_id:
        notify(
            membership,
            "cancelled",
            key=f"{moment_key(membership.cancelled_at)}:invoice",
            to=(invoice_contact.name, invoice_contact.email),
            context=context,
        )


def already_member(membership: Membership) -> None:
    """The contact signed up once more: here is the link instead, once a day at most."""
    _new_link(membership, key=timezone.localdate().isoformat())


def new_link(membership: Membership) -> None:
    """The link, asked for again."""
    _new_link(membership, key=moment_key(timezone.now()))


def _new_link(membership: Membership, *, key: str) -> None:
    """The personal link; before confirmation the link to confirm."""
    purpose = "membership" if membership.address_confirmed_at else "confirm"
    notify(membership, "new_link", purpose, key=key)


def paid_too_late(membership: Membership) -> None:
    """Money came after the place was gone: the payer is told that someone looks into it."""
    notify(membership, "paid_too_late")


def invited(network: NetworkPage, address: str) -> None:
    """An administrator's invitation to a network that is by invitation."""
    _site, _root, path = network.get_url_parts() or (None, "", "/")
    put(
        key=f"invited:{network.pk}:{moment_key(timezone.now())}:{address}"[:200],
        template="invited",
        to=("", address),
        about=reference(network),
        scope=scope_of(network),
        context={"network": network},
        link_requests=(
            LinkRequest(
                "invitation",
                "invitation",
                reference(network),
                f"{path}?invitation={{token}}#tilmelding",
                INVITATION_DAYS,
            ),
        ),
    )
