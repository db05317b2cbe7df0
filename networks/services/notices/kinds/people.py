"""Kinds about links, addresses, colleagues who want to come along, and roles handed over."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.messages.kinds import Context, MessageKind, Placeholder, link, register
from networks.models import Handover, HandoverKind, JoinRequest, Membership
from networks.services.notices.kinds.shared import (
    MEMBERSHIP,
    MEMBERSHIP_LINK,
    PEOPLE,
    some_participant,
)

CONTACT = _("The contact")
COLLEAGUE = _("The colleague")
OWN_WORDS = Placeholder("besked", _("what was written with it, if anything"), "text")
PERSONAL = link(
    "personligt link",
    _("the personal link; before the address is proved, the link that proves it"),
    "membership",
    "confirm",
)


def with_colleague(membership: Membership) -> dict[str, Any]:
    request = membership.join_requests.first() or JoinRequest(
        membership=membership, name="Bo Berg", email="bo.berg@example.dk", job_title="Konsulent"
    )
    return {"request": request, "text": "", "participant": some_participant(membership)}


def with_handover(membership: Membership) -> dict[str, Any]:
    handover = membership.handovers.first() or Handover(
        membership=membership,
        kind=HandoverKind.CONTACT,
        name="Bo Berg",
        email="bo.berg@example.dk",
    )
    return {
        "handover": handover,
        "roles": [handover.kind],
        "text": "",
        "new_link_url": settings.WAGTAILADMIN_BASE_URL,
    }


def roles(context: Context) -> str:
    names = {
        HandoverKind.CONTACT: _t(
            "The role of contact: speaks for the membership, names participants"
        ),
        HandoverKind.INVOICE_CONTACT: _t("The role of invoice contact: gets the invoices"),
    }
    successor = _t("The membership itself, to a successor")
    return "\n".join(f"– {names.get(role, successor)}" for role in context["roles"])


JOIN = (
    *MEMBERSHIP,
    Placeholder("kollega", _("the colleague's name"), "request.name"),
    Placeholder("kollegas e-mail", _("the colleague's address"), "request.email"),
    Placeholder("kollegas stilling", _("the colleague's job title"), "request.job_title"),
)
HANDOVER = (
    *MEMBERSHIP,
    Placeholder("kollega", _("the colleague's name"), "handover.name"),
    Placeholder("kollegas e-mail", _("the colleague's address"), "handover.email"),
)
HANDOVER_WORDS = Placeholder("besked", _("what was written with it, if anything"), "handover.text")

register(
    MessageKind(
        "new_link",
        group=PEOPLE,
        label=_("A new link"),
        sent=_("When a new personal link is asked for."),
        to=_("Whoever asked for it"),
        placeholders=(*MEMBERSHIP, PERSONAL),
        links=("membership",),
    ),
    MessageKind(
        "address_to_confirm",
        group=PEOPLE,
        label=_("Another address, to be confirmed"),
        sent=_("When somebody changes their address."),
        to=_("The new address"),
        placeholders=(
            *MEMBERSHIP,
            link("link til bekræftelse", _("the link that confirms the address"), "address"),
        ),
        links=("address",),
        sample=lambda membership: {"person": membership.contact},
    ),
    MessageKind(
        "address_changed",
        group=PEOPLE,
        label=_("The address was changed"),
        sent=_("When another address was confirmed."),
        to=_("The old address"),
        placeholders=MEMBERSHIP,
    ),
    MessageKind(
        "erasure_received",
        group=PEOPLE,
        label=_("The request for erasure is received"),
        sent=_("When somebody asks to be erased."),
        to=_("Whoever asked for it"),
        placeholders=MEMBERSHIP,
        sample=lambda membership: {"person": membership.contact},
    ),
    MessageKind(
        "erasure_handled",
        group=PEOPLE,
        label=_("The request for erasure is handled"),
        sent=_("When an administrator has carried it out."),
        to=_("Whoever asked for it"),
        placeholders=(
            *MEMBERSHIP,
            Placeholder("udfald", _("what was done"), "outcome", required=True),
        ),
        sample=lambda membership: {
            "person": membership.contact,
            "outcome": _t("Your data are erased."),
        },
    ),
    MessageKind(
        "join_requested",
        group=PEOPLE,
        label=_("A colleague wants to join"),
        sent=_("When somebody signs up whose municipality is a member already."),
        to=CONTACT,
        placeholders=(
            *JOIN,
            link("link til svar", _("the link to answer the colleague"), "join"),
        ),
        links=("join",),
        sample=with_colleague,
    ),
    MessageKind(
        "join_accepted",
        group=PEOPLE,
        label=_("Taken in as participant"),
        sent=_("When the contact takes a colleague in."),
        to=COLLEAGUE,
        recipient="request.name",
        placeholders=(*JOIN, MEMBERSHIP_LINK),
        links=("membership",),
        sample=with_colleague,
    ),
    MessageKind(
        "join_declined",
        group=PEOPLE,
        label=_("Not taken in as participant"),
        sent=_("When the contact says no to a colleague."),
        to=COLLEAGUE,
        recipient="request.name",
        placeholders=(*JOIN, OWN_WORDS),
        sample=with_colleague,
    ),
    MessageKind(
        "handover_offered",
        group=PEOPLE,
        label=_("Asked to take over"),
        sent=_("When a role, or a person's membership, is handed over."),
        to=COLLEAGUE,
        recipient="handover.name",
        placeholders=(
            *HANDOVER,
            Placeholder("roller", _("what is handed over, one a line"), roles, required=True),
            HANDOVER_WORDS,
            link("link til svar", _("the link to say yes or no"), "handover"),
        ),
        links=("handover",),
        sample=with_handover,
    ),
    MessageKind(
        "handover_withdrawn",
        group=PEOPLE,
        label=_("The handover is taken back"),
        sent=_("When whoever hands over changes their mind."),
        to=COLLEAGUE,
        recipient="handover.name",
        placeholders=HANDOVER,
        sample=with_handover,
    ),
    MessageKind(
        "handover_refused",
        group=PEOPLE,
        label=_("The colleague does not take over"),
        sent=_("When the colleague says no."),
        to=_("Whoever hands over"),
        placeholders=HANDOVER,
        sample=with_handover,
    ),
    MessageKind(
        "handover_taken",
        group=PEOPLE,
        label=_("You have taken over"),
        sent=_("When the colleague says yes, or an administrator to a take-over."),
        to=COLLEAGUE,
        recipient="handover.name",
        placeholders=(*HANDOVER, MEMBERSHIP_LINK),
        links=("membership",),
        sample=with_handover,
    ),
    MessageKind(
        "handover_done",
        group=PEOPLE,
        label=_("Another has taken over"),
        sent=_("When the role has passed to the colleague."),
        to=_("Whoever hands over"),
        placeholders=(
            *HANDOVER,
            Placeholder("side til nyt link", _("where a new link is asked for"), "new_link_url"),
        ),
        sample=with_handover,
    ),
    MessageKind(
        "handover_declined",
        group=PEOPLE,
        label=_("The take-over is declined"),
        sent=_("When an administrator, or the contact, says no to a take-over."),
        to=COLLEAGUE,
        recipient="handover.name",
        placeholders=(*HANDOVER, OWN_WORDS),
        sample=with_handover,
    ),
    MessageKind(
        "take_over_to_confirm",
        group=PEOPLE,
        label=_("The wish to take over, to be confirmed"),
        sent=_("When somebody asks to take over from a contact who has left."),
        to=COLLEAGUE,
        recipient="handover.name",
        placeholders=(
            *HANDOVER,
            link("link til bekræftelse", _("the link that confirms the request"), "take_over"),
        ),
        links=("take_over",),
        sample=with_handover,
    ),
    MessageKind(
        "take_over_asked",
        group=PEOPLE,
        label=_("A colleague asks to take over"),
        sent=_("When the asker's address is confirmed."),
        to=CONTACT,
        placeholders=(
            *HANDOVER,
            HANDOVER_WORDS,
            link("link til indsigelse", _("the link to say: I am still the contact"), "objection"),
        ),
        links=("objection",),
        sample=with_handover,
    ),
)
