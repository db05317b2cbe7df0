"""A client and a session's parameters as the product would give them, for the fake's own tests."""

from typing import Any
from uuid import uuid4

import stripe

from .fake import FakeStripe


def client_for(
    fake: FakeStripe, *, api_key: str | None = None, retries: int = 0, timeout: float = 5.0
) -> stripe.StripeClient:
    return stripe.StripeClient(
        api_key or fake.api_key,
        base_addresses={"api": fake.url},
        max_network_retries=retries,
        http_client=stripe.RequestsClient(timeout=timeout),
    )


def session_params(*, amount: int = 125000, **changes: Any) -> Any:
    """``amount`` in øre; a change to None takes a parameter away."""
    reference = str(uuid4())
    product = {"name": "Medlemskab 2027"}
    price = {"currency": "dkk", "unit_amount": amount, "product_data": product}
    params = {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "success_url": "http://127.0.0.1:8000/return/?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:8000/cancel/",
        "client_reference_id": reference,
        "customer_email": "kasserer@example.com",
        "locale": "da",
        "metadata": {"payment": reference},
        "payment_intent_data": {"metadata": {"payment": reference}},
        "adaptive_pricing": {"enabled": False},
    }
    return {name: value for name, value in (params | changes).items() if value is not None}
