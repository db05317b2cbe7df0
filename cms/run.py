"""``make run``: the whole site on this machine, from the database to the browser's addresses.

Starts what is missing, and ends all of it together: on Ctrl-C, on SIGTERM, when its terminal
closes, and when one of its processes dies.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import FrameType

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections
from django.urls import reverse
from django.utils.module_loading import import_string
from environs import EnvError

from cms import database, translations
from cms.embedded import DatabaseUnavailable, EmbeddedServer
from cms.env import env, environment_with, use_settings

BASE_DIR = Path(__file__).resolve().parent.parent
DEMO = "networks.demo.site"
#: Seconds that the web server may take to answer, and that a process may take to end.
START_SECONDS, STOP_SECONDS = 60, 10


class CannotRun(Exception):
    """Something that the person at the terminal can do something about; the message says what."""


class Interruptions:
    """Ctrl-C, SIGTERM and a closed terminal, all as KeyboardInterrupt; late while ``held``."""

    def __init__(self) -> None:
        self.is_held = False
        self.is_waiting = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._interrupt)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self.is_held:
            self.is_waiting = True
        else:
            raise KeyboardInterrupt

    def hold(self) -> None:
        self.is_held = True

    def release(self) -> None:
        self.is_held = False
        if self.is_waiting:
            raise KeyboardInterrupt


def main() -> int:
    interruptions = Interruptions()
    use_settings("cms.settings.dev")
    # Between two starts of one database the web server can load while it is brought up to date.
    is_first = bool(env.str("DATABASE_URL", "")) or not EmbeddedServer().data.exists()
    try:
        # A database half started, or a process half stopped, would stay behind.
        interruptions.hold()
        with ExitStack() as running:
            if env.str("DATABASE_URL", ""):
                database.check_operators_database()
            else:
                running.enter_context(EmbeddedServer().in_use())
            interruptions.release()
            _serve(running, interruptions, is_first=is_first)
    except KeyboardInterrupt:
        return 0
    except (CannotRun, DatabaseUnavailable, ImproperlyConfigured, EnvError, CommandError) as error:
        print(error, file=sys.stderr)
    except DatabaseError as error:
        print(f"The database can't be used: {error}", file=sys.stderr)
    return 1


def _serve(running: ExitStack, interruptions: Interruptions, *, is_first: bool) -> None:
    """Prepare the site, start its processes and watch them until one ends."""
    for port in (settings.PORT, settings.FAKE_STRIPE_PORT):
        if port is not None:
            _check_free(port)
    translations.compile_catalogues()
    processes = Processes()
    running.callback(processes.end)
    running.callback(interruptions.hold)

    def start(name: str, command: list[str]) -> None:
        interruptions.hold()
        processes.start(name, command)
        interruptions.release()

    if not is_first:
        start(*_web_server())
    _prepare()
    if is_first:
        start(*_web_server())
    if settings.FAKE_STRIPE_PORT is not None:
        start(*_fake_stripe(settings.FAKE_STRIPE_PORT))
    processes.watch(until=lambda: _is_listening(settings.PORT))
    start(*_worker())
    print(_addresses(), flush=True)
    processes.watch()


def _prepare() -> None:
    """Bring database, translations and demo content up to date; what is there stays."""
    print("Setting up …", flush=True)
    django.setup()
    call_command("check")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_demo")
    connections.close_all()


Process = tuple[str, list[str]]


def _web_server() -> Process:
    return "The web server", [
        *[sys.executable, "manage.py", "runserver", "--skip-checks"],
        f"127.0.0.1:{settings.PORT}",
    ]


def _worker() -> Process:
    return "The job worker", [sys.executable, "manage.py", "procrastinate", "worker"]


def _fake_stripe(port: int) -> Process:
    webhook = f"http://127.0.0.1:{settings.PORT}{reverse('payments:stripe_webhook')}"
    return "The fake Stripe", [
        *[sys.executable, "-m", "tests.fakes.stripe"],
        *["--port", str(port)],
        *["--webhook-url", webhook],
        *["--webhook-secret", settings.STRIPE_WEBHOOK_SECRETS[0]],
        *["--api-key", settings.STRIPE_SECRET_KEY],
        *["--state", str(BASE_DIR / "var" / "fake-stripe.json")],
    ]


class Processes:
    """The processes of the site, each with its children in a session of its own."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: list[str]) -> None:
        self._running[name] = subprocess.Popen(
            command,
            cwd=BASE_DIR,
            env=environment_with(PYTHONUNBUFFERED="1", DJANGO_RUNSERVER_HIDE_WARNING="true"),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def watch(self, until: Callable[[], bool] | None = None) -> None:
        """Return when ``until`` says so, within a minute; raises CannotRun when one has ended."""
        deadline = time.monotonic() + START_SECONDS
        while until is None or not until():
            for name, process in self._running.items():
                if process.poll() is not None:
                    raise CannotRun(f"{name} ended by itself ({process.returncode}): see above.")
            if until and time.monotonic() > deadline:
                raise CannotRun(f"The web server did not answer within {START_SECONDS} seconds.")
            time.sleep(0.2)

    def end(self) -> None:
        """End them all at once, gently; whatever is left after ten seconds, by force."""
        for process in self._running.values():
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            _signal_group(process, signal.SIGKILL)
            process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise CannotRun(
                f"Port {port} can't be used ({error}): stop what uses it, "
                "or choose another: make run PORT=8080."
            ) from error


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _addresses() -> str:
    site = settings.WAGTAILADMIN_BASE_URL
    # Models can't be imported before the settings are known: found by name, then.
    logins, password = import_string(f"{DEMO}.LOGINS"), import_string(f"{DEMO}.PASSWORD")
    lines = [
        "",
        "Kommunenetværk is running; Ctrl-C ends it.",
        f"  Site      {site}/",
        f"  Admin     {site}{reverse('wagtailadmin_home')}",
        f"            as {', '.join(logins)}; password {password}",
        f"  Mailbox   {site}{reverse('mailbox')}",
    ]
    if settings.FAKE_STRIPE_PORT is not None:
        lines.append(f"  Payments  {settings.STRIPE_API_BASE}/   (a fake Stripe)")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
