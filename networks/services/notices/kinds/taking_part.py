"""Messages about what members bring: topics and offers."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.messages.kinds import Context, MessageKind, Placeholder, register
from networks.models import Membership, Offer, Topic
from networks.services.notices.kinds.shared import (
    MEETING,
    MEMBERSHIP,
    MEMBERSHIP_LINK,
    TAKING_PART,
    some_meeting,
)

AUTHOR = _("The member who brought it")
TITLE = Placeholder("titel", _("the topic or the offer in a few words"), "contribution.title")
TEXT = Placeholder("beskrivelse", _("what the member wrote about it"), "contribution.text")
FROM = Placeholder("forslagsstiller", _("who brought it"), "contribution.author_name")
ANSWER = Placeholder("svar", _("the coordinator's answer"), "contribution.answer", required=True)


def kind_of(context: Context) -> str:
    """Whether it is a topic or an offer, in a word."""
    return str(_("offer") if context["is_offer"] else _("topic"))


KIND = Placeholder("slags", _("topic or offer"), kind_of)


def with_contribution(membership: Membership) -> dict[str, Any]:
    """Something that the membership has brought, or might have."""
    found = (
        membership.topics.first()
        or membership.offers.first()
        or Topic(
            membership=membership,
            title=_t("How do we reach young people?"),
            author_name=membership.contact.name,
            answer=_t("Thank you. We take it up in the autumn."),
        )
    )
    return {
        "contribution": found,
        "is_offer": isinstance(found, Offer),
        "address": settings.WAGTAILADMIN_BASE_URL,
    }


def with_meeting(membership: Membership) -> dict[str, Any]:
    """… and the meeting that it is put on."""
    return {
        **with_contribution(membership),
        "meeting": some_meeting(membership),
        "message": "",
    }


register(
    MessageKind(
        "contribution_received",
        group=TAKING_PART,
        label=_("A member has sent a topic or an offer"),
        sent=_("At once, for each."),
        to=_("The network's coordinators"),
        placeholders=(
            *MEMBERSHIP,
            KIND,
            TITLE,
            TEXT,
            FROM,
            Placeholder(
                "adresse", _("the address of its page in the administration"), "address", True
            ),
        ),
        sample=with_contribution,
    ),
    MessageKind(
        "contribution_answered",
        group=TAKING_PART,
        label=_("A topic or an offer is answered"),
        sent=_("When a coordinator has answered."),
        to=AUTHOR,
        recipient="contribution.author_name",
        placeholders=(*MEMBERSHIP, KIND, TITLE, TEXT, ANSWER, MEMBERSHIP_LINK),
        links=("membership",),
        sample=with_contribution,
    ),
    MessageKind(
        "contribution_declined",
        group=TAKING_PART,
        label=_("A topic or an offer is declined"),
        sent=_("When a coordinator has declined."),
        to=AUTHOR,
        recipient="contribution.author_name",
        placeholders=(*MEMBERSHIP, KIND, TITLE, TEXT, ANSWER, MEMBERSHIP_LINK),
        links=("membership",),
        sample=with_contribution,
    ),
    MessageKind(
        "contribution_planned",
        group=TAKING_PART,
        label=_("A topic or an offer is on a meeting's programme"),
        sent=_("When a coordinator has put it there."),
        to=AUTHOR,
        recipient="contribution.author_name",
        placeholders=(
            *MEMBERSHIP,
            KIND,
            TITLE,
            MEETING,
            Placeholder("besked", _("the coordinator's own words, if any"), "message"),
            MEMBERSHIP_LINK,
        ),
        links=("membership",),
        sample=with_meeting,
    ),
)
