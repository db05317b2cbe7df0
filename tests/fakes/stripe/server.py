"""HTTP in front of the fake: it translates, and decides nothing."""

import json
import socket
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .api import Api, Request
from .pages import Page, payment_page, press, sessions_page, settle_from_page
from .shape import Json

Steer = Callable[[Json], tuple[int, Json]]


class Server(ThreadingHTTPServer):
    """Closing it also cuts kept-alive connections: a stopped fake answers nobody."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], api: Api, steer: Steer) -> None:
        self.api = api
        self.steer = steer
        self._connections: set[socket.socket] = set()
        super().__init__(address, Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        for connection in list(self._connections):
            _cut(connection)


class Handler(BaseHTTPRequestHandler):
    """Routes: ``/v1/`` the API, ``/c/pay/`` the hosted page, ``/_fake/`` steering, ``/`` a list."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True  # the client hung up, as one that times out does

    def do_GET(self) -> None:
        self._route("GET")

    def do_POST(self) -> None:
        self._route("POST")

    def do_DELETE(self) -> None:
        self._route("DELETE")

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: ``FakeStripe.requests`` remembers what a test needs."""

    def _route(self, method: str) -> None:
        url = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode() if length else ""
        if url.path.startswith("/v1/"):
            self._api(method, url.path, body if method == "POST" else url.query)
        elif url.path.startswith("/_fake/"):
            self._steering(method, url.path, body)
        else:
            self.server.api.catch_up()
            self._page(self._person(method, url.path, body))

    def _api(self, method: str, path: str, body: str) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.api.answer(Request(method, path, body, headers))
        if answer is None:
            self.close_connection = True
            _cut(self.connection)
            return
        self._json(answer.status, answer.body, answer.headers)

    def _person(self, method: str, path: str, body: str) -> Page:
        account = self.server.api.account
        form = {name: values[0] for name, values in parse_qs(body).items()}
        root, _, session_id = path.rpartition("/")
        match (method, root):
            case ("GET", "/c/pay"):
                return payment_page(account, session_id)
            case ("POST", "/c/pay"):
                return press(account, session_id, form.get("action", ""))
            case ("POST", "/settle"):
                return settle_from_page(account, session_id, form.get("outcome", ""))
            case ("GET", "") if not session_id:
                return sessions_page(account)
        return Page(404, "Not found")

    def _page(self, page: Page) -> None:
        headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
        if page.location:
            headers["Location"] = page.location
        self._write(page.status, page.html.encode(), headers)

    def _steering(self, method: str, path: str, body: str) -> None:
        if path != "/_fake/knobs":
            self._json(404, {"error": "only /_fake/knobs"}, {})
            return
        try:
            instructions = json.loads(body) if method == "POST" else {}
        except ValueError:
            instructions = None
        if not isinstance(instructions, dict):
            self._json(400, {"error": "a JSON object of knobs is needed"}, {})
            return
        status, answer = self.server.steer(instructions)
        self._json(status, answer, {})

    def _json(self, status: int, body: Json, headers: dict[str, str]) -> None:
        content = json.dumps(body, indent=2).encode()
        self._write(status, content, {"Content-Type": "application/json"} | headers)

    def _write(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was faster
