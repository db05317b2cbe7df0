"""Which Chromium the browser tests drive; ``python -m tests.chromium`` installs one if none is.

The system's is taken first. As root on Debian or Ubuntu its package is installed; otherwise
Playwright brings its own.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = (
    "No Chromium was found and none could be installed. Install the package chromium, "
    "or run: .venv/bin/python -m playwright install --with-deps chromium"
)


def system_chromium() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def playwrights_chromium() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def starts(path: str) -> bool:
    """True when it shows an empty page: a stub or a missing library is found here."""
    try:
        with sync_playwright() as playwright:
            playwright.chromium.launch(executable_path=path, args=["--no-sandbox"]).close()
    except Error as error:
        print(f"{path} does not start: {str(error).splitlines()[0]}", file=sys.stderr)
        return False
    return True


def install() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "--quiet", *command], env=quiet, check=False)
    if not system_chromium():
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(command, check=False)


def main() -> int:
    for attempt in (lambda: None, install):
        attempt()
        found = system_chromium() or playwrights_chromium()
        if found and starts(found):
            return 0
    print(ADVICE, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
