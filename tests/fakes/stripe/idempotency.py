"""Idempotency keys as Stripe keeps them (https://docs.stripe.com/api/idempotent_requests)."""

from .account import Account
from .errors import RefusalError
from .shape import Json

# Stripe may prune a key once it is at least 24 hours old; the fake always does.
KEPT_SECONDS = 24 * 3600


class IdempotencyKeys:
    """A key is claimed, then kept with its answer or released. Callers hold the account's lock."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def claim(self, key: str, request: str) -> Json | None:
        """The stored answer, or None once the key is the caller's; raises 400 and 409."""
        self._prune()
        known: Json | None = self._account.idempotency.get(key)
        if known is None:
            self._account.idempotency[key] = {
                "request": request,
                "answer": None,
                "created": self._account.clock.now(),
            }
            return None
        if known["request"] != request:
            raise RefusalError(
                "Keys for idempotent requests can only be used with the same parameters they "
                f"were first used with. Try using a key other than '{key}' if you meant to "
                "execute a different request.",
                kind="idempotency_error",
            )
        if known["answer"] is None:
            raise RefusalError(
                "There is currently another in-progress request using this Idempotent Key "
                f"(that probably means you submitted twice): {key}",
                status=409,
                kind="idempotency_error",
                code="idempotency_key_in_use",
            )
        answer: Json = known["answer"]
        return answer

    def keep(self, key: str, answer: Json) -> None:
        # A reset of the fake may have come between claiming and keeping.
        if key in self._account.idempotency:
            self._account.idempotency[key]["answer"] = answer

    def release(self, key: str) -> None:
        self._account.idempotency.pop(key, None)

    def _prune(self) -> None:
        before = self._account.clock.now() - KEPT_SECONDS
        keys = self._account.idempotency
        for key in [key for key, known in keys.items() if known["created"] <= before]:
            del keys[key]
