"""How states and history are told to administrators."""

from django.utils.translation import gettext_lazy as _

from cms.backoffice.listing import CRITICAL, NEUTRAL, POSITIVE, WAITING
from cms.messages.models import Message, MessageState
from networks.models import STATUS_CHOICES, Membership
from networks.rules.states import FINAL, Status

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
    "membership.moved_in_line": _("Moved in line"),
    "charge.paid": _("Payment received"),
    "charge.paid_too_late": _("Paid after the place was gone"),
    "meeting.cancelled": _("Meeting cancelled"),
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
