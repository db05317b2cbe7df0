"""The demo's pages, settings and logins."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.contrib.auth.models import Group, User
from django.utils import timezone
from wagtail.models import Page, Site

from home.models import HomePage, Organisation, StandardPage, TopicPage
from networks import roles
from networks.demo import texts
from networks.demo.texts import NetworkText
from networks.models import (
    ContactPerson,
    Coordinator,
    Facilitator,
    Meeting,
    MeetingKind,
    Municipality,
    NetworkFacilitator,
    NetworkIndexPage,
    NetworkPage,
    PriceStep,
    Question,
    QuestionKind,
    Season,
    Unit,
)
from networks.rules.pricing import TariffKind
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
        culture=_publish(index, _culture(today), [kl]),
        art=_publish(index, _art(today), [kl, bkf]),
        leisure=_publish(index, _leisure(today), [kl]),
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


def _network(text: NetworkText, **facts: object) -> NetworkPage:
    return NetworkPage(
        title=text.title,
        slug=text.slug,
        introduction=text.introduction,
        purpose=text.purpose,
        audience=text.audience,
        audience_summary=text.audience_summary,
        practicalities=text.practicalities,
        body=[("text", text.body)],
        **facts,
    )


def _contact(title: str, address: str) -> ContactPerson:
    """A role, not a person."""
    return ContactPerson(name=title, job_title="KL", email=address, phone="00 00 00 00")


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    """An aware local moment on the first working day from that day on."""
    while day.weekday() > 4:
        day += timedelta(days=1)
    return datetime.combine(day, time(hour, minute), timezone.get_current_timezone())


def _host(name: str) -> Municipality | None:
    return Municipality.objects.filter(name=name).first()


def _culture(today: date) -> NetworkPage:
    starts = today - timedelta(days=60)
    return _network(
        texts.CULTURE,
        unit=Unit.PERSON,
        capacity=12,
        free_of_charge=True,
        contact_people=[_contact("Netværksleder, kultur", "kultur@example.org")],
        seasons=[
            Season(
                name=f"{today.year}/{(today.year + 1) % 100:02d}",
                starts_on=starts,
                ends_on=starts + timedelta(days=364),
                tariff=TariffKind.FREE,
                meetings=[
                    Meeting(
                        title="Kulturens værdi – hvordan viser vi den?",
                        starts_at=_at(today + timedelta(days=24), 10),
                        ends_at=_at(today + timedelta(days=24), 15),
                        venue="Musikhuset",
                        host=_host("Aarhus"),
                        speakers="Oplægsholder udefra: forsker i kulturpolitik",
                        agenda="<p>Velkomst, oplæg, samtale i grupper, nyt fra KL.</p>",
                    ),
                    Meeting(
                        title="Onlinemøde: de nye aftaler",
                        kind=MeetingKind.ONLINE,
                        starts_at=_at(today + timedelta(days=73), 13),
                        ends_at=_at(today + timedelta(days=73), 14, 30),
                        online_link="https://example.org/moede",
                    ),
                    Meeting(
                        title="Sommermøde",
                        starts_at=_at(today + timedelta(days=150), 10),
                        ends_at=_at(today + timedelta(days=150), 16),
                        venue="Kunstmuseet",
                        host=_host("Holstebro"),
                    ),
                ],
            )
        ],
    )


def _art(today: date) -> NetworkPage:
    starts = today - timedelta(days=30)
    return _network(
        texts.ART,
        unit=Unit.PERSON,
        free_of_charge=True,
        contact_people=[
            _contact("Netværkskonsulent, kunst", "kunst@example.org"),
            ContactPerson(name="Projektleder hos BKF", job_title="BKF", email="bkf@example.org"),
        ],
        questions=[
            Question(
                kind=QuestionKind.CHOICE,
                label="Hvor langt er I med kunst i det offentlige rum?",
                choices="Vi overvejer det\nVi er i gang\nVi har arbejdet med det længe",
                purpose="Bruges til at sammensætte grupper på møderne.",
                required=True,
            ),
            Question(
                kind=QuestionKind.TEXT,
                label="Er der et projekt, du gerne vil have sparring på?",
                purpose="Bruges til at vælge emner.",
            ),
        ],
        seasons=[
            Season(
                name="Det kommende år",
                starts_on=starts,
                ends_on=starts + timedelta(days=364),
                tariff=TariffKind.FREE,
                meetings=[
                    Meeting(
                        kind=MeetingKind.WORKSHOP,
                        title="Workshop: fra idé til værk",
                        starts_at=_at(today + timedelta(days=38), 9, 30),
                        ends_at=_at(today + timedelta(days=38), 15, 30),
                        venue="Kulturværftet",
                        host=_host("Helsingør"),
                        speakers="Billedkunstner\nByplanlægger",
                    ),
                    Meeting(
                        kind=MeetingKind.STUDY_TRIP,
                        title="Studietur (frivillig)",
                        date_text="Foråret, datoen meldes ud",
                        included=False,
                    ),
                ],
            )
        ],
    )


def _leisure(today: date) -> NetworkPage:
    first = today - timedelta(days=120)
    year = timedelta(days=365)
    return _network(
        texts.LEISURE,
        unit=Unit.MUNICIPALITY,
        capacity=30,
        contact_people=[_contact("Netværkskonsulent, fritid", "fritid@example.org")],
        seasons=[
            _leisure_season(first, first + year - timedelta(days=1), (60, 151, 228)),
            _leisure_season(
                first + year,
                first + 2 * year - timedelta(days=1),
                (70, 160, 235),
                opens_on=first + year - timedelta(days=60),
            ),
        ],
    )


def _leisure_season(
    starts_on: date, ends_on: date, days: tuple[int, int, int], opens_on: date | None = None
) -> Season:
    """Three whole-day meetings; the fee covers two at each. The ladder is a table."""
    hosts = (("Idrætscentret", "Vejle"), ("Fritidshuset", "Roskilde"), ("Svømmehallen", "Aalborg"))
    themes = ("Fælles haller, flere brugere", "Energi og drift", "Nye mødesteder")
    return Season(
        name=f"Netværksår {starts_on.year}/{ends_on.year % 100:02d}",
        starts_on=starts_on,
        ends_on=ends_on,
        opens_on=opens_on,
        tariff=TariffKind.SEASON_FEE,
        seats_per_meeting=2,
        extra_price=150_000,
        extra_label="En ekstra deltager på et møde",
        ladder=[
            PriceStep(meetings_left=3, price=700_000),
            PriceStep(meetings_left=2, price=520_000),
            PriceStep(meetings_left=1, price=330_000),
        ],
        meetings=[
            Meeting(
                title=theme,
                starts_at=_at(starts_on + timedelta(days=offset), 9, 30),
                ends_at=_at(starts_on + timedelta(days=offset), 15, 30),
                venue=venue,
                host=_host(host),
                speakers="Værtskommunen\nOplægsholder udefra",
                agenda="<p>Rundvisning hos værten, oplæg, workshop og sparring på egne sager.</p>",
            )
            for theme, (venue, host), offset in zip(themes, hosts, days, strict=True)
        ],
    )


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
