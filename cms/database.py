"""Which PostgreSQL the site uses: ``DATABASE_URL``, or an embedded server under ``var/``.

``python -m cms.database run NAME -- COMMAND …`` runs a command with an embedded server of that
name beside it (``make test`` does) and stops the server when nobody uses it any more.
"""

import signal
import subprocess
import sys
from types import FrameType
from typing import Any

import dj_database_url
import psycopg

from cms.embedded import DatabaseUnavailable, EmbeddedServer
from cms.env import env, environment_with

#: Nothing listens there: settings are read by commands that need no database too, so a server
#: that isn't running is an error only when someone connects.
NOWHERE = "postgres://nobody@127.0.0.1:1/nothing"
CONNECT_SECONDS = 5


def configuration() -> dict[str, Any]:
    """Django's ``DATABASES["default"]``: the operator's PostgreSQL, or the embedded one."""
    url = env.str("DATABASE_URL", "") or EmbeddedServer().url or NOWHERE
    database = _parsed(url)
    database["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", 60)
    database["CONN_HEALTH_CHECKS"] = True
    database.setdefault("OPTIONS", {})["connect_timeout"] = CONNECT_SECONDS
    return database


def _parsed(url: str) -> dict[str, Any]:
    """The address's parts; the message of an error never repeats the address: it has a password."""
    if not url.startswith(("postgres://", "postgresql://")):
        raise DatabaseUnavailable(
            "DATABASE_URL must be the address of a PostgreSQL database: "
            "postgres://user:password@host:port/name."
        )
    try:
        return dict(dj_database_url.parse(url))
    except ValueError as error:
        raise DatabaseUnavailable(f"DATABASE_URL can't be understood: {error}.") from None


def check_operators_database() -> None:
    """Raises DatabaseUnavailable, saying why, when ``DATABASE_URL`` leads nowhere."""
    url = env.str("DATABASE_URL", "")
    _parsed(url)
    try:
        psycopg.connect(url, connect_timeout=CONNECT_SECONDS).close()
    except psycopg.Error as error:
        why = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise DatabaseUnavailable(f"The database of DATABASE_URL can't be reached: {why}") from None


def _run_beside(name: str, command: list[str]) -> int:
    """Run the command with DATABASE_URL naming an embedded, not durable, server of that name."""
    if env.str("DATABASE_URL", ""):
        check_operators_database()
        return _run(command, environment_with())
    with EmbeddedServer(name, durable=False).in_use() as url:
        return _run(command, environment_with(DATABASE_URL=url))


def _run(command: list[str], environment: dict[str, str]) -> int:
    """Run the command to its end. It decides what Ctrl-C means; a SIGTERM is handed on to it."""
    try:
        process = subprocess.Popen(command, env=environment)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        return 127

    def hand_on(number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGINT:  # A terminal's Ctrl-C has reached the command already.
            process.terminate()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, hand_on)
    code = process.wait()
    return code if code >= 0 else 128 - code


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
