"""Stripe's webhook: a verified event says which payment to look at, Stripe says what is true."""

import logging

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments import gateway
from payments.models import StripeEvent
from payments.services.reconciliation import EVENTS, payment_of
from payments.services.synchronisation import sync_payment
from payments.stripe_facts import EventFacts

logger = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """200: applied, applied before, or none of ours. 400: not signed as it should be.

    500: could not be applied and is not claimed, so that Stripe delivers it again.
    """
    try:
        event = gateway.construct_event(request.body, request.headers.get("Stripe-Signature"))
    except gateway.SignatureInvalid as error:
        logger.warning("A webhook was refused: %s", error)
        return HttpResponse(status=400)
    if StripeEvent.objects.filter(event_id=event.id).exists():
        return HttpResponse()
    try:
        _take_in(event)
    except gateway.GatewayError as error:
        logger.warning("Event %s could not be applied: %s", event.id, error)
        return HttpResponse(status=500)
    return HttpResponse()


def _take_in(event: EventFacts) -> None:
    payment = payment_of(event) if event.type in EVENTS else None
    if payment is None or event.livemode != gateway.is_live():
        logger.warning("Event %s (%s) concerns no payment of ours.", event.id, event.type)
        return
    sync_payment(payment.pk, event=event)
