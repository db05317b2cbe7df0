"""The demo's pages, settings and logins."""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import Group, User
from wagtail.models import Page, Site

from home.models import HomePage, Organisation, StandardPage, TopicPage
from networks import roles
from networks.demo import texts
from networks.demo.networks import art, culture, leisure
from networks.models import (
    Coordinator,
    Facilitator,
    NetworkFacilitator,
    NetworkIndexPage,
    NetworkPage,
)
from payments.models import PaymentSettings

#: Every demo login's password; ``load_demo`` refuses to run outside development.
PASSWORD = "netvaerk-demo"  # noqa: S105
LOGINS = {
    "admin": None,
    "redaktoer": roles.EDITORS,
    "udgiver": roles.PUBLISHERS,
    "medlemsadmin": roles.MEMBER_ADMINISTRATORS,
    "koordinator": roles.COORDINATORS,
    "oekonomi": roles.FINANCE,
    "revisor": roles.AUDITORS,
    "vaert": roles.HOSTS,
}


@dataclass(frozen=True)
class DemoSite:
    culture: NetworkPage
    art: NetworkPage
    leisure: NetworkPage


def build_site(today: date) -> DemoSite:
    """Pages, settings and logins; meeting dates lie in this season and the next, from today."""
    home = _home()
    _standard_pages(home)
    topic = home.add_child(
        instance=TopicPage(
            title="Kultur og fritid",
            slug="kultur-og-fritid",
            show_in_menus=True,
            introduction=texts.TOPIC_INTRODUCTION,
        )
    )
    index = topic.add_child(
        instance=NetworkIndexPage(
            title="Kommunenetværk",
            slug="kommunenetvaerk",
            show_in_menus=True,
            introduction=texts.INDEX_INTRODUCTION,
        )
    )
    kl, bkf = _facilitators()
    site = DemoSite(
        culture=_publish(index, culture(today), [kl]),
        art=_publish(index, art(today), [kl, bkf]),
        leisure=_publish(index, leisure(today), [kl]),
    )
    _logins(site)
    return site


def _home() -> HomePage:
    root = Page.get_first_root_node()
    home = HomePage(
        title="Kommunenetværk",
        slug="forside",
        introduction=texts.HOME_INTRODUCTION,
        body=[("text", texts.HOME_BODY)],
    )
    root.add_child(instance=home)
    welcome = Page.objects.filter(depth=2).exclude(pk=home.pk).first()
    Site.objects.update_or_create(
        is_default_site=True,
        defaults={"hostname": "localhost", "root_page": home, "site_name": "Kommunenetværk"},
    )
    if welcome:
        welcome.delete()
    return HomePage.objects.get(pk=home.pk)


def _standard_pages(home: HomePage) -> None:
    about, privacy, accessibility = (
        home.add_child(
            instance=StandardPage(
                title=title, slug=slug, show_in_menus=in_menu, body=[("text", body)]
            )
        )
        for title, slug, in_menu, body in (
            ("Om netværkene", "om", True, texts.ABOUT),
            ("Privatliv", "privatliv", False, texts.PRIVACY),
            ("Tilgængelighed", "tilgaengelighed", False, texts.ACCESSIBILITY),
        )
    )
    _settings(privacy, accessibility)


def _settings(privacy: StandardPage, accessibility: StandardPage) -> None:
    site = Site.objects.get(is_default_site=True)
    Organisation.objects.update_or_create(
        site=site,
        defaults={
            "name": "KL – Kommunernes Landsforening",
            "short_name": "KL",
            # Fictitious, with a valid check digit: a demo must not invoice in a real name.
            "cvr": "12345674",
            "street": "Eksempelgade 10",
            "postal_code": "2300",
            "city": "København S",
            "phone": "00 00 00 00",
            "email": "netvaerk@example.org",
            "data_protection_contact": "Databeskyttelsesrådgiveren",
            "data_protection_email": "databeskyttelse@example.org",
            "data_processors": "Driftsleverandøren\nStripe (ved betaling med kort)",
            "privacy_page": privacy,
            "accessibility_page": accessibility,
        },
    )
    PaymentSettings.objects.update_or_create(
        site=site,
        defaults={
            "bank_registration_number": "0040",
            "bank_account_number": "0440116243",
            "iban": "DK5000400440116243",
            "invoice_terms": "Netto 30 dage. Ved forsinket betaling følges renteloven.",
        },
    )


def _facilitators() -> tuple[Facilitator, Facilitator]:
    kl, _created = Facilitator.objects.get_or_create(
        short_name="KL",
        defaults={"name": "KL – Kommunernes Landsforening", "website": "https://www.kl.dk/"},
    )
    bkf, _created = Facilitator.objects.get_or_create(
        short_name="BKF",
        defaults={"name": "Billedkunstnernes Forbund", "website": "https://www.bkf.dk/"},
    )
    return kl, bkf


def _publish(
    index: NetworkIndexPage, network: NetworkPage, facilitators: list[Facilitator]
) -> NetworkPage:
    network.facilitators = [
        NetworkFacilitator(facilitator=facilitator, sort_order=order)
        for order, facilitator in enumerate(facilitators)
    ]
    index.add_child(instance=network)
    network.save_revision().publish()
    return NetworkPage.objects.get(pk=network.pk)


def _logins(site: DemoSite) -> None:
    for username, role in LOGINS.items():
        user, created = User.objects.get_or_create(
            username=username,
            defaults={
                "email": f"{username}@example.org",
                "is_superuser": role is None,
                "is_staff": role is None,
                "first_name": "Demo",
                "last_name": role or "Systemadministrator",
            },
        )
        if created:
            user.set_password(PASSWORD)
            user.save()
        if role:
            user.groups.add(Group.objects.get(name=role))
    Coordinator.objects.get_or_create(
        network=site.art, user=User.objects.get(username="koordinator")
    )
