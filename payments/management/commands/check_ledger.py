"""``manage.py check_ledger``: does every sum agree with what it is made of?"""

from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments import money
from payments.models import Charge, SkippedNumbers
from payments.services import balance_checks, journal, ledger


class Command(BaseCommand):
    help = (
        "Checks that charges = payments - refunds + open + credited, for each charge and in all, "
        "that no invoice number is missing without an explanation, that the journal, once what is "
        "due is posted, says the same, and that Stripe's balance as it was last read does, too: "
        "for each month payments - refunds - disputes - fees = payouts + change of balance. Exits "
        "with an error when a difference is found."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        journal.post_due()
        lines = chain(ledger.differences(), journal.differences(), balance_checks.differences())
        for line in lines:
            found += 1
            self.stdout.write(line)
        for skipped in SkippedNumbers.objects.all():
            self.stdout.write(f"explained: invoice numbers skipped: {skipped}")
        total = ledger.total(Charge.objects.all())
        for name, amount in vars(total).items():
            self.stdout.write(f"{name:>14} {money.format_amount(amount):>16}")
        if found or not total.agrees:
            raise CommandError(f"{found} differences.")
        self.stdout.write("The ledger agrees.")
