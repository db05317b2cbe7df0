"""A guest's invitation by personal link: shows; the buttons (POST) accept and decline."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from cms import links
from networks.models import Guest, GuestState
from networks.public.presentation import NetworkView
from networks.public.seasons import MeetingView
from networks.services import guests
from networks.services.errors import NotPossible
from networks.services.notices.guests import PURPOSE

ANSWERS = {"accept": True, "decline": False}


def private(response: HttpResponse) -> HttpResponse:
    """The token is in the address: it must not travel to another site, nor be indexed."""
    # With no-referrer browsers would send "Origin: null", and Django refuse the button.
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response


@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What the guest is invited to, the answer given, and the way to another answer."""
    guest = _guest_of(links.resolve(token, PURPOSE))
    if guest is None:
        return render(request, "networks/guest/link_expired.html", status=410)
    refusal = ""
    answer = next((ANSWERS[name] for name in ANSWERS if name in request.POST), None)
    if answer is not None:
        try:
            guests.answer(guest.pk, accepts=answer)
            return redirect("guest_invitation", token=token)
        except NotPossible as error:
            refusal = error.message
    network = guest.meeting.season.page
    context = {
        "guest": guest,
        "network": network,
        "view": NetworkView(network),
        "meeting": MeetingView(guest.meeting, is_past=not guests.can_invite(guest.meeting)),
        "can_answer": guests.can_invite(guest.meeting),
        "has_accepted": guest.state == GuestState.ACCEPTED,
        "has_declined": guest.state == GuestState.DECLINED,
        "refusal": refusal,
    }
    page = render(
        request, "networks/guest/invitation.html", context, status=409 if refusal else 200
    )
    return private(page)


def _guest_of(link: links.Link | None) -> Guest | None:
    if link is None:
        return None
    rows = Guest.objects.select_related(
        "meeting__season__page", "meeting__record", "meeting__host"
    ).exclude(state=GuestState.WITHDRAWN)
    return rows.filter(pk=link.subject.partition(":")[2]).first()
