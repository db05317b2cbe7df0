"""The notices of topics and offers: to the coordinators when one comes, then to its author.

Coordinators get one mail for each: they come seldom, a membership may bring a few a day at most,
and none is lost or late.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse

from cms.audit import reference
from cms.messages.outbox import put
from networks.models import Meeting, Offer, Topic
from networks.services.notices.letters import context_of, moment_key, notify
from networks.services.scopes import scope_of

Brought = Topic | Offer


def received(contribution: Brought) -> None:
    """A topic or an offer has come: the network's coordinators who can be mailed are told."""
    coordinators = User.objects.filter(
        coordinated_networks__network=contribution.network, is_active=True
    ).exclude(email="")
    for user in coordinators.order_by("pk"):
        put(
            key=f"contribution_received:{reference(contribution)}:{user.pk}",
            template="contribution_received",
            to=(user.get_full_name() or user.get_username(), user.email),
            about=reference(contribution.membership),
            scope=scope_of(contribution.network),
            context={
                **context_of(contribution.membership),
                **_context(contribution),
                "address": _page_of(contribution),
            },
        )


def answered(contribution: Brought) -> None:
    _tell_author(contribution, "contribution_answered")


def declined(contribution: Brought) -> None:
    _tell_author(contribution, "contribution_declined")


def planned(contribution: Brought, meeting: Meeting, message: str) -> None:
    """It is on a meeting's programme. ``message``: the coordinator's own words, if any."""
    _tell_author(contribution, "contribution_planned", meeting=meeting, message=message)


def _tell_author(contribution: Brought, template: str, **context: Any) -> None:
    notify(
        contribution.membership,
        template,
        "membership",
        key=f"{reference(contribution)}:{moment_key(contribution.answered_at)}",
        to=(contribution.author_name, contribution.author_email),
        context={**_context(contribution), **context},
    )


def _context(contribution: Brought) -> dict[str, Any]:
    return {"contribution": contribution, "is_offer": isinstance(contribution, Offer)}


def _page_of(contribution: Brought) -> str:
    """The address of its page in the administration."""
    name = f"networks_{contribution._meta.model_name}_modeladmin_inspect"
    return f"{settings.WAGTAILADMIN_BASE_URL}{reverse(name, args=[contribution.pk])}"
