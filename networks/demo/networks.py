"""The demo's three networks, with coming meetings counted from today."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from wagtail.models import Orderable

from networks.demo import texts
from networks.demo.texts import NetworkText
from networks.models import (
    ContactPerson,
    Meeting,
    MeetingKind,
    Municipality,
    NetworkPage,
    PriceStep,
    Question,
    QuestionKind,
    Season,
    Unit,
)
from networks.rules.pricing import TariffKind


def _network(text: NetworkText, seasons: list[Season], **facts: object) -> NetworkPage:
    for row in seasons:
        _place(row.meetings.all())
    return NetworkPage(
        seasons=_place(seasons),
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


def _place(rows: Sequence[Orderable]) -> Sequence[Orderable]:
    """The rows in the order given, as the editor's form stores it."""
    for place, row in enumerate(rows):
        row.sort_order = place
    return rows


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


def culture(today: date) -> NetworkPage:
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
                meetings=_culture_meetings(today),
            )
        ],
    )


def art(today: date) -> NetworkPage:
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
                meetings=_art_meetings(today),
            )
        ],
    )


def leisure(today: date) -> NetworkPage:
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


def _culture_meetings(today: date) -> list[Meeting]:
    return [
        Meeting(
            title="Forårets kulturaftaler" if today.month < 7 else "Efterårets kulturaftaler",
            starts_at=_at(today - timedelta(days=9), 10),
            ends_at=_at(today - timedelta(days=9), 15),
            venue="Rådhuset",
            host=_host("Odense"),
            speakers="Oplægsholder udefra: direktør for et kulturhus",
        ),
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
    ]


def _art_meetings(today: date) -> list[Meeting]:
    return [
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
    ]
