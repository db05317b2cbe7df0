"""The demo's held meetings with who came, guests invited and expected, and a host."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from cms.audit import SYSTEM, Actor
from cms.messages.models import Message, MessageState
from networks.demo.site import DemoSite
from networks.models import (
    Guest,
    GuestState,
    Meeting,
    Membership,
    NetworkPage,
    Participant,
    Seat,
    Unit,
)
from networks.rules.states import Status
from networks.services import attendance, guests, hosts
from networks.services.attendance import Mark


def build_meeting_day(site: DemoSite) -> None:
    """Once, after the members; nothing is mailed for it."""
    for network in (site.leisure, site.culture):
        held = _meetings(network).filter(starts_at__lt=timezone.now()).last()
        if held:
            _hold(held)
    last = _meetings(site.culture).filter(starts_at__lt=timezone.now()).last()
    if last:
        vaert = User.objects.get(username="vaert")
        hosts.assign(last.pk, user=vaert, actor=SYSTEM)
    _invite(site.leisure)
    Message.objects.filter(template__startswith="guest_").update(
        state=MessageState.SENT, sent_at=timezone.now()
    )


def _meetings(network: NetworkPage) -> QuerySet[Meeting]:
    return Meeting.objects.filter(season__page=network, starts_at__isnull=False).order_by(
        "starts_at"
    )


def _hold(meeting: Meeting) -> None:
    """Whoever was a member then had a seat. Most came; of one in five it was noted that they did
    not, and of the last nothing was noted."""
    members = Membership.objects.filter(
        network=meeting.season.page, status=Status.ACTIVE, activated_at__lt=meeting.starts_at
    )
    people = [person for member in members.order_by("activated_at") for person in _people(member)]
    seats = [
        Seat.objects.create(membership=person.membership, participant=person, meeting=meeting)
        for person in people
    ]
    _number(seats, meeting)
    guest = Guest.objects.create(
        meeting=meeting,
        name="Gerda Eksempel",
        email=f"gerda.eksempel{meeting.pk}@example.org",
        organisation="Eksempel Arkitekter",
        purpose="Holde oplæg",
        state=GuestState.ACCEPTED,
        answered_at=meeting.starts_at - timedelta(days=14) if meeting.starts_at else None,
    )
    keys = [f"seat:{seat.pk}" for seat in seats[:-1]] + [f"guest:{guest.pk}"]
    marks = [Mark(key, number % 5 != 4, timezone.now()) for number, key in enumerate(keys)]
    attendance.note(meeting.pk, marks, actor=SYSTEM, late=True)


def _people(membership: Membership) -> list[Participant]:
    """Who comes on it; the member itself where the member is a person."""
    if membership.unit == Unit.PERSON and not membership.participants.exists():
        contact = membership.contact
        Participant.objects.create(
            membership=membership,
            name=contact.name,
            email=contact.email,
            job_title=contact.job_title,
        )
    return list(membership.participants.order_by("pk")[:2])


def _number(seats: list[Seat], meeting: Meeting) -> None:
    """Which of the membership's included seats each has, where the tariff limits them."""
    if meeting.season.seats_per_meeting is None:
        return
    taken: dict[object, int] = {}
    for seat in seats:
        taken[seat.membership_id] = taken.get(seat.membership_id, 0) + 1
        seat.number = taken[seat.membership_id]
        seat.save(update_fields=["number"])


def _invite(network: NetworkPage) -> None:
    """Two guests of the next meeting: one has accepted, one has not answered."""
    meeting = _meetings(network).filter(starts_at__gt=timezone.now()).first()
    if meeting is None:
        return
    actor = Actor.by(User.objects.get(username="medlemsadmin"))
    for name, purpose, accepts in (
        ("Holger Eksempel", "Holde oplæg om driftsøkonomi", True),
        ("Inga Eksempel", "Være med i panelet", False),
    ):
        guest = guests.invite(
            meeting.pk,
            name=name,
            email=f"{name.split()[0].lower()}.eksempel@example.org",
            organisation="Eksempel Rådgivning",
            purpose=purpose,
            actor=actor,
        )
        if accepts:
            guests.answer(guest.pk, accepts=True)
