"""The ``Stripe-Signature`` header (https://docs.stripe.com/webhooks#verify-manually).

Written from the description and not with the SDK's own code, so that the two check each other.
"""

import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class SignedBody:
    """A webhook's body with the header that goes with it."""

    body: bytes
    header: str


def sign(body: bytes, secrets: Sequence[str], timestamp: int | None = None) -> SignedBody:
    """One ``v1`` for each secret, as while a secret is being rotated."""
    at = int(time.time()) if timestamp is None else timestamp
    message = str(at).encode() + b"." + body
    marks = [hmac.new(key.encode(), message, hashlib.sha256).hexdigest() for key in secrets]
    return SignedBody(body, ",".join([f"t={at}", *(f"v1={mark}" for mark in marks)]))
