"""``manage.py check_ledger``: does every sum agree with what it is made of?"""

from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments import money
from payments.models import Charge
from payments.services import journal, ledger


class Command(BaseCommand):
    help = (
        "Checks that charges = payments - refunds + open + credited, for each charge and in all, "
        "that no invoice number is missing, and that the journal, once what is due is posted, "
        "says the same. Exits with an error when a difference is found."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        journal.post_due()
        for line in chain(ledger.differences(), journal.differences()):
            found += 1
            self.stdout.write(line)
        total = ledger.total(Charge.objects.all())
        for name, amount in vars(total).items():
            self.stdout.write(f"{name:>14} {money.format_amount(amount):>16}")
        if found or not total.agrees:
            raise CommandError(f"{found} differences.")
        self.stdout.write("The ledger agrees.")
