"""Kinds that guests of meetings get, and whoever invited them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.messages.kinds import Context, MessageKind, Placeholder, link, register
from networks.models import Guest, GuestState, Membership
from networks.services import calendar
from networks.services.notices.change import Change
from networks.services.notices.guests import controllers
from networks.services.notices.kinds.shared import (
    GUESTS,
    MEETING,
    NETWORK,
    PAGE,
    RECIPIENT,
    part,
    some_meeting,
)

GUEST = _("The guest")
WHERE = Placeholder("tid og sted", _("the meeting's title, time and place"), part("guest_meeting"))
ANSWER = link("link til svar", _("the link to answer the invitation"), "guest")
FACTS = (RECIPIENT, NETWORK, PAGE, MEETING, WHERE)


def about_data(context: Context) -> str:
    """What the law asks guests to be told (GDPR, article 13)."""
    return " ".join(
        [
            _t(
                "We use your name, e-mail and organisation to plan and hold the meeting. Those who "
                "come to the meeting see your name and organisation. We delete them 12 months "
                "after the meeting."
            ),
            _t("Data controller: %(controllers)s.") % {"controllers": context["controllers"]},
            _t(
                "The legal basis is our legitimate interest in inviting you. You can see, correct "
                "and have your data erased: answer this mail."
            ),
            _t("You can complain to the Danish Data Protection Agency (Datatilsynet)."),
        ]
    )


def the_answer(context: Context) -> str:
    """Whether the guest comes."""
    values = {
        "guest": context["guest"].name,
        "meeting": context["meeting"].label,
        "network": context["network"].title,
    }
    if context["guest"].state == GuestState.ACCEPTED:
        return (
            _t("%(guest)s has accepted your invitation to %(meeting)s in the network %(network)s.")
            % values
        )
    return (
        _t("%(guest)s has declined your invitation to %(meeting)s in the network %(network)s.")
        % values
    )


def with_guest(membership: Membership) -> dict[str, Any]:
    guests = Guest.objects.filter(meeting__season__page=membership.network_id)
    related = ("meeting__season__page", "meeting__host", "meeting__record")
    guest = guests.select_related(*related).last()
    if guest is None:
        meeting = some_meeting(membership)
        guest = Guest(
            meeting=meeting, name="Ida Iversen", email="ida@example.dk", organisation="Museet"
        )
    return {
        "guest": guest,
        "meeting": guest.meeting,
        "place": calendar.place_of(guest.meeting),
        "controllers": controllers(membership.network),
        "name": membership.contact.name,
    }


def with_changed_meeting(membership: Membership) -> dict[str, Any]:
    context = with_guest(membership)
    now = calendar.said_of(context["meeting"])
    before = replace(now, starts_at=now.starts_at - timedelta(days=7) if now.starts_at else None)
    return {**context, "changes": [Change(context["meeting"], before, now)]}


register(
    MessageKind(
        "guest_invited",
        group=GUESTS,
        label=_("Invitation of a guest"),
        sent=_("When a guest is invited to a meeting."),
        to=GUEST,
        recipient="guest.name",
        placeholders=(
            *FACTS,
            Placeholder("formål", _("what the guest is invited to"), "guest.purpose"),
            Placeholder(
                "om persondata",
                _("which data we keep and which rights that gives, as the law demands"),
                about_data,
                required=True,
            ),
            ANSWER,
        ),
        links=("guest",),
        sample=with_guest,
    ),
    MessageKind(
        "guest_accepted",
        group=GUESTS,
        label=_("The guest has accepted"),
        sent=_("When a guest accepts the invitation."),
        to=GUEST,
        recipient="guest.name",
        placeholders=(
            *FACTS,
            link(
                "link til indtjekning", _("the link to check in with"), "check_in", required=False
            ),
            ANSWER,
        ),
        links=("guest", "check_in"),
        sample=with_guest,
    ),
    MessageKind(
        "guest_answered",
        group=GUESTS,
        label=_("A guest's answer"),
        sent=_("When a guest accepts or declines."),
        to=_("Whoever invited the guest"),
        placeholders=(
            RECIPIENT,
            NETWORK,
            MEETING,
            Placeholder("gæst", _("the guest's name"), "guest.name"),
            Placeholder(
                "svar", _("a sentence: whether the guest comes"), the_answer, required=True
            ),
        ),
        sample=with_guest,
    ),
    MessageKind(
        "guest_withdrawn",
        group=GUESTS,
        label=_("The guest's invitation is withdrawn"),
        sent=_("When an invitation is taken back."),
        to=GUEST,
        recipient="guest.name",
        placeholders=(RECIPIENT, NETWORK, PAGE, MEETING),
        sample=with_guest,
    ),
    MessageKind(
        "guest_meeting_changed",
        group=GUESTS,
        label=_("The guest's meeting has changed"),
        sent=_("When a meeting that a guest is invited to gets another time or place."),
        to=GUEST,
        recipient="guest.name",
        placeholders=(
            RECIPIENT,
            NETWORK,
            PAGE,
            Placeholder(
                "ændringer", _("what changed, meeting by meeting"), part("changes"), required=True
            ),
            ANSWER,
        ),
        links=("guest",),
        sample=with_changed_meeting,
    ),
    MessageKind(
        "guest_meeting_cancelled",
        group=GUESTS,
        label=_("The guest's meeting is cancelled"),
        sent=_("When a meeting that a guest is invited to is cancelled."),
        to=GUEST,
        recipient="guest.name",
        placeholders=(RECIPIENT, NETWORK, PAGE, MEETING),
        sample=with_guest,
    ),
)
