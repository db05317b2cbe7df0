"""``manage.py check_einvoices``: would a municipality's system accept what is, or was, issued?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments.einvoice import ubl
from payments.einvoice.full_rules import FullRules, NotAvailable
from payments.einvoice.rules import breaches
from payments.models import Invoice
from payments.services.transmission import goes_by_e_invoice


class Command(BaseCommand):
    help = (
        "Checks e-invoices: the XML files that are named (or all in a directory that is), or "
        "without a name every e-invoice that was issued. Runs our own rules on what was issued, "
        "and the full Peppol rules where PEPPOL_RULES_DIR names them; says so where it does not. "
        "Exits with an error when a document breaks a rule, or nothing could be checked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, metavar="FILE or DIRECTORY")

    def handle(self, *args: Any, paths: list[Path], **options: Any) -> None:
        broken = 0 if paths else self._own_rules()
        documents = _files(paths) if paths else _issued()
        try:
            with FullRules.configured() as rules:
                broken += self._full_rules(rules, documents)
        except NotAvailable as missing:
            self.stdout.write(f"The full Peppol rules were NOT run. {missing}")
            if paths:
                raise CommandError("Nothing was checked.") from missing
        if broken:
            raise CommandError(f"{broken} documents break a rule.")

    def _own_rules(self) -> int:
        broken = checked = 0
        for invoice in _e_invoices():
            checked += 1
            found = breaches(invoice.document)
            broken += bool(found)
            for breach in found:
                self.stdout.write(f"{invoice.number}: {breach}")
        self.stdout.write(f"Our own rules: {checked} e-invoices checked, {broken} break one.")
        return broken

    def _full_rules(self, rules: FullRules, documents: Iterator[tuple[str, bytes]]) -> int:
        broken = checked = 0
        for name, xml in documents:
            checked += 1
            try:
                found = rules.failures(xml)
            except ValueError as error:
                self.stdout.write(f"{name}: not XML: {error}")
                broken += 1
                continue
            broken += any(failure.is_fatal for failure in found)
            for failure in found:
                self.stdout.write(f"{name}: {failure}")
        self.stdout.write(
            f"The full Peppol rules: {checked} documents checked, {broken} break one."
        )
        return broken


def _e_invoices() -> Iterator[Invoice]:
    issued = Invoice.objects.order_by("year", "sequence").iterator()
    return (invoice for invoice in issued if goes_by_e_invoice(invoice))


def _issued() -> Iterator[tuple[str, bytes]]:
    return ((invoice.number, ubl.render(invoice.document)) for invoice in _e_invoices())


def _files(paths: list[Path]) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        if not path.exists():
            raise CommandError(f"{path} does not exist.")
        found = sorted(path.glob("*.xml")) if path.is_dir() else [path]
        if not found:
            raise CommandError(f"There is no .xml file in {path}.")
        yield from ((str(each), each.read_bytes()) for each in found)
