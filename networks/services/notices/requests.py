"""The notices of a request to join: the contact is asked, the colleague gets the answer."""

from cms.audit import reference
from cms.messages.outbox import LinkRequest
from networks.models import JoinRequest, Participant
from networks.services.notices.letters import moment_key, notify

#: Days that the contact's link to answer works.
ANSWER_DAYS = 60


def asked(request: JoinRequest) -> None:
    """A colleague wants to come along: the contact is asked, with a link to answer."""
    notify(
        request.membership,
        "join_requested",
        key=f"{request.pk}:{moment_key(request.created_at)}",
        context={"request": request},
        requests=(
            LinkRequest("join", "join", reference(request), "/tag-med/{token}/", ANSWER_DAYS),
        ),
    )


def taken_in(request: JoinRequest, participant: Participant) -> None:
    """To the colleague: taken in, with the personal link."""
    notify(
        request.membership,
        "join_accepted",
        "membership",
        key=f"{request.pk}:{moment_key(request.handled_at)}",
        to=(request.name, request.email),
        context={"request": request, "participant": participant},
    )


def turned_down(request: JoinRequest, *, text: str) -> None:
    """To the colleague: not this time."""
    notify(
        request.membership,
        "join_declined",
        key=f"{request.pk}:{moment_key(request.handled_at)}",
        to=(request.name, request.email),
        context={"request": request, "text": text},
    )
