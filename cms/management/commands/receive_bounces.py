"""``manage.py receive_bounces``: take in mail servers' reports of mails that came back."""

import mailbox
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cms.messages import reports


class Command(BaseCommand):
    help = (
        "Reads delivery reports (RFC 3464) and marks the messages that came back. One mail from "
        "standard input (an alias of the mail server pipes it here), or with --maildir the new "
        "mails of a Maildir, which are then moved from new to cur. Give the address that these "
        "come to in BOUNCE_ADDRESS."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--maildir", type=Path, help="A Maildir to read the new mails of.")

    def handle(self, *args: Any, maildir: Path | None = None, **options: Any) -> None:
        if maildir is None:
            # Whatever it was, the mail server has delivered it: to fail would make it try again.
            came_back = int(reports.receive(sys.stdin.buffer.read()))
            self.stdout.write(f"{came_back} of 1 mail told of a message that came back.")
            return
        if not (maildir / "new").is_dir():
            raise CommandError(f"{maildir} is not a Maildir: it has no folder new.")
        read, came_back = self._read_new(mailbox.Maildir(maildir, create=False))
        self.stdout.write(f"{came_back} of {read} mails told of a message that came back.")

    def _read_new(self, box: "mailbox.Maildir") -> tuple[int, int]:
        """(mails read, of which told of one that came back). One that was read is moved only
        afterwards: after a kill it is read again, which changes nothing."""
        read = came_back = 0
        for key in list(box.iterkeys()):
            mail = box.get_message(key)
            if mail.get_subdir() != "new":
                continue
            came_back += reports.receive(box.get_bytes(key))
            mail.set_subdir("cur")
            mail.add_flag("S")
            box[key] = mail
            read += 1
        return read, came_back
