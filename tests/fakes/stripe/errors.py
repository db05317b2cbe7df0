"""The error answers of Stripe's API (https://docs.stripe.com/api/errors)."""

from typing import Any


class RefusalError(Exception):
    """An error answer: raised anywhere under a request, written by the API layer.

    ``stored`` says whether an idempotency key keeps the answer. Stripe keeps it only once the
    endpoint has begun to execute, so not for invalid parameters, 401, 409 or 429
    (https://docs.stripe.com/api/idempotent_requests).
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        stored: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.stored = stored

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            error["param"] = self.param
        return {"error": error}


def missing_object(kind: str, wanted: str, *, param: str = "id", status: int = 404) -> RefusalError:
    return RefusalError(
        f"No such {kind.replace('.', ' ')}: '{wanted}'",
        status=status,
        code="resource_missing",
        param=param,
    )


def invalid(message: str, param: str, *, code: str | None = None) -> RefusalError:
    """A parameter refused before the endpoint executes: no idempotency key keeps it."""
    return RefusalError(message, code=code, param=param)


def impossible(message: str, *, code: str | None = None, param: str | None = None) -> RefusalError:
    """A request that is well formed but that the objects' state forbids: the key keeps it."""
    return RefusalError(message, code=code, param=param, stored=True)
