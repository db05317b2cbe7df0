"""The register of processing (GDPR article 30): from what the system does and how it is set up."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from networks.models import (
    Consent,
    Facilitator,
    NetworkFacilitator,
    NetworkPage,
    PrivacySettings,
    ProcessingActivity,
    privacy_settings,
)
from networks.services.retention_kinds import days, months
from payments import gateway
from payments.models import seller_settings


@dataclass(frozen=True)
class Activity:
    """One row of the register. ``kept``: for how long."""

    title: str
    purpose: str
    legal_basis: str
    people: str
    data: str
    recipients: str
    kept: str


@dataclass(frozen=True)
class Controllers:
    """Who decides over one network's data."""

    network: str
    names: list[str]


@dataclass(frozen=True)
class Register:
    organisation: Any
    controllers: list[Controllers]
    processors: list[str]
    activities: list[Activity]
    security: list[str]


def register() -> Register:
    organisation, _settings = seller_settings()
    own = [_of_row(row) for row in ProcessingActivity.objects.select_related("network")]
    return Register(
        organisation=organisation,
        controllers=_controllers(organisation.name),
        processors=_processors(organisation.data_processors),
        activities=[*_activities(privacy_settings()), *own],
        security=_security(),
    )


def _controllers(organisation: str) -> list[Controllers]:
    """The facilitators that decide over a network's data; where there is none, the organisation."""
    deciding = NetworkFacilitator.objects.filter(is_data_controller=True)
    by_network: dict[int, list[Facilitator]] = {}
    for row in deciding.select_related("facilitator").order_by("sort_order"):
        by_network.setdefault(row.page_id, []).append(row.facilitator)
    networks = NetworkPage.objects.filter(alias_of=None, locale__language_code="da")
    return [
        Controllers(
            network.title,
            [_with_cvr(row) for row in by_network.get(network.pk, [])] or [organisation],
        )
        for network in networks.order_by("title")
    ]


def _with_cvr(facilitator: Facilitator) -> str:
    cvr = facilitator.cvr
    return f"{facilitator.name} (CVR {cvr})" if cvr else facilitator.name


def _processors(written: str) -> list[str]:
    """Those that the settings name, and those that the system is set up to hand data to."""
    found = [line.strip() for line in written.splitlines() if line.strip()]
    # Beside the sign-up form Stripe is named in the settings' own words.
    if gateway.is_configured() and "stripe" not in written.lower():
        found.append(_("Stripe: card payments"))
    if settings.EMAIL_HOST not in ("", "localhost"):
        found.append(_("%(host)s: sends the mails") % {"host": settings.EMAIL_HOST})
    if settings.E_INVOICE_SENDER.startswith("http"):
        found.append(_("Access point for e-invoices (Nemhandel, Peppol)"))
    return found


def _activities(kept: PrivacySettings) -> list[Activity]:
    return [
        *_of_members(kept),
        _of_imports(),
        *_of_what_is_said(kept),
        *_of_money(kept),
        *_of_consents(),
        *_of_staff(kept),
    ]


def _interest() -> str:
    return _("Legitimate interest (article 6(1)(f)): to hold the network's meetings.")


def _after_the_end(kept: PrivacySettings) -> str:
    return _("%(span)s after the end of the membership") % {"span": months(kept.ended_months)}


def _of_members(kept: PrivacySettings) -> list[Activity]:
    """Those who sign up, come to meetings, or are invited to one."""
    interest, after = _interest(), _after_the_end(kept)
    return [
        Activity(
            _("Sign-up and membership"),
            _("To take in members, keep the waiting list, and run the membership."),
            _("Contract (article 6(1)(b)), with the employer; else legitimate interest."),
            _("Contacts and invoice contacts of municipalities and organisations"),
            _("Name, work e-mail, title, phone, workplace, answers to the network's questions"),
            _("The network's facilitators and coordinators"),
            _("Unconfirmed: %(days)s. Rejected or withdrawn: %(months)s. Else %(after)s.")
            % {
                "days": days(kept.unconfirmed_days),
                "months": months(kept.closed_months),
                "after": after,
            },
        ),
        Activity(
            _("Meetings and participants"),
            _("To invite, remind, keep the list of those who come, and note who came."),
            interest,
            _("Participants named by their municipality"),
            _("Name, work e-mail, title, seats, attendance"),
            _(
                "Coordinators, the host of the meeting; fellow members see name, title, "
                "municipality"
            ),
            after,
        ),
        Activity(
            _("Guests"),
            _("To invite speakers and experts to one meeting."),
            interest,
            _("Speakers and experts"),
            _("Name, e-mail, organisation, what they were invited to"),
            _("Coordinators and the host of the meeting"),
            _("%(span)s after the meeting") % {"span": months(kept.guests_months)},
        ),
    ]


def _of_imports() -> Activity:
    return Activity(
        _("Import of members"),
        _(
            "To take in members from the organisation's own lists, once it is seen what "
            "becomes of each row."
        ),
        _interest(),
        _("Whoever stands in the list"),
        _("What the list says of them, as a rule name, work e-mail, title and workplace"),
        _("The one who uploaded the list"),
        _("%(days)s, and no longer than until the list is taken in") % {"days": days(1)},
    )


def _of_what_is_said(kept: PrivacySettings) -> list[Activity]:
    """What members write, and what is written to them."""
    interest, after = _interest(), _after_the_end(kept)
    return [
        Activity(
            _("Topics and offers"),
            _("To let members shape the meetings."),
            interest,
            _("Members and participants"),
            _("Name, e-mail, what they wrote"),
            _("Coordinators; fellow members see topics"),
            after,
        ),
        Activity(
            _("Mails"),
            _("To tell members what they must know, and to show what was told."),
            interest,
            _("Everybody who is written to"),
            _("Name, e-mail, the text of the mail, whether it arrived"),
            _("The mail host"),
            months(kept.messages_months),
        ),
    ]


def _of_money(kept: PrivacySettings) -> list[Activity]:
    return [
        Activity(
            _("Charges, payments and invoices"),
            _("To charge for memberships and keep the books."),
            _(
                "Legal obligation (article 6(1)(c)): the bookkeeping law, § 12; the VAT order, "
                "§ 58."
            ),
            _("Invoice contacts"),
            _("Name, e-mail and reference on the invoice; of a card payment no card number"),
            _("The access point, Stripe, the auditor, the tax authority on demand"),
            _("%(years)s years after the end of the accounting year")
            % {"years": kept.invoice_years},
        )
    ]


def _of_consents() -> list[Activity]:
    """One for each that anybody is, or was, asked for."""
    return [
        Activity(
            consent.title,
            getattr(consent.texts.first(), "text", consent.title),
            _("Consent (article 6(1)(a)), which can be withdrawn at any time."),
            _("Contacts who said yes"),
            _("Name, work e-mail, the version of the text, when"),
            consent.network.title if consent.network else _("Every network"),
            _("Until it is withdrawn, and as long as the membership's people"),
        )
        for consent in Consent.objects.select_related("network")
    ]


def _of_staff(kept: PrivacySettings) -> list[Activity]:
    return [
        Activity(
            _("Users, history and log"),
            _("To know who did and who read what, and to find errors and misuse."),
            _("Legitimate interest (article 6(1)(f)) and security (article 32)."),
            _("Staff and coordinators with a user"),
            _("User name, name, e-mail, what was done or read, and when"),
            _("Auditor and data protection contact"),
            _("History: %(history)s. Log of reading: %(access)s.")
            % {"history": months(kept.history_months), "access": months(kept.access_months)},
        )
    ]


def _of_row(row: ProcessingActivity) -> Activity:
    title = f"{row.title} ({row.network.title})" if row.network else row.title
    return Activity(
        title, row.purpose, row.legal_basis, row.people, row.data, row.recipients, row.kept
    )


def _security() -> list[str]:
    return [
        _("Every list and page asks who may see which row; coordinators see their networks alone."),
        _(
            "Personal links are random, expire, and are stored as a hash; what they lead to "
            "changes nothing before a button is pressed."
        ),
        _("Every change, every reading of a person's page and every export is logged."),
        _("What has been kept long enough is erased every night."),
        _("Traffic is encrypted; the database and its backups are the operator's to protect."),
    ]
