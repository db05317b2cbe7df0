"""``manage.py next_invoice_number``: go on past the numbers given out since a backup."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cms.audit import SYSTEM
from payments.services import numbering
from payments.services.numbering import NotSkippable


class Command(BaseCommand):
    help = (
        "After a restore from a backup: lets the next invoice or credit note of an accounting year "
        "have at least the given number, so that none that was delivered since the backup is given "
        "out again. What is skipped is told, with the reason, by check_ledger and in the file of "
        "the journal. Without --yes it only says what would be skipped. It never goes back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at-least", type=int, required=True, metavar="N")
        parser.add_argument("--reason", required=True, help="kept with the numbers")
        parser.add_argument(
            "--year", type=int, help="by the calendar year in which it begins; else the running one"
        )
        parser.add_argument("--yes", action="store_true", help="do it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            skipped = numbering.go_on_at(
                options["at_least"],
                year=options["year"] or numbering.current_year(),
                actor=SYSTEM,
                reason=options["reason"],
                carry_out=options["yes"],
            )
        except NotSkippable as refusal:
            raise CommandError(str(refusal)) from refusal
        if skipped is None:
            self.stdout.write("Nothing is to be skipped: that number is the next.")
        elif options["yes"]:
            self.stdout.write(f"Skipped: {skipped}.")
        else:
            self.stdout.write(f"Would be skipped: {skipped}. Add --yes to do it.")
