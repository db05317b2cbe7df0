"""Delivery of events to the webhook: signed, retried, and as disorderly as the knobs say."""

import heapq
import itertools
import json
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from .account import Account
from .knobs import Knobs
from .shape import Json
from .signing import SignedBody, sign

ENABLED_EVENTS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)


@dataclass
class WebhookEndpoint:
    """Where events go. ``retry_delays`` are the real seconds before each further attempt."""

    url: str | None
    secrets: Sequence[str]
    enabled_events: Sequence[str] = ENABLED_EVENTS
    retry_delays: Sequence[float] = (0.05, 0.1, 0.2, 0.4)
    timeout: float = 10.0


@dataclass(frozen=True)
class Attempt:
    """One delivery attempt; ``status`` is None when no answer came."""

    event_id: str
    event_type: str
    status: int | None
    number: int


@dataclass(order=True)
class _Parcel:
    """Events to send at the same moment, no earlier than ``due`` (monotonic seconds)."""

    due: float
    order: int
    event_ids: tuple[str, ...] = field(compare=False)
    number: int = field(compare=False, default=1)


class Deliveries:
    """A queue emptied by one thread, so that without faults events arrive in their order."""

    def __init__(self, account: Account, endpoint: WebhookEndpoint, knobs: Knobs) -> None:
        self.endpoint = endpoint
        self.attempts: list[Attempt] = []
        self._account = account
        self._knobs = knobs
        self._changed = threading.Condition()
        self._queue: list[_Parcel] = []
        self._held: list[str] = []
        self._order = itertools.count()
        self._sending = 0
        self._running = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._running = True
        self._thread = threading.Thread(target=self._work, name="fake-stripe-webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._running = False
            self._changed.notify_all()
        if self._thread:
            self._thread.join()

    def receive(self, event: Json) -> None:
        """Called, under the account's lock, for each new event."""
        kind = event["type"]
        if not self.endpoint.url or not self._knobs.chosen(self.endpoint.enabled_events, kind):
            return
        event["pending_webhooks"] = 1
        if self._knobs.chosen(self._knobs.drop, kind):
            return
        if self._knobs.chosen(self._knobs.hold, kind):
            with self._changed:
                self._held.append(event["id"])
            return
        self._enqueue_copies(event["id"])

    def resume(self) -> None:
        """Take up again what a former process had not delivered."""
        for event in self._account.of_kind("event"):
            if event["pending_webhooks"]:
                self._enqueue_copies(event["id"])

    def held(self) -> list[str]:
        with self._changed:
            return list(self._held)

    def release(
        self, order: Sequence[str] | None = None, *, seed: int | None = None, together: bool = False
    ) -> list[str]:
        """Send what is held: in the given order (others stay held), shuffled, or at once."""
        with self._changed:
            chosen = list(order) if order is not None else list(self._held)
            strangers = set(chosen) - set(self._held)
            if strangers:
                raise ValueError(f"not held: {', '.join(sorted(strangers))}")
            self._held = [event_id for event_id in self._held if event_id not in chosen]
        if seed is not None:
            random.Random(seed).shuffle(chosen)
        if together:
            self._enqueue(tuple(chosen))
        else:
            for event_id in chosen:
                self._enqueue_copies(event_id)
        return chosen

    def flush(self, timeout: float = 10.0) -> None:
        """Wait until nothing is queued, delayed or being retried; held events do not count."""
        with self._changed:
            if not self._changed.wait_for(self._idle, timeout):
                waiting = [event_id for parcel in self._queue for event_id in parcel.event_ids]
                raise TimeoutError(f"webhooks still undelivered: {waiting}")

    def clear(self) -> None:
        with self._changed:
            self._queue.clear()
            self._held.clear()
            self._changed.wait_for(self._idle, self.endpoint.timeout)
            self._queue.clear()
            self.attempts.clear()
            self._changed.notify_all()

    def signed(
        self,
        event: Json,
        *,
        timestamp: int | None = None,
        secrets: Sequence[str] | None = None,
    ) -> SignedBody:
        body = json.dumps(event, indent=2, ensure_ascii=False).encode()
        return sign(body, self.endpoint.secrets if secrets is None else secrets, timestamp)

    def deliver(self, event_id: str, number: int = 1) -> int | None:
        """One attempt, now, in this thread; the answer's status or None."""
        if not self.endpoint.url:
            raise ValueError("the fake has no webhook_url")
        event = self._account.snapshot(event_id)
        status = self._post(self.signed(event))
        with self._account.change():
            if status and 200 <= status < 300 and event_id in self._account.objects:
                self._account.objects[event_id]["pending_webhooks"] = 0
        self.attempts.append(Attempt(event_id, event["type"], status, number))
        return status

    def _idle(self) -> bool:
        return not self._queue and not self._sending

    def _enqueue_copies(self, event_id: str) -> None:
        copies = (event_id,) * max(1, self._knobs.duplicates)
        if self._knobs.together:
            self._enqueue(copies)
        else:
            for copy in copies:
                self._enqueue((copy,))

    def _enqueue(
        self, event_ids: tuple[str, ...], *, delay: float | None = None, number: int = 1
    ) -> None:
        wait = self._knobs.delay if delay is None else delay
        with self._changed:
            parcel = _Parcel(time.monotonic() + wait, next(self._order), event_ids, number)
            heapq.heappush(self._queue, parcel)
            self._changed.notify_all()

    def _work(self) -> None:
        while (parcel := self._next()) is not None:
            barrier = threading.Barrier(len(parcel.event_ids))
            threads = [
                threading.Thread(target=self._attempt, args=(event_id, parcel.number, barrier))
                for event_id in parcel.event_ids
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            with self._changed:
                self._sending -= 1
                self._changed.notify_all()

    def _next(self) -> _Parcel | None:
        """The next parcel once it is due; None when the thread shall end."""
        with self._changed:
            while self._running:
                wait = self._queue[0].due - time.monotonic() if self._queue else None
                if wait is not None and wait <= 0:
                    self._sending += 1
                    return heapq.heappop(self._queue)
                self._changed.wait(wait)
            return None

    def _attempt(self, event_id: str, number: int, barrier: threading.Barrier) -> None:
        barrier.wait()
        if event_id not in self._account.objects:
            return  # the fake was reset in between
        status = self.deliver(event_id, number)
        delivered = status is not None and 200 <= status < 300
        if not delivered and number <= len(self.endpoint.retry_delays):
            delay = self.endpoint.retry_delays[number - 1]
            self._enqueue((event_id,), delay=delay, number=number + 1)

    def _post(self, signed: SignedBody) -> int | None:
        """The answer's status; a redirect is not followed, as Stripe does not."""
        url = urlsplit(self.endpoint.url or "")
        connect = HTTPSConnection if url.scheme == "https" else HTTPConnection
        connection = connect(url.hostname or "", url.port, timeout=self.endpoint.timeout)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signed.header,
        }
        path = url.path + (f"?{url.query}" if url.query else "")
        try:
            connection.request("POST", path, body=signed.body, headers=headers)
            response = connection.getresponse()
            response.read()
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()
        return response.status
