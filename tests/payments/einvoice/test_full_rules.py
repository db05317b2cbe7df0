"""The full Peppol rules are run where the operator has them, and said not to be where not."""

import shutil
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.core.management import CommandError, call_command

from payments.einvoice import full_rules, ubl
from payments.einvoice.full_rules import FullRules, NotAvailable
from payments.services import invoicing
from tests.factories.documents import document, every_kind
from tests.factories.networks import BUYER
from tests.factories.payments import ChargeFactory
from tests.factories.sellers import make_seller
from tests.payments.einvoice.cen import CEN

OWN_RULE = Path(__file__).parent / "own-rule.xslt"


@pytest.fixture
def rules_in(tmp_path, settings):
    """Makes a directory of these files the operator's rules."""

    def choose(*files: Path) -> Path:
        folder = tmp_path / "rules"
        folder.mkdir()
        for file in files:
            shutil.copy(file, folder)
        settings.PEPPOL_RULES_DIR = str(folder)
        return folder

    return choose


@pytest.fixture
def invoices(tmp_path) -> Path:
    """Two e-invoices as files: one with the reference that our own rule asks for."""
    folder = tmp_path / "e-invoices"
    folder.mkdir()
    for name, reference in (("right", "Skole"), ("wrong", "Kultur")):
        xml = ubl.render(document(buyer_reference=reference))
        (folder / f"{name}.xml").write_bytes(xml)
    return folder


@pytest.mark.skipif(
    not site_settings.PEPPOL_RULES_DIR,
    reason="the full Peppol rules were NOT run: PEPPOL_RULES_DIR is not set",
)
@pytest.mark.parametrize("kind", every_kind())
def test_every_kind_passes_the_full_peppol_rules(kind):
    with FullRules.configured() as rules:
        failures = rules.failures(ubl.render(every_kind()[kind]))
    assert [failure for failure in failures if failure.is_fatal] == []


def test_a_rule_is_told_by_its_name_and_words_and_a_warning_as_such(rules_in, invoices):
    rules_in(OWN_RULE)
    with FullRules.configured() as rules:
        found = rules.failures((invoices / "wrong.xml").read_bytes())
    assert [str(failure) for failure in found] == [
        'OWN-1: The reference must be "Skole".',
        "warning: OWN-2: A note would be kind.",
    ]


def test_every_file_in_the_directory_is_run_and_the_cen_rules_are_such_files(rules_in, invoices):
    rules_in(OWN_RULE, CEN)
    wrong_sum = (invoices / "wrong.xml").read_bytes().replace(b">8750.00<", b">8750.01<")
    with FullRules.configured() as rules:
        found = {failure.rule for failure in rules.failures(wrong_sum)}
        right = rules.failures((invoices / "right.xml").read_bytes())
    assert [failure.rule for failure in right] == ["OWN-2"]
    assert "OWN-1" in found
    assert any(rule.startswith("BR-CO-") for rule in found)


def test_a_broken_stylesheet_is_no_rule_that_passes(rules_in):
    (rules_in() / "broken.xslt").write_text("<no-stylesheet/>")
    with pytest.raises(NotAvailable, match="broken.xslt"):
        FullRules.configured()


class TestTheCommand:
    def test_tells_what_a_file_breaks_and_fails(self, rules_in, invoices, capsys):
        rules_in(OWN_RULE)
        with pytest.raises(CommandError, match="1 documents break a rule"):
            call_command("check_einvoices", invoices)
        printed = capsys.readouterr().out
        assert "wrong.xml: OWN-1" in printed
        assert "right.xml: OWN-1" not in printed
        assert "2 documents checked, 1 break one." in printed

    def test_a_warning_alone_is_no_failure(self, rules_in, invoices, capsys):
        rules_in(OWN_RULE)
        call_command("check_einvoices", invoices / "right.xml")
        assert "warning: OWN-2" in capsys.readouterr().out

    def test_without_the_rules_it_says_so_and_that_nothing_was_checked(self, invoices, capsys):
        with pytest.raises(CommandError, match="Nothing was checked"):
            call_command("check_einvoices", invoices)
        printed = capsys.readouterr().out
        assert "The full Peppol rules were NOT run. PEPPOL_RULES_DIR is not set." in printed

    def test_an_empty_directory_of_rules_is_said_to_be_one(self, rules_in, invoices, capsys):
        rules_in()
        with pytest.raises(CommandError, match="Nothing was checked"):
            call_command("check_einvoices", invoices)
        assert "There is no .xslt file in PEPPOL_RULES_DIR" in capsys.readouterr().out

    def test_where_saxonche_is_not_installed_it_says_so(
        self, rules_in, invoices, capsys, monkeypatch
    ):
        monkeypatch.setattr(full_rules, "saxonche", None)
        rules_in(OWN_RULE)
        with pytest.raises(CommandError, match="Nothing was checked"):
            call_command("check_einvoices", invoices)
        assert "saxonche, which runs the Peppol rules, is not installed" in capsys.readouterr().out

    def test_what_is_no_xml_breaks_every_rule(self, rules_in, tmp_path, capsys):
        rules_in(OWN_RULE)
        (tmp_path / "a.xml").write_text("Kære kommune")
        with pytest.raises(CommandError, match="1 documents break a rule"):
            call_command("check_einvoices", tmp_path / "a.xml")
        assert "a.xml: not XML" in capsys.readouterr().out

    @pytest.mark.parametrize("path", ["nowhere", ""])
    def test_a_path_with_nothing_there_is_a_mistake(self, rules_in, tmp_path, path):
        rules_in(OWN_RULE)
        with pytest.raises(CommandError):
            call_command("check_einvoices", tmp_path / path)

    @pytest.mark.django_db
    def test_without_a_path_every_issued_e_invoice_is_checked(self, rules_in, capsys):
        make_seller()
        ChargeFactory(method="invoice", buyer=BUYER)
        ChargeFactory(method="invoice", buyer={**BUYER, "buyer_gln": ""})
        invoicing.issue_due()
        call_command("check_einvoices")
        printed = capsys.readouterr().out
        assert "Our own rules: 1 e-invoices checked, 0 break one." in printed
        assert "The full Peppol rules were NOT run. PEPPOL_RULES_DIR is not set." in printed
        rules_in(OWN_RULE)
        with pytest.raises(CommandError, match="1 documents break a rule"):
            call_command("check_einvoices")
        assert "The full Peppol rules: 1 documents checked, 1 break one." in capsys.readouterr().out
