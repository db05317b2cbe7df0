"""A request to the API, from the key to the answer: faults, authentication, idempotency."""

import hashlib
import secrets
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import parse_qsl

import stripe

from .account import Account
from .balance import make_available
from .endpoints import Call, Endpoint, find, run
from .errors import RefusalError
from .idempotency import IdempotencyKeys
from .knobs import Fault, Knobs
from .parameters import decode, read
from .sessions import expire_due
from .shape import Json


@dataclass(frozen=True)
class Request:
    """A request as it came in; ``body`` is a POST's form or a GET's query string."""

    method: str
    path: str
    body: str
    headers: dict[str, str]
    id: str = field(default_factory=lambda: f"req_{secrets.token_hex(7)}")

    @property
    def idempotency_key(self) -> str | None:
        return self.headers.get("idempotency-key") if self.method == "POST" else None

    @property
    def fingerprint(self) -> str:
        """Equal for equal parameters, whatever their order."""
        parameters = sorted(parse_qsl(self.body, keep_blank_values=True))
        return hashlib.sha256(f"{self.method} {self.path} {parameters}".encode()).hexdigest()


@dataclass(frozen=True)
class Answer:
    status: int
    body: Json
    headers: dict[str, str] = field(default_factory=dict)


class Api:
    """Answers requests; ``requests`` remembers the latest of them for tests to count."""

    def __init__(self, account: Account, knobs: Knobs) -> None:
        self.account = account
        self.knobs = knobs
        self.requests: deque[Request] = deque(maxlen=10_000)
        # Set when the server stops: a request that is made to wait gives up.
        self.stopping = threading.Event()
        self._keys = IdempotencyKeys(account)

    def answer(self, request: Request) -> Answer | None:
        """None: the connection is closed without a reply."""
        self.requests.append(request)
        fault = self.knobs.take_fault(request.method, request.path)
        kind = fault.kind if fault else None
        headers = {"Request-Id": request.id, "Stripe-Version": stripe.api_version}
        try:
            if fault and kind == "timeout":
                self.stopping.wait(fault.seconds)
                return None
            _refuse_outside(kind)
            self._authenticate(request)
            answer = self._once(request, fault)
        except RefusalError as refusal:
            answer = Answer(refusal.status, refusal.body(), _retry_advice(refusal))
        if kind == "reply_lost":
            return None
        return Answer(answer.status, answer.body, headers | answer.headers)

    def catch_up(self) -> None:
        """Let happen what the clock has made due."""
        with self.account.change():
            expire_due(self.account)
            make_available(self.account)

    def _authenticate(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not key:
            raise RefusalError("You did not provide an API key.", status=401)
        masked = f"{key[:8]}****{key[-4:]}"
        if key != self.account.settings.api_key:
            raise RefusalError(f"Invalid API Key provided: {masked}", status=401)
        if self.knobs.key_revoked:
            raise RefusalError(
                f"Expired API Key provided: {masked}", status=401, code="api_key_expired"
            )
        version = request.headers.get("stripe-version", stripe.api_version)
        if version != stripe.api_version:
            raise RefusalError(f"Invalid Stripe API version: {version}")

    def _once(self, request: Request, fault: Fault | None) -> Answer:
        key = request.idempotency_key
        if key is None:
            return self._perform(request, fault)
        with self.account.change():
            known = self._keys.claim(key, request.fingerprint)
        if known is not None:
            replayed = {"Idempotent-Replayed": "true", "Idempotency-Key": key}
            return Answer(known["status"], known["body"], known["headers"] | replayed)
        try:
            answer = self._perform(request, fault)
        except RefusalError as refusal:
            answer = Answer(refusal.status, refusal.body(), _retry_advice(refusal))
            if not refusal.stored:
                self._keys_release(key)
                return answer
        kept = {"status": answer.status, "body": answer.body, "headers": answer.headers}
        with self.account.change():
            self._keys.keep(key, kept)
        return Answer(answer.status, answer.body, answer.headers | {"Idempotency-Key": key})

    def _keys_release(self, key: str) -> None:
        with self.account.change():
            self._keys.release(key)

    def _perform(self, request: Request, fault: Fault | None) -> Answer:
        endpoint, wanted = find(request.method, request.path)
        params = read(endpoint.params, decode(request.body))
        if fault and fault.kind == "500":
            _break_down()
        self.catch_up()
        body = self._locked(request, endpoint, params, wanted)
        if fault and fault.kind == "slow":
            self.stopping.wait(fault.seconds)
        return Answer(200, body)

    def _locked(self, request: Request, endpoint: Endpoint, params: Json, wanted: str) -> Json:
        with self.account.change():
            self.account.request = {
                "id": request.id,
                "idempotency_key": request.idempotency_key,
            }
            try:
                call = Call(self.account, self.knobs, params, request.path, wanted)
                return run(endpoint, call)
            finally:
                self.account.request = {"id": None, "idempotency_key": None}


def _refuse_outside(kind: str | None) -> None:
    """Faults of the edge, before any endpoint or idempotency key is reached."""
    if kind == "429":
        raise RefusalError("Too many requests hit the API too quickly.", status=429)
    if kind == "503":
        raise RefusalError("The API is briefly unavailable.", status=503, kind="api_error")


def _break_down() -> NoReturn:
    """A fault inside an endpoint: an idempotency key keeps and replays it."""
    raise RefusalError("An unknown error occurred.", status=500, kind="api_error", stored=True)


def _retry_advice(refusal: RefusalError) -> dict[str, str]:
    """A kept 500 would only be replayed, so Stripe advises its SDK not to repeat it."""
    if refusal.status < 500:
        return {}
    return {"Stripe-Should-Retry": "false" if refusal.stored else "true"}
