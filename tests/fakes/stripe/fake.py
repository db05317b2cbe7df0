"""The fake as a test or ``make run`` holds it."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from . import disputes, payments, refunds, sessions
from .account import Account, Settings
from .api import Api, Request
from .balance import bill_fee, fail_payout, payout
from .clock import Clock
from .events import emit
from .knobs import FaultKind, Knobs
from .server import Server
from .shape import Json, public
from .signing import SignedBody
from .steering import steer
from .webhooks import ENABLED_EVENTS, Attempt, Deliveries, WebhookEndpoint

_TICK_SECONDS = 1.0


class FakeStripe:
    """A Stripe account behind a real HTTP server; see the package docstring.

    ``port`` 0 takes a free one and keeps it over ``stop()`` and ``start()``, so that a test can
    let Stripe be down for a while. ``start()`` raises OSError when the port is taken.
    """

    def __init__(
        self,
        *,
        webhook_url: str | None = None,
        webhook_secrets: Sequence[str] = ("whsec_fake",),
        api_key: str = "sk_test_fake",
        minimum_amount: int = 250,
        host: str = "127.0.0.1",
        port: int = 0,
        enabled_events: Sequence[str] = ENABLED_EVENTS,
        retry_delays: Sequence[float] = (0.05, 0.1, 0.2, 0.4),
        state: Path | None = None,
    ) -> None:
        settings = Settings(api_key=api_key, minimum_amount=minimum_amount)
        self.knobs = Knobs()
        self._account = Account(settings, state)
        self._api = Api(self._account, self.knobs)
        endpoint = WebhookEndpoint(webhook_url, webhook_secrets, enabled_events, retry_delays)
        self._deliveries = Deliveries(self._account, endpoint, self.knobs)
        self._account.on_event = self._deliveries.receive
        self._account.clock.on_advance = self._api.catch_up
        self._deliveries.resume()
        self._address = (host, port)
        self._server: Server | None = None
        self._ticking = threading.Event()

    def start(self) -> Self:
        server = Server(self._address, self._api, self._steer)
        self._server = server
        self._address = (self._address[0], server.server_address[1])
        self._account.base_url = self.url
        with self._account.change():
            sessions.refresh_urls(self._account)
        self._api.stopping.clear()
        self._ticking = threading.Event()
        for target in (lambda: server.serve_forever(poll_interval=0.02), self._tick):
            threading.Thread(target=target, name="fake-stripe", daemon=True).start()
        self._deliveries.start()
        return self

    def stop(self) -> None:
        """Let running waits end, close every connection, keep the state."""
        if self._server is None:
            return
        self._ticking.set()
        self._api.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._deliveries.stop()
        self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://{self._address[0]}:{self._address[1]}"

    @property
    def api_key(self) -> str:
        return self._account.settings.api_key

    @property
    def clock(self) -> Clock:
        return self._account.clock

    @property
    def webhook_secrets(self) -> Sequence[str]:
        return self._deliveries.endpoint.secrets

    @property
    def requests(self) -> list[Request]:
        """The API requests that came in, oldest first, replayed and refused ones too."""
        return list(self._api.requests)

    @property
    def attempts(self) -> list[Attempt]:
        """Every delivery attempt so far, oldest first."""
        return list(self._deliveries.attempts)

    @property
    def held(self) -> list[str]:
        """Ids of the events that the ``hold`` knob keeps back, oldest first."""
        return self._deliveries.held()

    def objects(self, kind: str, **fields: object) -> list[Json]:
        """Copies of the account's objects of a type ("refund", "event"), oldest first."""
        with self._account.lock:
            return [public(thing) for thing in self._account.where(kind, **fields)]

    # What a buyer does

    def pay(self, session_id: str) -> Json:
        return self._change(payments.pay, session_id)

    def decline(self, session_id: str) -> Json:
        return self._change(payments.decline, session_id)

    def pay_async(self, session_id: str) -> Json:
        return self._change(payments.pay_async, session_id)

    def cancel(self, session_id: str) -> str | None:
        """Where the buyer is sent; the session stays open, as at Stripe."""
        with self._account.lock:
            return sessions.return_url(self._account.session(session_id), "cancel_url")

    # What Stripe, a bank or the dashboard does

    def settle(self, session_id: str, outcome: str = "succeeded") -> Json:
        return self._change(payments.settle, session_id, outcome)

    def expire(self, session_id: str) -> Json:
        return self._change(sessions.expire_session, session_id)

    def refund_in_dashboard(
        self, reference: str, amount: int | None = None, *, status: str | None = None
    ) -> Json:
        """Refund the charge behind a session, payment intent or charge; all that is left."""
        with self._account.lock:
            params: Json = {"charge": self._account.charge_behind(reference)["id"]}
        if amount is not None:
            params["amount"] = amount
        first = status or self.knobs.refund_status
        return self._change(refunds.create_refund, params, status=first)

    def succeed_refund(self, refund_id: str) -> Json:
        return self._change(refunds.succeed_refund, refund_id)

    def fail_refund(self, refund_id: str) -> Json:
        return self._change(refunds.fail_refund, refund_id)

    def open_dispute(
        self, reference: str, *, amount: int | None = None, reason: str = "fraudulent"
    ) -> Json:
        return self._change(disputes.open_dispute, reference, amount=amount, reason=reason)

    def close_dispute(self, dispute_id: str, outcome: str) -> Json:
        return self._change(disputes.close_dispute, dispute_id, outcome)

    def payout(self) -> Json:
        return self._change(payout)

    def fail_payout(self, payout_id: str) -> Json:
        return self._change(fail_payout, payout_id)

    def bill_fee(self, amount: int, description: str = "Radar for Fraud Teams") -> Json:
        return self._change(bill_fee, amount, description)

    def set_fee(self, permille: int, fixed: int) -> None:
        """Of payments from then on: so many thousandths, and so many øre."""
        changed = replace(self._account.settings, fee_permille=permille, fee_fixed=fixed)
        self._account.settings = changed

    def emit(self, kind: str, thing: Json) -> Json:
        """Any event at all: an unknown type, or about an object that is not ours."""
        return self._change(emit, kind, thing)

    # Webhooks

    def flush(self, timeout: float = 10.0) -> None:
        self._deliveries.flush(timeout)

    def deliver(self, event_id: str) -> int | None:
        """Send an event again by hand, whatever the knobs; the answer's status, None if none."""
        return self._deliveries.deliver(event_id)

    def release(
        self, order: Sequence[str] | None = None, *, seed: int | None = None, together: bool = False
    ) -> list[str]:
        return self._deliveries.release(order, seed=seed, together=together)

    def signed(
        self,
        event: str | Json,
        *,
        timestamp: int | None = None,
        secrets: Sequence[str] | None = None,
    ) -> SignedBody:
        """The signed body of an event (by id, or made up): ``.body`` and ``.header``."""
        thing = self._account.snapshot(event) if isinstance(event, str) else event
        return self._deliveries.signed(thing, timestamp=timestamp, secrets=secrets)

    def point_webhook(self, url: str | None = None, secrets: Sequence[str] | None = None) -> None:
        """Another address ("" for none), or other secrets while they are rotated."""
        endpoint = self._deliveries.endpoint
        endpoint.url = endpoint.url if url is None else url
        endpoint.secrets = endpoint.secrets if secrets is None else secrets

    # Knobs that take arguments

    def fail_next(self, kind: FaultKind, count: int = 1, **which: Any) -> None:
        self.knobs.fail_next(kind, count, **which)

    def override(self, target: str, **shown: Any) -> None:
        self.knobs.override(target, **shown)

    def advance(self, seconds: int) -> int:
        return self.clock.advance(seconds)

    def reset(self) -> None:
        """As new: no objects, no keys, no knobs turned, nothing queued; the port stays."""
        self.knobs.reset()
        self._deliveries.clear()
        self._account.clear()
        self._api.requests.clear()

    def _change(self, action: Callable[..., Json], *args: Any, **named: Any) -> Json:
        self._api.catch_up()
        with self._account.change():
            return public(action(self._account, *args, **named))

    def _steer(self, instructions: Json) -> tuple[int, Json]:
        return steer(self, instructions)

    def _tick(self) -> None:
        while not self._ticking.wait(_TICK_SECONDS):
            self._api.catch_up()
