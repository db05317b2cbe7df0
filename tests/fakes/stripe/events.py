"""Events: a snapshot of an object at the moment something happened to it."""

from typing import Any

import stripe

from .account import Account
from .shape import Json, blank, public

# Stripe lists and retrieves events of the last 30 days only (https://docs.stripe.com/api/events).
KEPT_SECONDS = 30 * 24 * 3600


def emit(account: Account, kind: str, thing: Json, previous: Json | None = None) -> Json:
    data: dict[str, Any] = {"object": public(thing)}
    if previous:
        data["previous_attributes"] = previous
    event = blank(
        stripe.Event,
        id=account.new_id("evt"),
        object="event",
        api_version=stripe.api_version,
        created=account.clock.now(),
        data=data,
        livemode=account.settings.livemode,
        pending_webhooks=0,
        request=dict(account.request),
        type=kind,
    )
    account.add(event)
    account.on_event(event)
    return event


def kept(account: Account) -> list[Json]:
    since = account.clock.now() - KEPT_SECONDS
    return [event for event in account.of_kind("event") if event["created"] >= since]
