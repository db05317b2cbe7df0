"""Runs the year change of a season against a test's database, and may die in its middle.

``python -m tests.kill.renew <season> <database> <mails>``: SIGKILL inside a transaction, when so
many mails have been written; 0: never.
"""

import os
import signal
import sys
from typing import Any

import django
from django.conf import settings
from django.db import connection


class Death:
    """Kills this process in place of its next mail, once it has written so many."""

    def __init__(self, mails: int) -> None:
        self.mails_left = mails

    def __call__(self, execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "cms_message"'):
            if self.mails_left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            self.mails_left -= 1
        return execute(sql, *rest)


def main(season_id: int, database: str, mails: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")
    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    # Not before Django is set up.
    from networks.services import renewal  # noqa: PLC0415

    if not mails:
        renewal.run(season_id)
        return
    with connection.execute_wrapper(Death(mails)):
        renewal.run(season_id)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
