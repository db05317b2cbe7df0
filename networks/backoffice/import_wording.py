"""What an import says: of a file, of its columns, and of what becomes of each row."""

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from networks.models import ORGANISATION_CHOICES, STATUS_CHOICES, SettledElsewhere
from networks.rules.import_columns import BUYER, Column, Missing
from networks.rules.import_files import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, Fault
from networks.rules.import_values import Reason
from networks.rules.importing import Fate, Outcome
from networks.services.import_context import Context

COLUMN_LABELS: dict[Column, Any] = {
    Column.MUNICIPALITY: _("Municipality (name, code, CVR)"),
    Column.ORGANISATION: _("Organisation that is no municipality"),
    Column.KIND: _("Kind of organisation"),
    Column.NAME: _("Name"),
    Column.FIRST_NAME: _("First name"),
    Column.LAST_NAME: _("Last name"),
    Column.EMAIL: _("E-mail"),
    Column.JOB_TITLE: _("Job title"),
    Column.PHONE: _("Phone"),
    Column.ROLE: _("Role (contact, participant, both)"),
    Column.FIRST_SEASON: _("First season"),
    Column.SIGNED_UP: _("Signed up (date)"),
    Column.PAID: _("Paid (yes, invoiced, no)"),
    Column.CVR: _("CVR number"),
    Column.GLN: _("EAN/GLN number"),
    Column.REFERENCE: _("Person reference"),
    Column.ORDER_NUMBER: _("Order number"),
    Column.ACCOUNT_STRING: _("Account string"),
    Column.BUYER_NAME: _("Name on the invoice"),
    Column.STREET: _("Invoice: street and number"),
    Column.POSTAL_CODE: _("Invoice: postal code"),
    Column.CITY: _("Invoice: city"),
    Column.BUYER_EMAIL: _("Invoice: e-mail"),
}

#: What is said before a value that doesn't tell by itself what it is.
SHORT: dict[Column, Any] = {
    Column.CVR: _("CVR"),
    Column.GLN: _("EAN"),
    Column.ORDER_NUMBER: _("Order number"),
    Column.ACCOUNT_STRING: _("Account string"),
}

MISSING_TEXTS: dict[Missing, Any] = {
    Missing.MEMBER: _("Say which column names the municipality or organisation."),
    Missing.NAME: _("Say which column holds the name, or the first and the last name."),
    Missing.EMAIL: _("Say which column holds the e-mail."),
}

FAULT_TEXTS: dict[Fault, Any] = {
    Fault.EMPTY: _("There are no rows below the headings."),
    Fault.TOO_BIG: _("The file is too big: at most %(megabytes)s MB."),
    Fault.TOO_MANY_ROWS: _("More than %(rows)s rows: divide the file into several."),
    Fault.TOO_MANY_COLUMNS: _("More than %(columns)s columns: leave out those not needed."),
    Fault.LOCKED_OR_OLD: _(
        "The file has a password, or is in the old format XLS: save it as XLSX without a password."
    ),
    Fault.NOT_A_TABLE: _("The file can't be read as CSV or XLSX."),
}

REASON_TEXTS: dict[Reason, Any] = {
    Reason.NO_MEMBER: _("No municipality is named."),
    Reason.UNKNOWN_MUNICIPALITY: _("No municipality is called, or has the number: %(what)s"),
    Reason.MUNICIPALITIES_ONLY: _("Only municipalities can be members: %(what)s"),
    Reason.NO_ORGANISATION: _("The organisation's name is missing."),
    Reason.NO_KIND: _(
        "The kind of organisation is not said: %(what)s. Fill it in, or choose one for all of them "
        "beside the columns."
    ),
    Reason.UNKNOWN_KIND: _("This is no kind of organisation: %(what)s"),
    Reason.NO_NAME: _("The name is missing."),
    Reason.NO_EMAIL: _("The e-mail is missing."),
    Reason.BAD_EMAIL: _("This is no e-mail address: %(what)s"),
    Reason.TOO_LONG: _("Too long: %(what)s"),
    Reason.UNKNOWN_ROLE: _("The role is neither contact, participant nor both: %(what)s"),
    Reason.UNKNOWN_PAID: _("Neither paid, invoiced nor not paid: %(what)s"),
    Reason.UNKNOWN_SEASON: _("The network has no such season: %(what)s"),
    Reason.LATE_SEASON: _("The first season is after the one that all is settled up to: %(what)s"),
    Reason.BAD_DATE: _("This is no date: %(what)s"),
    Reason.FUTURE_DATE: _("The date lies in the future: %(what)s"),
    Reason.BAD_CVR: _("This is not a CVR number: %(what)s"),
    Reason.BAD_GLN: _("This is not an EAN/GLN number: %(what)s"),
    Reason.BAD_BUYER_EMAIL: _("The e-mail of the invoice is no address: %(what)s"),
    Reason.PART_OF_ADDRESS: _(
        "The invoice's address needs street, postal code and city; there is only: %(what)s"
    ),
    Reason.NO_REFERENCE: _("An e-invoice needs a person reference or an order number."),
    Reason.OTHER_NAME: _("Row %(what)s gives the same address another name or role."),
    Reason.OTHER_FACTS: _(
        "Row %(what)s says otherwise of the same membership (season, paid or invoice details)."
    ),
    Reason.TWO_CONTACTS: _("Row %(what)s names another contact of the same membership."),
    Reason.NO_CONTACT: _("None of the member's rows is the contact."),
    Reason.NOT_ACTIVE: _("The membership is there and not active yet: %(what)s"),
    Reason.OTHER_CONTACT: _("The membership has another contact: hand the role over there."),
    Reason.ALREADY_THERE: _("Is there already"),
    Reason.TAKEN_OFF: _("Was taken off the membership, and stays so"),
    Reason.REPEATED: _("Repeats row %(what)s"),
}

FATE_LABELS: dict[Fate, Any] = {
    Fate.ERROR: _("Errors"),
    Fate.MEMBER: _("New memberships"),
    Fate.PARTICIPANT: _("Participants added"),
    Fate.NOTHING: _("Nothing happens"),
}


def fault_text(fault: Fault) -> str:
    limits = {"megabytes": MAX_BYTES // 1024**2, "rows": MAX_ROWS, "columns": MAX_COLUMNS}
    return str(FAULT_TEXTS[fault]) % limits


def outcome_text(outcome: Outcome, context: Context) -> str:
    """What becomes of the row."""
    if outcome.reason is not None:
        what = outcome.what
        if outcome.reason == Reason.NOT_ACTIVE:
            what = str(dict(STATUS_CHOICES).get(what, what))
        return str(REASON_TEXTS[outcome.reason]) % {"what": what}
    if outcome.fate == Fate.MEMBER:
        return str(_("Becomes a membership of %(member)s")) % {
            "member": member_name(outcome, context)
        }
    if outcome.what:
        return str(_("Participant added to the membership of %(member)s")) % {
            "member": context.names[outcome.what]
        }
    return str(_("Participant of the new membership"))


def facts_text(outcome: Outcome, context: Context) -> str:
    """What the row says of the membership and its invoices, where it makes the membership or adds
    to what is said of it; of one that is there the invoice details stay as they are."""
    entry = outcome.entry
    if entry is None or outcome.fate not in (Fate.MEMBER, Fate.PARTICIPANT) or outcome.what:
        return ""
    facts = dict(entry.facts)
    kinds = dict(ORGANISATION_CHOICES)
    said = []
    if not entry.municipality and outcome.fate == Fate.MEMBER:
        said.append(str(kinds[facts.get(Column.KIND) or context.known.kind]))
    if entry.signed_up:
        said.append(date_format(entry.signed_up, "SHORT_DATE_FORMAT"))
    if paid := facts.get(Column.PAID):
        said.append(str(SettledElsewhere(paid).label))
    for column in BUYER:
        if text := facts.get(column):
            said.append(f"{SHORT[column]} {text}" if column in SHORT else text)
    return " · ".join(said)


def member_name(outcome: Outcome, context: Context) -> str:
    """The municipality or organisation; as the file says it where it is not known."""
    entry = outcome.entry
    if entry is not None and entry.municipality:
        return context.municipalities[entry.municipality].name
    return outcome.said[0]
