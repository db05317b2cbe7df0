"""How states and history are told to administrators."""

import re
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.backoffice.listing import CRITICAL, NEUTRAL, POSITIVE, WAITING
from cms.messages.models import Message, MessageState
from networks.models import STATUS_CHOICES, Membership, NetworkPage
from networks.rules.states import FINAL, Status
from networks.services.terms import Places, places_of
from payments.backoffice.wording import ACTION_LABELS as MONEY_LABELS

_LINK_MARK = re.compile(r"\[\[(\w+)\]\]")
_MESSAGE_TONES = {
    MessageState.SENT: POSITIVE,
    MessageState.FAILED: CRITICAL,
    MessageState.BOUNCED: CRITICAL,
    MessageState.STOPPED: NEUTRAL,
}

#: AuditEntry.action → what happened. A change of state is told by the state's own label.
ACTION_LABELS: dict[str, Any] = {
    **MONEY_LABELS,
    **{f"membership.{status}": label for status, label in STATUS_CHOICES},
    "membership.signed_up": _("Signed up"),
    "membership.signed_up_on_behalf": _("Signed up by staff"),
    "membership.imported": _("Imported from a list"),
    "membership.people_imported": _("Participants imported from a list"),
    "membership.address_confirmed": _("Address confirmed"),
    "membership.approved": _("Approved"),
    "membership.written_to": _("Written to by staff"),
    "membership.cancelled": _("Cancellation received"),
    "membership.cancellation_undone": _("Cancellation undone"),
    "membership.season_announced": _("Told of the next season"),
    "membership.season_entered": _("Entered a season"),
    "membership.municipality_merged": _("Moved to another municipality by a merger"),
    "membership.participant_moved": _("Participant moved here by a merger"),
    "municipality.merged_away": _("Merged into another municipality"),
    "municipality.merged_in": _("Another municipality merged into this one"),
    "person.municipality_merged": _("Moved to another municipality by a merger"),
    "network.season_made": _("Next season made in a draft"),
    "membership.contact_corrected": _("Contact corrected"),
    "membership.buyer_corrected": _("Invoice details corrected"),
    "membership.link_sent": _("New link sent"),
    "membership.join_requested": _("A colleague asked to join"),
    "membership.join_accepted": _("A colleague was taken in"),
    "membership.join_declined": _("A colleague was turned down"),
    "membership.handover_offered": _("A role was offered to a colleague"),
    "membership.handover_confirmed": _("A colleague confirmed the request to take over"),
    "membership.handover_accepted": _("A role passed to a colleague"),
    "membership.handover_declined": _("A handover was declined"),
    "membership.handover_withdrawn": _("A handover was taken back"),
    "membership.own_data_corrected": _("Own data corrected"),
    "membership.language_changed": _("Language of the mails changed"),
    "membership.address_change_asked": _("Asked for another address"),
    "membership.address_changed": _("Address changed"),
    "membership.calendar_address_made": _("Calendar address made"),
    "membership.erasure_asked": _("Asked to be erased"),
    "erasure.handled": _("Request for erasure handled"),
    "person.erased": _("Erased"),
    "membership.people_erased": _("People erased by retention"),
    "membership.consent_given": _("Consent given"),
    "membership.consent_withdrawn": _("Consent withdrawn"),
    "consent.written": _("Consent written"),
    "retention.forgotten": _("Erased by retention"),
    "list.exported": _("List exported"),
    "membership.season_moved": _("Moved to the season that can be joined"),
    "membership.moved_in_line": _("Moved in line"),
    "message.sent_again": _("Sent again"),
    "message.stopped": _("Stopped"),
    "message.bounced": _("Came back"),
    "message.handled": _("Marked as handled"),
    "message.taken_up_again": _("Taken up again"),
    "message_text.changed": _("Text changed"),
    "message_text.given_up": _("Back to the usual text"),
    "seats.taken": _("Seats taken by those who come every time"),
    "seats.released": _("Seats given back"),
    "seats.returned": _("Seats taken again after the cancellation"),
    "seats.swapped": _("Participants swapped at a meeting"),
    "participant.named": _("Participant named"),
    "participant.taken_off": _("Participant taken off"),
    "participant.corrected": _("Participant corrected"),
    "charge.to_invoice": _("Changed to e-invoice"),
    "charge.paid": _("Payment received"),
    "charge.reissued": _("Credited and reissued"),
    "charge.paid_too_late": _("Paid after the place was gone"),
    "meeting.cancelled": _("Meeting cancelled"),
    "meeting.changed": _("Meeting changed; those who come were told"),
    "membership.compensated": _("Credited for a cancelled meeting"),
    "meeting.host_assigned": _("Host assigned"),
    "meeting.host_removed": _("Host removed"),
    "attendance.walked_in": _("Came unannounced"),
    "attendance.noted": _("Attendance noted"),
    "attendance.checked_in": _("Checked in by link"),
    "guest.invited": _("Invitation sent"),
    "guest.link_sent": _("New link sent"),
    "guest.accepted": _("Invitation accepted"),
    "guest.declined": _("Invitation declined"),
    "guest.withdrawn": _("Invitation withdrawn"),
    "guest.forgotten": _("Personal data deleted"),
    **{
        f"{kind}.{what}": label
        for kind in ("topic", "offer")
        for what, label in (
            ("proposed", _("Received")),
            ("supported", _("Supported by a member")),
            ("support_taken_back", _("Support taken back")),
            ("answered", _("Answered by a coordinator")),
            ("declined", _("Not taken up")),
            ("planned", _("Put on a meeting's programme")),
            ("taken_off", _("Taken off the programme")),
        )
    },
    "participant.shown": _("Participant shown to fellow members"),
    "participant.hidden": _("Participant hidden from fellow members"),
    "meeting.programme_added": _("Added to the programme"),
    "meeting.programme_edited": _("Programme item edited"),
    "meeting.programme_ordered": _("Programme put in another order"),
    "meeting.programme_removed": _("Taken off the programme"),
    "meeting.material_added": _("Material added"),
    "meeting.material_removed": _("Material removed"),
    "municipality.domain_remembered": _("Mail domain remembered"),
    "network.invited": _("Invitation sent"),
    "saved_view.saved": _("Saved view made"),
    "saved_view.changed": _("Saved view changed"),
    "saved_view.deleted": _("Saved view deleted"),
}


def action_label(action: str) -> Any:
    """What happened; an action without a label is told by its own name."""
    return ACTION_LABELS.get(action) or action.rpartition(".")[2].replace("_", " ")


def status_label(membership: Membership) -> Any:
    """The state; of an active one that is cancelled also that: no colour says it alone."""
    status = membership.get_status_display()
    if membership.state != Status.ACTIVE or membership.cancelled_at is None:
        return status
    return gettext("%(status)s, cancelled") % {"status": status}


def status_tone(membership: Membership) -> str:
    """Active is fine; what is over is neutral or refused; the rest waits for somebody."""
    status = membership.state
    if status == Status.ACTIVE:
        return POSITIVE if membership.cancelled_at is None else WAITING
    if status in (Status.REJECTED, Status.EXPIRED):
        return CRITICAL
    return NEUTRAL if status in FINAL else WAITING


def message_state(message: Message) -> Any:
    """The state; of one that did not arrive also that nothing more is to be done."""
    state = message.get_state_display()
    if message.handled_at is None:
        return state
    return gettext("%(state)s, handled") % {"state": state}


def message_tone(message: Message) -> str:
    if message.handled_at is not None:
        return NEUTRAL
    return _MESSAGE_TONES.get(MessageState(message.state), WAITING)


def shown_body(message: Message) -> str:
    """The text as sent, with "[personal link]" where each link was: those are stored nowhere."""
    return _LINK_MARK.sub(f"[{gettext('personal link')}]", message.body)


def places_text(network: NetworkPage) -> str:
    """How full a network is, for whoever is about to take another one in."""
    return taken_text(places_of(network))


def taken_text(places: Places) -> str:
    if places.capacity is None:
        return gettext("The network has no limit of places.")
    return gettext("Places: %(taken)s of %(capacity)s are taken.") % {
        "taken": places.taken,
        "capacity": places.capacity,
    }
