"""How states and history are told to administrators."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.backoffice.listing import CRITICAL, NEUTRAL, POSITIVE, WAITING
from cms.messages.models import Message, MessageState
from networks.models import STATUS_CHOICES, Membership, NetworkPage
from networks.rules.states import FINAL, Status
from networks.services.terms import places_of

_MESSAGE_TONES = {MessageState.SENT: POSITIVE, MessageState.FAILED: CRITICAL}

#: AuditEntry.action → what happened. A change of state is told by the state's own label.
ACTION_LABELS = {
    **{f"membership.{status}": label for status, label in STATUS_CHOICES},
    "membership.signed_up": _("Signed up"),
    "membership.signed_up_on_behalf": _("Signed up by staff"),
    "membership.address_confirmed": _("Address confirmed"),
    "membership.approved": _("Approved"),
    "membership.cancelled": _("Cancellation received"),
    "membership.contact_corrected": _("Contact corrected"),
    "membership.buyer_corrected": _("Invoice details corrected"),
    "membership.link_sent": _("New link sent"),
    "membership.join_requested": _("A colleague asked to join"),
    "membership.season_moved": _("Moved to the season that can be joined"),
    "membership.moved_in_line": _("Moved in line"),
    "charge.paid": _("Payment received"),
    "charge.paid_too_late": _("Paid after the place was gone"),
    "meeting.cancelled": _("Meeting cancelled"),
    "municipality.domain_remembered": _("Mail domain remembered"),
    "network.invited": _("Invitation sent"),
}


def status_tone(membership: Membership) -> str:
    """Active is fine; what is over is neutral or refused; the rest waits for somebody."""
    status = membership.state
    if status == Status.ACTIVE:
        return POSITIVE if membership.cancelled_at is None else WAITING
    if status in (Status.REJECTED, Status.EXPIRED):
        return CRITICAL
    return NEUTRAL if status in FINAL else WAITING


def message_tone(message: Message) -> str:
    return _MESSAGE_TONES.get(MessageState(message.state), WAITING)


def places_text(network: NetworkPage) -> str:
    """How full a network is, for whoever is about to take another one in."""
    places = places_of(network)
    if places.capacity is None:
        return gettext("The network has no limit of places.")
    return gettext("Places: %(taken)s of %(capacity)s are taken.") % {
        "taken": places.taken,
        "capacity": places.capacity,
    }
