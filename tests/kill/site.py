"""The site's web server or its worker, which dies again and again: SIGKILL, in the middle of work.

``python -m tests.kill.site web|worker '<JSON of Orders>'``. This process listens and keeps count;
each life is a fork of it, which dies at, or a moment after, a database statement of some work:
which statement and how long a moment is drawn from the seed. Nobody is told: the next life finds
what the last one left. After the last death it lives on.
"""

import json
import os
import random
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from types import FrameType
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db.backends.signals import connection_created

#: Work in which to die: how many statements it takes at most.
WORK = {
    "web": {"checkout": 40, "webhook": 45, "return page": 30},
    "worker": {"refund": 9, "invoice issue": 30, "mail": 9, "e-invoice": 5},
}
#: What somebody is about, by the function that stands in the stack.
ABOUT = {
    "stripe_webhook": "webhook",
    "begin_payment": "checkout",
    "ask_stripe": "return page",
    "send_refund": "refund",
    "issue_due": "invoice issue",
    "send_invoice": "e-invoice",
    "send_message": "mail",
}


@dataclass(frozen=True)
class Orders:
    """``deaths``: how often to die; ``book``: the file that says where it died, a line each."""

    database: str
    stripe: str
    port: int
    deaths: int
    seed: int
    book: str
    mails: str
    e_invoices: str


class Death:
    """Counts this process's statements of some work, and kills it some milliseconds after one."""

    def __init__(self, work: str, statements: int, pause: float, book: Path) -> None:
        self.work = work
        self.left = statements
        self.pause = pause
        self.book = book
        self.lock = threading.Lock()

    def attend(self, connection: Any, **_signal: Any) -> None:
        connection.execute_wrappers.append(self)

    def __call__(self, execute: Any, sql: str, *rest: Any) -> Any:
        is_of_it = _about() == self.work
        with self.lock:
            self.left -= is_of_it
            is_due = is_of_it and self.left == 0
        if is_due:
            with self.book.open("a") as book:
                book.write(f"{self.work}\n")
            if not self.pause:
                _die()
            threading.Timer(self.pause, _die).start()
        return execute(sql, *rest)


def _about() -> str | None:
    """What the statement is for; None when it is nothing that is being tried here."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name in ABOUT:
            return ABOUT[frame.f_code.co_name]
        frame = frame.f_back
    return None


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def configure(orders: Orders) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")
    settings.DATABASES["default"]["NAME"] = orders.database
    settings.STRIPE_API_BASE = orders.stripe
    settings.STRIPE_TIMEOUTS = (2.0, 5.0)
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = orders.mails
    settings.E_INVOICE_SENDER = orders.e_invoices
    # Its own way to say what it fears is on purpose: the test reads the tables instead.
    settings.LOGGING = {"version": 1, "disable_existing_loggers": True}
    django.setup()


def live(role: str, listener: socket, orders: Orders) -> None:
    if role == "worker":
        call_command("procrastinate", "worker", "--concurrency", "3", "-p", "0.5")
        return
    server = ThreadedWSGIServer(
        listener.getsockname(), Handler, bind_and_activate=False, allow_reuse_address=True
    )
    server.socket.close()
    server.socket = listener
    server.server_name, server.server_port = "127.0.0.1", orders.port
    server.setup_environ()
    server.set_app(get_wsgi_application())
    server.serve_forever(poll_interval=0.02)


class Handler(WSGIRequestHandler):
    def log_message(self, *_message: Any) -> None:
        """Nothing: every request would be a line."""


def main(role: str, orders: Orders) -> None:
    configure(orders)
    chance = random.Random(f"{role} {orders.seed}")
    listener = socket()
    if role == "web":
        listener.bind(("127.0.0.1", orders.port))
        listener.listen(64)
    children: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_signal: _end(children))
    for life in range(orders.deaths + 1):
        child = os.fork()
        if not child:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            if life < orders.deaths:
                connection_created.connect(
                    _death(role, life, chance, Path(orders.book)).attend, weak=False
                )
            live(role, listener, orders)
            return
        children[:] = [child]
        _pid, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
            sys.exit(f"{role} ended by itself: {os.waitstatus_to_exitcode(status)}")


def _death(role: str, life: int, chance: random.Random, book: Path) -> Death:
    """Each work in turn; at the statement itself, or up to a thirtieth of a second later."""
    kinds = list(WORK[role].items())
    work, most = kinds[life % len(kinds)]
    pause = chance.choice((0, 1)) * chance.random() / 30
    return Death(work, chance.randint(1, most), pause, book)


def _end(children: list[int]) -> None:
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], Orders(**json.loads(sys.argv[2])))
