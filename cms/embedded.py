"""The embedded PostgreSQL: started, checked and stopped here.

It is reachable on loopback only, with a password of its own. ``cms.postgres`` knows the programs.
"""

import fcntl
import hashlib
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg

from cms import postgres
from cms.postgres import MAJOR_VERSION, SERVER_USER, is_root

BASE_DIR = Path(__file__).resolve().parent.parent
USER = DATABASE = "kommunenetvaerk"
#: The first of these that the system has: trigram search asks it whether Æ, Ø and Å are letters.
#: To plain C they aren't.
LETTERS = ("C.UTF-8", "da_DK.UTF-8", "en_US.UTF-8", "UTF-8")
#: Threads of the concurrency tests and of a development server want more than the default 100.
MAX_CONNECTIONS = 300
#: A start is tried again: the port may be taken meanwhile, and after a kill -9 PostgreSQL's
#: remaining processes need a moment to leave.
START_ATTEMPTS = 5
#: Seconds that recovery after a crash may take.
START_SECONDS = 120


class DatabaseUnavailable(Exception):
    """The database can't be started or reached; the message says why and what to do."""


@dataclass(frozen=True)
class EmbeddedServer:
    """One PostgreSQL cluster, under ``var/`` of the project."""

    name: str = "postgres"
    durable: bool = True

    @property
    def home(self) -> Path:
        """The directory of data, password and log.

        ``nobody`` must be able to reach it: a checkout inside a private home moves it to /var/tmp.
        """
        home = BASE_DIR / "var" / self.name
        if is_root() and not postgres.reachable_by_others(BASE_DIR):
            digest = hashlib.sha256(str(home).encode()).hexdigest()[:16]
            return Path("/var/tmp") / f"kommunenetvaerk-{digest}"  # noqa: S108 - its owner is checked
        return home

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def url(self) -> str | None:
        """Where the server that was started last is to be reached; None when there is none."""
        return self._address(DATABASE)

    def _address(self, database: str) -> str | None:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            password = (self.home / "password").read_text().strip()
        except OSError:
            return None
        if len(lines) < 4:
            return None
        return f"postgres://{USER}:{password}@127.0.0.1:{lines[3]}/{database}"

    def is_running(self) -> bool:
        """True when it answers. That a process has the noted number proves nothing."""
        address = self._address("postgres")
        if address is None:
            return False
        try:
            with psycopg.connect(address, connect_timeout=3) as connection:
                connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    @contextmanager
    def in_use(self) -> Iterator[str]:
        """Its address, while it runs. Whoever leaves last stops it, whoever started it."""
        self._make_home()
        # The kernel lets go of a killed process's lock: nobody waits for the dead.
        with open(self.home / "users.lock", "ab") as users:
            try:
                with self._turn():
                    self._start()
                    fcntl.flock(users, fcntl.LOCK_SH)
                    address = self.url
                assert address is not None
                yield address
            finally:
                with self._turn():
                    if _is_last(users):
                        self._stop()

    def start(self) -> None:
        """Start it unless it runs, and leave it running."""
        self._make_home()
        with self._turn():
            self._start()

    def stop(self) -> None:
        """Stop it, whoever uses it; sessions still open are ended."""
        if self.home.exists():
            with self._turn():
                self._stop()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One process at a time makes, starts or stops the cluster."""
        with open(self.home / "turn.lock", "ab") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield

    def _start(self) -> None:
        if self._answers():
            return
        if not self.data.exists():
            self._initialise()
        self._check_usable()
        for _attempt in range(START_ATTEMPTS):
            if (
                postgres.call(
                    self.home,
                    "pg_ctl",
                    "-D",
                    str(self.data),
                    "-w",
                    f"-t{START_SECONDS}",
                    *self._options(),
                    "start",
                )
                == 0
            ):
                break
            time.sleep(1)
        else:
            raise self._failure("does not start")
        if not self._answers():
            raise self._failure("does not stay")
        self._create_database()

    def _options(self) -> list[str]:
        options = [
            f"-c port={_free_port()}",
            "-c listen_addresses=127.0.0.1",
            "-c unix_socket_directories=''",
            f"-c max_connections={MAX_CONNECTIONS}",
        ]
        if not self.durable:
            options += ["-c fsync=off", "-c synchronous_commit=off", "-c full_page_writes=off"]
        return ["-l", str(self.home / "log"), "-o", " ".join(options)]

    def _stop(self) -> None:
        if self._process_id() is None:
            return
        if (
            postgres.call(self.home, "pg_ctl", "-D", str(self.data), "-w", "-m", "fast", "stop")
            != 0
        ):
            postgres.call(
                self.home, "pg_ctl", "-D", str(self.data), "-w", "-m", "immediate", "stop"
            )

    def _process_id(self) -> int | None:
        """The number of the running server's process.

        After a crash or a reboot the noted number may be another process's: PostgreSQL would then
        refuse to start, so the note is removed. A note that names no process it removes itself,
        after its own checks.
        """
        note = self.data / "postmaster.pid"
        try:
            number = int(note.read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None
        command = postgres.command_line(number)
        if str(self.data) in command and "postgres" in command:
            return number
        if command:
            note.unlink(missing_ok=True)
        return None

    def _answers(self) -> bool:
        """True when it runs and answers, after a recovery perhaps; False when it doesn't run."""
        deadline = time.monotonic() + START_SECONDS
        while self._process_id() is not None:
            if self.is_running():
                return True
            if time.monotonic() > deadline:
                raise self._failure("runs but does not answer")
            time.sleep(0.2)
        return False

    def _check_usable(self) -> None:
        version = self.data / "PG_VERSION"
        if not version.exists() or not (self.home / "password").exists():
            raise DatabaseUnavailable(f"{self.home} is incomplete: remove it to begin anew.")
        if version.read_text().strip() != MAJOR_VERSION:
            raise DatabaseUnavailable(
                f"{self.data} was made by PostgreSQL {version.read_text().strip()}, this is "
                f"{MAJOR_VERSION}: dump and restore it, or remove {self.home} to begin anew."
            )

    def _make_home(self) -> None:
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            if is_root():
                self._give_to_nobody()
        except OSError as error:
            raise DatabaseUnavailable(f"{self.home} can't be written: {error.strerror}.") from error

    def _give_to_nobody(self) -> None:
        """Let the server's user reach its directory, and take none that someone else laid out."""
        owner = self.home.lstat().st_uid
        if self.home.is_symlink() or owner not in (0, postgres.server_user_id()):
            raise DatabaseUnavailable(f"{self.home} belongs to somebody else: remove it.")
        if self.home.parent == BASE_DIR / "var":
            self.home.parent.chmod(self.home.parent.stat().st_mode | 0o011)
        shutil.chown(self.home, SERVER_USER)
        self.home.chmod(0o700)

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there whole: a kill leaves no half one."""
        unfinished = self.home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        password = self.home / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        if is_root():
            shutil.chown(password, SERVER_USER)
        for letters in LETTERS:
            code = postgres.call(
                self.home,
                *["initdb", "-D", str(unfinished), "--encoding=UTF8"],
                *["--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8"],
                *[f"--lc-ctype={letters}", "--auth=scram-sha-256"],
                *[f"--username={USER}", f"--pwfile={password}"],
            )
            if code == 0:
                unfinished.rename(self.data)
                return
        raise self._failure("could not be set up")

    def _create_database(self) -> None:
        address = self._address("postgres")
        assert address is not None
        with psycopg.connect(address, autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if found.fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _failure(self, what: str) -> DatabaseUnavailable:
        logs = f"{self.home / 'setup.log'} and {self.home / 'log'}"
        return DatabaseUnavailable(f"The embedded PostgreSQL {what}: see {logs}.")


def _is_last(users: IO[bytes]) -> bool:
    """True when no other process has the server in use. Gives up this one's claim."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
