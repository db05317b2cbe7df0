"""Facts as documents to hand over: all that is kept about somebody (GDPR article 15), and the
register of processing (article 30)."""

from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cms.typesetting import typeset
from networks.rules.eligibility import normalise_email
from networks.services.personal_data import sections_about
from networks.services.register import Activity, Register, register
from payments.models import seller_settings

TEMPLATE = Path(__file__).with_name("facts.typ")

Rows = list[list[list[str]]]


def as_pdf(address: str, *, for_staff: bool = False) -> bytes:
    """All about the address as PDF/UA-1, in the reader's language."""
    email = normalise_email(address)
    sections = [
        (section.title, [[[fact.label, fact.shown] for fact in row] for row in section.rows])
        for section in sections_about(email, for_staff=for_staff)
    ]
    return _document(
        _("What is kept about %(email)s") % {"email": email},
        _("Made %(time)s. It covers every network.") % {"time": _now()},
        sections,
    )


def register_pdf() -> bytes:
    """The register of processing as PDF/UA-1."""
    found = register()
    sections = [
        (_("Who is responsible"), [_responsible(found)]),
        *((each.title, [_of_activity(each)]) for each in found.activities),
        (_("Security"), [[["", text] for text in found.security]]),
    ]
    return _document(_("Register of processing"), _("Made %(time)s.") % {"time": _now()}, sections)


def _responsible(found: Register) -> list[list[str]]:
    organisation = found.organisation
    contact = [organisation.data_protection_contact, organisation.data_protection_email]
    return [
        [_("Organisation"), organisation.name or "–"],
        [_("Data protection contact"), ", ".join(filter(None, contact)) or "–"],
        *([each.network, ", ".join(each.names)] for each in found.controllers),
        [_("Data processors"), "\n".join(found.processors) or "–"],
        [
            _("Countries outside the EU and EEA"),
            _("None by the system itself; ask each data processor."),
        ],
    ]


def _of_activity(each: Activity) -> list[list[str]]:
    return [
        [_("Purpose"), each.purpose],
        [_("Legal basis"), each.legal_basis],
        [_("Whose data"), each.people],
        [_("Which data"), each.data],
        [_("Recipients"), each.recipients or "–"],
        [_("Kept for"), each.kept],
    ]


def _now() -> str:
    return date_format(timezone.localtime(), "DATETIME_FORMAT")


def _document(title: str, made: str, sections: list[tuple[str, Any]]) -> bytes:
    organisation, _settings = seller_settings()
    return typeset(
        TEMPLATE,
        {
            "language": get_language() or "da",
            "title": title,
            "author": organisation.name or "–",
            "made": made,
            "sections": [{"title": heading, "rows": rows} for heading, rows in sections],
            "nothing": _("Nothing is kept about this address."),
            "contact": organisation.data_protection_email or organisation.email,
            "page": _("Page"),
        },
    )
