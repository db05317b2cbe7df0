"""Opening a personal link, and asking for a new one."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django_ratelimit.core import is_ratelimited

from cms import links
from cms.security import client_address
from networks.models import Membership
from networks.rules.states import TransitionNotAllowed
from networks.services import people
from networks.services.errors import NotPossible
from networks.services.paying import PaymentUnavailable


class NewLinkForm(forms.Form):
    """Ask for a new personal link; the answer is the same for every address."""

    email = forms.EmailField(
        max_length=254,
        label=gettext_lazy("Work e-mail"),
        error_messages={"required": gettext_lazy("Write your work e-mail.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


LinkView = Callable[..., HttpResponseBase]
Response = TypeVar("Response", bound=HttpResponseBase)


def memberships() -> QuerySet[Membership]:
    return Membership.objects.select_related(
        "network", "municipality", "contact", "invoice_contact", "first_season"
    )


def opened_by(
    *purposes: str, rows: Sequence[Callable[[], QuerySet[Any]]] = (memberships,)
) -> Callable[[LinkView], Callable[..., HttpResponseBase]]:
    """The view gets the row of a valid link: a membership, or one of what ``rows`` gives. Any other
    link shows how to get a new one."""

    def decorate(view: LinkView) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        @never_cache
        def open_link(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponseBase:
            link = links.resolve(token, *purposes)
            row = _row_of(link, [read() for read in rows])
            if row is None:
                return link_expired(request)
            request.link = link  # type: ignore[attr-defined]
            try:
                response = view(request, row, token, **kwargs)
            except (NotPossible, TransitionNotAllowed) as error:
                message = getattr(error, "message", _("This can't be done any more."))
                response = refused(request, row, message, status=409)
            except PaymentUnavailable:
                message = _("The payment can't be closed just now. Try again in a moment.")
                response = refused(request, row, message, status=503)
            return kept_private(response)

        return open_link

    return decorate


def kept_private(response: Response) -> Response:
    """The token is in the address: it must not travel to another site, nor into a search engine.

    With no-referrer browsers would send "Origin: null", and Django refuse the button.
    """
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response


def refused(request: HttpRequest, row: Any, message: str, *, status: int = 409) -> HttpResponse:
    """Says why it can't be done."""
    membership = row if isinstance(row, Membership) else getattr(row, "membership", None)
    context = {"message": message, "network": membership.network if membership else None}
    return render(request, "networks/signup/refused.html", context, status=status)


def _row_of(link: links.Link | None, rows: Sequence[QuerySet[Any]]) -> Any:
    if link is None:
        return None
    label, _separator, key = link.subject.partition(":")
    found = next((each for each in rows if each.model._meta.label_lower == label), None)
    return None if found is None else found.filter(pk=key).first()


def link_expired(request: HttpRequest) -> HttpResponse:
    """Says that the link doesn't work, and how to get a new one."""
    return render(request, "networks/signup/link_expired.html", {"form": NewLinkForm()}, status=410)


@never_cache
def new_link(request: HttpRequest) -> HttpResponse:
    """ "Send me a new link": the answer is the same for known and unknown addresses."""
    form = NewLinkForm(request.POST if request.method == "POST" else None)
    sent = False
    if request.method == "POST" and form.is_valid():
        limited = is_ratelimited(
            request,
            group="new_link",
            key=lambda _group, current: client_address(current),
            rate=settings.NEW_LINK_RATE,
            method="POST",
            increment=True,
        )
        if not limited:
            people.request_links(form.cleaned_data["email"])
        sent = True
    return render(request, "networks/signup/new_link.html", {"form": form, "sent": sent})
