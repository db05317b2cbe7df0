"""The sign-up form's endpoint, and what is shown after sending.

The page that holds the form sets no cookie, so that it can be cached: the form carries no CSRF
token, and this endpoint asks the browser where the form came from instead.
"""

import logging

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseForbidden,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from django_ratelimit.core import is_ratelimited

from cms import links
from cms.audit import reference
from cms.security import client_address, is_same_origin
from networks.models import Membership, NetworkPage
from networks.public.forms import SignUpForm
from networks.public.presentation import NetworkView
from networks.public.refusal import refusal
from networks.services import paying, signup
from networks.services.application import Outcome, SignUpResult
from networks.services.errors import NotPossible
from networks.services.paying import PaymentUnavailable
from networks.services.transitions import CARD_DEADLINE_AFTER_APPROVAL

logger = logging.getLogger(__name__)

RECEIPT_SALT = "networks.signup.receipt"
RECEIPT_SECONDS = 24 * 60 * 60


def _address(group: str, request: HttpRequest) -> str:
    return client_address(request)


@csrf_exempt
@require_POST
def submit(request: HttpRequest, page_id: int) -> HttpResponse:
    """Take in a sign-up; errors show the page again with everything that was typed."""
    page = get_object_or_404(NetworkPage.objects.live(), pk=page_id)
    if not is_same_origin(request):
        return HttpResponseForbidden(_("The form must be sent from the network's own page."))
    view = NetworkView(page)
    form = SignUpForm(view, request.POST)
    # A whole municipality can share one address: generous, and only against floods.
    if is_ratelimited(
        request,
        group="signup",
        key=_address,
        rate=settings.SIGNUP_RATE,
        method="POST",
        increment=True,
    ):
        form.add_error(None, _("Many sign-ups have come from your connection. Try again shortly."))
        return _page_with(request, page, view, form, status=429)
    if request.POST.get("website"):
        return redirect(_receipt(SignUpResult(Outcome.CONFIRM_ADDRESS), page))
    if form.season_is_gone and view.signup_is_open:
        message = _("The season can't be joined any more. The form shows what can be joined now.")
        return _ask_again(request, page, message)
    if not form.is_valid():
        return _page_with(request, page, view, form, status=422)
    try:
        result = signup.sign_up(form.application)
    except NotPossible as error:
        form.add_error(None, error.message)
        return _page_with(request, page, view, form, status=409)
    return _answer(request, page, view, form, result)


def _answer(
    request: HttpRequest,
    page: NetworkPage,
    view: NetworkView,
    form: SignUpForm,
    result: SignUpResult,
) -> HttpResponse:
    match result.outcome:
        case Outcome.PRICE_ROSE:
            return _ask_again(request, page)
        case Outcome.CLOSED:
            form.add_error(None, view.closed_reason or _("Sign-up is closed."))
            return _page_with(request, page, view, form, status=422)
        case Outcome.MEETING_FULL:
            full = _("There is no room for so many at one of the meetings chosen.")
            form.add_error(None, full)
            return _page_with(request, page, view, form, status=422)
        case Outcome.REFUSED:
            form.add_error("organisation", ValidationError(refusal(result.verdict, view)))
            return _page_with(request, page, view, form, status=422)
        case Outcome.PAY:
            return _to_payment(request, result)
        case _:
            return HttpResponseRedirect(_receipt(result, page), status=303)


def _ask_again(request: HttpRequest, page: NetworkPage, message: str = "") -> HttpResponse:
    """The price has risen, or the season is over, since the page was shown: show what applies
    now, and ask for a new yes."""
    view = NetworkView(page)
    season = SignUpForm(view, request.POST).season_view
    data = request.POST.copy()
    data["season"] = str(season.season.pk) if season else ""
    data["shown_price"] = str(season.shown_net if season else 0)
    again = SignUpForm(view, data)
    risen = _("The price has changed to %(price)s. Send the form again to accept it.")
    again.add_error(
        None, message or risen % {"price": season.price_label if season else view.price_text}
    )
    return _page_with(request, page, view, again, status=409)


def _page_with(
    request: HttpRequest, page: NetworkPage, view: NetworkView, form: SignUpForm, status: int
) -> HttpResponse:
    context = {**page.get_context(request), "view": view, "form": form}
    response = TemplateResponse(request, page.get_template(request), context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _to_payment(request: HttpRequest, result: SignUpResult) -> HttpResponse:
    """On to the hosted payment page; when Stripe can't be reached, to our own, to try again."""
    assert result.membership is not None
    token = links.issue(
        purpose="pay",
        subject=reference(result.membership),
        lifetime=CARD_DEADLINE_AFTER_APPROVAL,
    )
    own_page = request.build_absolute_uri(reverse("payment", args=[token]))
    try:
        target = paying.begin_payment(result.membership.pk, return_url=own_page)
    except (PaymentUnavailable, NotPossible) as error:
        logger.warning("Payment could not begin: %s", error)
        target = own_page
    return HttpResponseRedirect(target, status=303)


def _receipt(result: SignUpResult, page: NetworkPage) -> str:
    """The address of the page after sending. Signed, and without personal data."""
    own = result.outcome != Outcome.JOIN_REQUESTED and result.membership
    payload = {
        "outcome": result.outcome,
        "network": page.pk,
        "membership": str(own.pk) if own else "",
    }
    return reverse("signup_done", args=[signing.dumps(payload, salt=RECEIPT_SALT)])


def _own_membership(key: str) -> Membership | None:
    return Membership.objects.filter(pk=key).first() if key else None


@require_safe
@never_cache
def done(request: HttpRequest, receipt: str) -> HttpResponse:
    """What happens next."""
    try:
        payload = signing.loads(receipt, salt=RECEIPT_SALT, max_age=RECEIPT_SECONDS)
    except signing.BadSignature as error:
        raise Http404 from error
    membership = _own_membership(payload["membership"])
    context = {
        "outcome": payload["outcome"],
        "network": get_object_or_404(NetworkPage, pk=payload["network"]),
        "membership": membership,
    }
    return render(request, "networks/signup/done.html", context)
