"""Administrators and coordinators change a membership's participants on its behalf."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cms.audit import VISITOR, history
from networks import roles
from networks.models import Meeting, Membership, Participant, Seat
from networks.services import participants
from networks.services.application import ParticipantEntry
from networks.wagtail_hooks import memberships
from payments.models import Charge
from tests.factories.networks import (
    MembershipFactory,
    MunicipalityFactory,
    make_network,
    make_user,
    season,
)

pytestmark = pytest.mark.django_db
EXTRA = 150_000


@pytest.fixture
def membership() -> Membership:
    """At aarup.dk, with Bo and Eva standing on its two seats."""
    network = make_network(seasons=[season(extra_price=EXTRA)])
    row = MembershipFactory(
        network=network, municipality=MunicipalityFactory(mail_domains="aarup.dk"), with_buyer=True
    )
    for who in ("Bo", "Eva"):
        entry = ParticipantEntry(who, f"{who.lower()}@aarup.dk", "Leder")
        participants.name(row.pk, entry, actor=VISITOR)
    return row


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    return client


def post(client: Client, membership: Membership, action: str, **data: object) -> str:
    response = client.post(memberships.row_url(action, membership.pk), data, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def meeting(number: int) -> Meeting:
    return Meeting.objects.get(title=f"Møde {number}")


def seat_key(who: str, number: int) -> str:
    return f"{meeting(number).pk}:{Participant.objects.get(name=who).pk}"


def who(number: int) -> set[str]:
    rows = Seat.objects.current().filter(meeting=meeting(number))
    return set(rows.values_list("participant__name", flat=True))


def ib(domain: str = "aarup.dk") -> dict[str, object]:
    return {"participant": "", "name": "Ib Ibsen", "email": f"ib@{domain}", "job_title": ""}


def test_the_memberships_page_shows_who_comes_and_what_is_free(administrator, membership):
    participants.give_back(
        membership.pk,
        meeting(1).pk,
        participant_id=Participant.objects.get(name="Bo").pk,
        actor=VISITOR,
    )
    page = administrator.get(memberships.row_url("inspect", membership.pk)).content.decode()
    assert "Bo, Eva" in " ".join(page.split()).replace(" ,", ",")
    assert memberships.row_url("swap_participant", membership.pk) in page


def test_the_page_takes_no_more_queries_for_more_meetings(
    administrator, membership, django_assert_max_num_queries
):
    address = memberships.row_url("inspect", membership.pk)
    administrator.get(address)
    for number in range(6):
        start = timezone.now() + timedelta(weeks=20 + number)
        Meeting.objects.create(
            season=membership.first_season, title="Mere", starts_at=start, ends_at=start, capacity=9
        )
    with django_assert_max_num_queries(40):
        administrator.get(address)


def test_swapping_at_one_meeting(administrator, membership):
    post(administrator, membership, "swap_participant", seat=seat_key("Bo", 2), **ib())
    assert (who(1), who(2)) == ({"Bo", "Eva"}, {"Ib Ibsen", "Eva"})
    assert history(membership).get(action="seats.swapped").user is not None


def test_an_address_elsewhere_is_taken_at_an_administrators_word(administrator, membership):
    participants.take_off(membership.pk, Participant.objects.get(name="Bo").pk, actor=VISITOR)
    post(administrator, membership, "name_participant", **ib("museum.example"))
    assert who(3) == {"Eva", "Ib Ibsen"}


def test_after_the_deadline_only_with_a_reason(administrator, membership):
    Meeting.objects.filter(title="Møde 2").update(starts_at=timezone.now() + timedelta(hours=2))
    post(administrator, membership, "give_back_seat", seat=seat_key("Bo", 2))
    assert who(2) == {"Bo", "Eva"}
    post(administrator, membership, "give_back_seat", seat=seat_key("Bo", 2), reason="Syg")
    assert who(2) == {"Eva"}


def test_an_extra_needs_the_price_that_the_member_said_yes_to(administrator, membership):
    data = {**ib(), "meetings": [meeting(2).pk]}
    page = post(administrator, membership, "name_participant", **data)
    assert "1.500" in page
    post(administrator, membership, "name_participant", **data, accepted_net="1.000")
    assert not Charge.objects.exists()
    post(administrator, membership, "name_participant", **data, accepted_net="1.500")
    assert Charge.objects.get().net == EXTRA
    assert who(2) == {"Bo", "Eva", "Ib Ibsen"}


def test_taking_somebody_off(administrator, membership):
    key = Participant.objects.get(name="Bo").pk
    post(administrator, membership, "take_off_participant", participant=key)
    assert who(1) == {"Eva"}


def test_a_new_colleague_needs_name_and_address(administrator, membership):
    page = post(administrator, membership, "name_participant", participant="", name="Ib Ibsen")
    assert "Ib Ibsen" in page
    assert not Participant.objects.filter(name="Ib Ibsen").exists()


def test_a_coordinator_swaps_in_their_own_network_and_charges_nothing(client, membership):
    client.force_login(make_user(roles.COORDINATORS, networks=[membership.network]))
    post(client, membership, "swap_participant", seat=seat_key("Bo", 2), **ib())
    assert who(2) == {"Ib Ibsen", "Eva"}
    data = {**ib(), "email": "ea@aarup.dk", "meetings": [meeting(3).pk], "accepted_net": "1.500"}
    post(client, membership, "name_participant", **data)
    assert not Charge.objects.exists()


@pytest.mark.parametrize(
    "action", ["name_participant", "swap_participant", "give_back_seat", "take_off_participant"]
)
def test_of_another_network_nothing_is_found(client, membership, action):
    other = make_network(free_of_charge=True)
    client.force_login(make_user(roles.COORDINATORS, networks=[other]))
    address = memberships.row_url(action, membership.pk)
    assert client.get(address).status_code == 404
    assert client.post(address, {"seat": seat_key("Bo", 2), "reason": "x"}).status_code == 404
    assert who(2) == {"Bo", "Eva"}


@pytest.mark.parametrize("role", [roles.AUDITORS, roles.FINANCE])
def test_who_may_not_change_memberships_may_not_change_participants(client, membership, role):
    client.force_login(make_user(role))
    data = {"seat": seat_key("Bo", 2), "reason": "x"}
    response = client.post(memberships.row_url("give_back_seat", membership.pk), data)
    assert response.status_code in (302, 403, 404)
    assert who(2) == {"Bo", "Eva"}
