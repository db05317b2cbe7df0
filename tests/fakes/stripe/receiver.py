"""A webhook to deliver to in the fake's own tests: it verifies, remembers, and can refuse."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import stripe


class Receiver(ThreadingHTTPServer):
    """``events`` are what arrived with a good signature; ``refuse`` the next n get a 500."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, secret: str = "whsec_fake") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.secret = secret
        self.refuse = 0
        self.events: list[stripe.Event] = []
        self.headers: list[str] = []
        self.barrier: threading.Barrier | None = None

    def __enter__(self) -> Self:
        serve = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        serve.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/stripe/webhook/"

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]

    @property
    def ids(self) -> list[str]:
        return [event.id for event in self.events]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self._receive(body, self.headers.get("Stripe-Signature", "")))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _receive(self, body: bytes, header: str) -> int:
        self.server.headers.append(header)
        if self.server.refuse:
            self.server.refuse -= 1
            return 500
        try:
            event = stripe.Webhook.construct_event(body, header, self.server.secret)
        except stripe.SignatureVerificationError:
            return 400
        if self.server.barrier:
            self.server.barrier.wait(timeout=5)
        self.server.events.append(event)
        return 200

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""
