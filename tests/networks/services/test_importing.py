"""Taking a list of members in: all of it or nothing, once, without mails and charges."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cms.audit import Actor, AuditEntry
from cms.messages.models import Message
from networks import roles
from networks.models import (
    Meeting,
    MemberImport,
    Membership,
    Municipality,
    NetworkPage,
    Participant,
    Person,
    Season,
    SeasonEntry,
    Seat,
    Unit,
)
from networks.rules.pricing import TariffKind
from networks.rules.renewal import Fate as YearFate
from networks.rules.states import Status
from networks.services import importing, lifecycle, people, renewal, retention, taking_in, years
from networks.services.errors import NotPossible
from networks.services.retention_kinds import KINDS
from payments.models import Charge
from tests.factories.networks import (
    LADDER,
    MembershipFactory,
    MunicipalityFactory,
    ParticipantFactory,
    coming_meetings,
    make_network,
    make_user,
    season,
)

pytestmark = pytest.mark.django_db

HEADINGS = "Kommune;Navn;E-mail;Indmeldt;Betalt;Første sæson;EAN;Personreference;Rolle\n"


@pytest.fixture
def actor() -> Actor:
    return Actor.by(make_user(roles.MEMBER_ADMINISTRATORS))


def uploaded(network: NetworkPage, actor: Actor, *rows: str, upto: Season | None = None) -> Any:
    content = (HEADINGS + "\n".join(rows)).encode()
    waiting = importing.upload(content, network=network, actor=actor)
    if upto is not None:
        importing.choose(waiting, importing.columns_of(waiting), upto)
    return waiting


def taken(waiting: MemberImport, actor: Actor, **changes: Any) -> taking_in.Taken:
    digest = importing.outlook(waiting).plan.digest
    return taking_in.take_in(waiting.pk, digest=digest, actor=actor, **changes)


def row_of(municipality: Municipality, name: str = "Ane Prøve", *more: str) -> str:
    address = f"{name.split()[0].lower()}@{municipality.domains[0]}"
    return ";".join([municipality.official_name, name, address, *more])


def test_a_list_makes_active_memberships_without_mails_and_charges(actor: Actor) -> None:
    network, place = make_network(), MunicipalityFactory()
    first = row_of(place, "Ane Prøve", "01-03-2024", "faktureret", "", "5798009811578", "Kultur")
    waiting = uploaded(network, actor, first, row_of(place, "Bo Prøve"))
    assert taken(waiting, actor) == taking_in.Taken(members=1, participants=0)
    membership = Membership.objects.get()
    assert membership.state == Status.ACTIVE
    assert membership.unit_key == f"municipality:{place.pk}"
    assert timezone.localdate(membership.activated_at).isoformat() == "2024-03-01"
    assert membership.signed_up_at == membership.activated_at
    assert membership.address_confirmed_at is None
    assert membership.contact.confirmed_at is None
    assert (membership.method, membership.buyer_gln) == ("invoice", "5798009811578")
    assert membership.buyer_name == place.official_name
    assert SeasonEntry.objects.get().settled == "invoiced"
    assert not Charge.objects.exists()
    assert not Message.objects.exists()
    done = MemberImport.objects.get()
    assert (done.rows, done.headings, done.columns) == ([], [], {})
    assert (done.members, done.finished_at is not None) == (1, True)
    assert AuditEntry.objects.get(action="membership.imported").user == actor.user


def test_standing_participants_get_their_seats_as_far_as_there_are_any(actor: Actor) -> None:
    meetings = coming_meetings()
    meetings[0].capacity = 1
    network, place = make_network(seasons=[season(meetings=meetings)]), MunicipalityFactory()
    rows = [row_of(place, f"{name} Prøve") for name in ("Ane", "Bo", "Carl")]
    taken(uploaded(network, actor, *rows), actor)
    first, *others = Meeting.objects.order_by("starts_at")
    assert list(first.seats.values_list("participant__name", flat=True)) == ["Ane Prøve"]
    for meeting in others:
        numbers = meeting.seats.order_by("number").values_list("number", "participant__name")
        assert list(numbers) == [(1, "Ane Prøve"), (2, "Bo Prøve")]
    assert Participant.objects.count() == 3


def test_the_same_list_again_changes_nothing(actor: Actor) -> None:
    network, places = make_network(), MunicipalityFactory.create_batch(3)
    rows = [row_of(place, name) for place in places for name in ("Ane Prøve", "Bo Prøve")]
    taken(uploaded(network, actor, *rows), actor)
    before = list(Membership.objects.values()), list(Seat.objects.values())
    again = uploaded(network, actor, *rows)
    outlook = importing.outlook(again)
    assert not outlook.plan.has_work
    assert taken(again, actor) == taking_in.Taken(0, 0)
    assert (list(Membership.objects.values()), list(Seat.objects.values())) == before
    assert Person.objects.count() == 3


def test_a_missing_participant_is_added_without_a_word(actor: Actor) -> None:
    network, place = make_network(), MunicipalityFactory()
    membership = MembershipFactory(network=network, municipality=place)
    member = ParticipantFactory(membership=membership)
    row = row_of(place, "Bo Prøve")
    assert taken(uploaded(network, actor, row), actor) == taking_in.Taken(0, 1)
    added = membership.participants.exclude(pk=member.pk).get()
    assert added.seats.count() == 3
    assert not Message.objects.exists()
    assert AuditEntry.objects.filter(action="membership.people_imported").count() == 1


def test_whoever_is_known_keeps_what_is_known_of_them(actor: Actor) -> None:
    network, place = make_network(), MunicipalityFactory()
    email = f"ane@{place.domains[0]}"
    Person.objects.create(name="Ane Rigtig", email=email, phone="1", confirmed_at=timezone.now())
    taken(uploaded(network, actor, row_of(place)), actor)
    assert Person.objects.get().name == "Ane Rigtig"
    assert Membership.objects.get().contact.phone == "1"


def test_people_of_a_personal_network_are_members_each(actor: Actor) -> None:
    network = make_network(free_of_charge=True, unit=Unit.PERSON.value)
    place = MunicipalityFactory()
    rows = [row_of(place, "Ane Prøve"), row_of(place, "Bo Prøve")]
    taken(uploaded(network, actor, *rows), actor)
    for membership in Membership.objects.all():
        assert membership.unit_key == f"person:{membership.contact_id}"
        assert membership.participants.get().email == membership.contact.email
    assert not importing.outlook(uploaded(network, actor, *rows)).plan.has_work


# Money --------------------------------------------------------------------------------------------


def three_years() -> NetworkPage:
    """The last, the running and the next season, which is charged in thirty days and more."""
    today = timezone.localdate()
    spans = [(-400, -40), (-39, 100), (101, 465)]
    return make_network(
        seasons=[
            season(
                name=name,
                starts_on=today + timedelta(days=begins),
                ends_on=today + timedelta(days=ends),
                meetings=coming_meetings(first=timezone.now() + timedelta(days=begins + 60)),
            )
            for name, (begins, ends) in zip(("2025", "2026", "2027"), spans, strict=True)
        ]
    )


def test_what_was_settled_is_never_charged_and_the_next_season_is(actor: Actor, run_jobs) -> None:
    network, place = three_years(), MunicipalityFactory()
    last, running, coming = network.seasons.order_by("starts_on")
    row = row_of(place, "Ane Prøve", "", "betalt", "2025", "5798009811578", "Kultur")
    taken(uploaded(network, actor, row, upto=running), actor)
    membership = Membership.objects.get()
    assert membership.first_season == last
    settled = dict(SeasonEntry.objects.values_list("season__name", "settled"))
    assert settled == {"2025": "", "2026": "paid"}
    for each in (last, running):
        renewal.run(each.pk, early=True)
    assert not Charge.objects.exists()
    (plan,) = years.plans(years.with_terms(Season.objects).get(pk=coming.pk))
    assert (plan.plan.fate, plan.plan.net) == (YearFate.CHARGED, LADDER[3])
    renewal.run(coming.pk, early=True)
    entry = SeasonEntry.objects.get(season=coming)
    assert entry.announced_at is not None
    entry.announced_at -= timedelta(days=40)
    entry.save(update_fields=["announced_at"])
    renewal.run(coming.pk, early=True)
    assert Charge.objects.get().net == LADDER[3]


def test_leaving_and_staying_after_all_charges_nothing_of_what_was_settled(actor: Actor) -> None:
    network, place = three_years(), MunicipalityFactory()
    coming = network.seasons.order_by("starts_on").last()
    row = row_of(place, "Ane Prøve", "", "", "2026")
    taken(uploaded(network, actor, row, upto=coming), actor)
    membership = Membership.objects.get()
    lifecycle.cancel(membership.pk, actor=actor, reason="Fejl")
    assert SeasonEntry.objects.get(season=coming).entered_at is None
    lifecycle.undo_cancellation(membership.pk, actor=actor)
    assert not Charge.objects.exists()
    assert SeasonEntry.objects.filter(entered_at__isnull=False, season=coming).exists()


def test_without_invoice_details_the_next_season_is_held_back_and_says_so(actor: Actor) -> None:
    network, place = three_years(), MunicipalityFactory()
    _last, running, coming = network.seasons.order_by("starts_on")
    taken(uploaded(network, actor, row_of(place), upto=running), actor)
    (plan,) = years.plans(years.with_terms(Season.objects).get(pk=coming.pk))
    assert plan.plan.hold == "no_invoice_details"


def test_a_link_that_is_asked_for_confirms_the_address(actor: Actor) -> None:
    network, place = make_network(free_of_charge=True), MunicipalityFactory()
    taken(uploaded(network, actor, row_of(place)), actor)
    membership = Membership.objects.get()
    assert people.purpose_for(membership, membership.contact.email) == "confirm"


# All or nothing -----------------------------------------------------------------------------------


def test_a_list_with_an_error_is_not_taken_in(actor: Actor) -> None:
    network, place = make_network(), MunicipalityFactory()
    waiting = uploaded(network, actor, row_of(place), "Atlantis;Bo;bo@atlantis.example")
    with pytest.raises(NotPossible):
        taken(waiting, actor)
    assert not Membership.objects.exists()
    assert MemberImport.objects.filter(pk=waiting.pk).exists()


def test_what_has_changed_since_it_was_shown_is_not_taken_in(actor: Actor) -> None:
    network, places = make_network(), MunicipalityFactory.create_batch(2)
    waiting = uploaded(network, actor, *(row_of(place) for place in places))
    digest = importing.outlook(waiting).plan.digest
    MembershipFactory(network=network, municipality=places[1], status=Status.PENDING_APPROVAL)
    with pytest.raises(taking_in.Changed):
        taking_in.take_in(waiting.pk, digest=digest, actor=actor)
    assert Membership.objects.count() == 1


def test_above_capacity_needs_the_word_and_a_reason(actor: Actor) -> None:
    network, places = make_network(capacity=1), MunicipalityFactory.create_batch(2)
    waiting = uploaded(network, actor, *(row_of(place) for place in places))
    outlook = importing.outlook(waiting)
    assert (outlook.needed, outlook.left, outlook.exceeds) == (2, 1, True)
    for changes in ({}, {"above_capacity": True}, {"reason": "Aftalt"}):
        with pytest.raises(NotPossible):
            taken(waiting, actor, **changes)
    taken(waiting, actor, above_capacity=True, reason="Aftalt")
    entry = AuditEntry.objects.filter(action="membership.imported").first()
    assert (entry.reason, entry.data["above_capacity"]) == ("Aftalt", True)


def test_a_list_is_its_users_own_and_forgotten_after_a_day(actor: Actor) -> None:
    waiting = uploaded(make_network(), actor, row_of(MunicipalityFactory()))
    with pytest.raises(NotPossible):
        taken(waiting, Actor.by(make_user(roles.MEMBER_ADMINISTRATORS)))
    MemberImport.objects.update(created_at=timezone.now() - timedelta(hours=25))
    with pytest.raises(NotPossible):
        taken(waiting, actor)
    assert retention.forget_due(KINDS)["member_imports"] == 1
    assert not MemberImport.objects.exists()


def test_five_hundred_rows_take_no_more_queries_than_two(actor: Actor) -> None:
    def queries(number: int) -> int:
        network = make_network(capacity=1000)
        places = MunicipalityFactory.create_batch(number)
        rows = [row_of(place, name) for place in places for name in ("Ane P", "Bo P")]
        waiting = uploaded(network, actor, *rows)
        with CaptureQueriesContext(
            connection,
        ) as context:
            taken(waiting, actor)
        assert Seat.objects.filter(membership__network=network).count() == number * 6
        return len(context)

    few = queries(1)
    assert queries(250) <= few + 12
    assert few < 60


def test_tariff_kinds_without_a_fee_say_nothing_of_money(actor: Actor) -> None:
    network = make_network(seasons=[season(tariff=TariffKind.FREE.value)])
    row = row_of(MunicipalityFactory(), "Ane Prøve", "", "betalt")
    taken(uploaded(network, actor, row), actor)
    assert SeasonEntry.objects.get().settled == ""
