""" "My membership": the contact names, swaps and takes off; a participant gives back their own."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms import links
from cms.audit import VISITOR, reference
from networks.models import Meeting, Membership, Participant, Seat, Unit
from networks.rules.pricing import TariffKind
from networks.rules.states import Status
from networks.services import participants, seats
from networks.services.application import ParticipantEntry
from payments.models import Charge, ChargeState
from payments.services import bank
from tests.factories.networks import (
    MembershipFactory,
    MunicipalityFactory,
    make_network,
    season,
)

pytestmark = pytest.mark.django_db
EXTRA = 150_000


@pytest.fixture
def membership() -> Membership:
    """At aarup.dk, with Bo and Eva standing on the two seats; an extra costs 1.500 kr."""
    network = make_network(seasons=[season(extra_price=EXTRA)])
    row = MembershipFactory(
        network=network, municipality=MunicipalityFactory(mail_domains="aarup.dk"), with_buyer=True
    )
    for who in ("Bo", "Eva"):
        entry = ParticipantEntry(who, f"{who.lower()}@aarup.dk", "Leder")
        participants.name(row.pk, entry, actor=VISITOR)
    return row


def meeting(number: int) -> Meeting:
    return Meeting.objects.get(title=f"Møde {number}")


def person(name: str) -> Participant:
    return Participant.objects.get(name=name)


def token_of(membership: Membership, address: str = "") -> str:
    return links.issue(
        purpose="membership",
        subject=reference(membership),
        lifetime=timedelta(days=1),
        address=address or membership.contact.email,
    )


def page(membership: Membership, name: str = "", *keys: int, address: str = "") -> str:
    suffix = f"_{name}" if name else "s"
    url = f"membership_participant{suffix}"
    return reverse(url, args=[token_of(membership, address), *keys])


def shown(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def new_colleague(*numbers: int, **changes: str) -> dict[str, object]:
    return {
        "participant": "",
        "name": "Ib Ibsen",
        "email": "ib@aarup.dk",
        "job_title": "Planlægger",
        "scope": "chosen" if numbers else "every",
        "meetings": [meeting(number).pk for number in numbers],
        **changes,
    }


def who(number: int) -> set[str]:
    rows = Seat.objects.current().filter(meeting=meeting(number))
    return set(rows.values_list("participant__name", flat=True))


class TestTheOverview:
    def test_shows_every_coming_meeting_with_who_comes_and_the_price_of_one_more(
        self, client, membership
    ):
        text = shown(client.get(page(membership)))
        for title in ("Møde 1", "Møde 2", "Møde 3"):
            assert title in text
        assert text.count("Bo") >= 4
        assert "1.500 kr. ekskl. moms (1.875 kr. inkl. moms)" in text

    def test_free_seats_and_a_full_venue_are_said(self, client, membership):
        participants.give_back(
            membership.pk, meeting(1).pk, participant_id=person("Bo").pk, actor=VISITOR
        )
        Meeting.objects.filter(pk=meeting(2).pk).update(capacity=2)
        text = shown(client.get(page(membership)))
        assert text.count("Ledig plads") == 1
        assert text.count("badge-warning") == 1

    def test_after_the_deadline_nothing_can_be_pressed(self, client, membership):
        Meeting.objects.exclude(title="Møde 2").update(starts_at=timezone.now())
        Meeting.objects.filter(title="Møde 2").update(starts_at=timezone.now() + timedelta(hours=3))
        text = shown(client.get(page(membership)))
        assert "/byt/" not in text
        assert "Fristen er overskredet" in text

    def test_a_participant_sees_who_comes_and_can_press_only_about_themself(
        self, client, membership
    ):
        text = shown(client.get(page(membership, address="bo@aarup.dk")))
        assert "Eva" in text
        assert text.count("/frigiv/") == 3
        assert "/byt/" not in text
        assert "/fjern/" not in text

    def test_there_is_none_while_the_membership_is_not_active(self, client):
        waiting = MembershipFactory(status=Status.WAITLISTED)
        assert client.get(page(waiting)).status_code == 404

    def test_a_persons_membership_has_the_person_alone(self, client):
        network = make_network(
            unit=Unit.PERSON.value,
            free_of_charge=True,
            seasons=[season(tariff=TariffKind.FREE.value, seats_per_meeting=None)],
        )
        own = MembershipFactory(network=network)
        seats.take_standing(own)
        text = shown(client.get(page(own)))
        assert text.count("/frigiv/") == 3
        assert "/tilfoej/" not in text

    def test_costs_as_many_queries_for_many_meetings_as_for_few(
        self, client, membership, django_assert_max_num_queries
    ):
        Meeting.objects.update(capacity=50)
        for number in range(6):
            start = timezone.now() + timedelta(weeks=20 + number)
            Meeting.objects.create(
                season=membership.first_season, title="Mere", starts_at=start, ends_at=start
            )
        seats.take_standing(membership)
        address = page(membership)
        client.get(address)
        with django_assert_max_num_queries(14):
            client.get(address)


class TestNaming:
    def test_a_new_colleague_for_every_meeting(self, client, membership):
        participants.take_off(membership.pk, person("Bo").pk, actor=VISITOR)
        response = client.post(page(membership, "name"), new_colleague())
        assert response.status_code == 302
        assert who(3) == {"Eva", "Ib Ibsen"}
        assert "udpeget" in shown(client.get(response["Location"]))

    def test_one_who_is_named_already_for_one_meeting(self, client, membership):
        participants.give_back(
            membership.pk, meeting(1).pk, participant_id=person("Bo").pk, actor=VISITOR
        )
        client.post(
            page(membership, "name"),
            {"participant": person("Bo").pk, "scope": "chosen", "meetings": [meeting(1).pk]},
        )
        assert who(1) == {"Bo", "Eva"}

    def test_missing_fields_are_said_at_the_field_and_nothing_typed_is_lost(
        self, client, membership
    ):
        data = new_colleague(name="", email="ib", job_title="Noget helt særligt")
        response = client.post(page(membership, "name"), data)
        text = shown(response)
        assert response.status_code == 422
        assert 'href="#id_name"' in text
        assert 'href="#id_email"' in text
        assert "Noget helt særligt" in text

    def test_an_address_elsewhere_is_refused_at_its_field(self, client, membership):
        data = new_colleague(1, email="ib@gmail.example")
        response = client.post(page(membership, "name"), data)
        assert response.status_code == 422
        assert response.context["form"].errors["email"]
        assert "ib@gmail.example" in shown(response)

    def test_a_third_is_shown_the_price_and_stands_only_after_a_yes(self, client, membership):
        address = page(membership, "name")
        text = shown(client.post(address, new_colleague(2)))
        assert "1.500 kr. ekskl. moms (1.875 kr. inkl. moms)" in text
        assert "Ib Ibsen" in text
        assert not Charge.objects.exists()
        said_yes = {**new_colleague(2), "accepted_net": EXTRA, "as_extra": "1"}
        client.post(address, said_yes)
        assert who(2) == {"Bo", "Eva", "Ib Ibsen"}
        assert Charge.objects.get().net == EXTRA

    def test_a_price_that_rose_meanwhile_is_shown_again(self, client, membership):
        said_yes = {**new_colleague(2), "accepted_net": EXTRA - 1, "as_extra": "1"}
        text = shown(client.post(page(membership, "name"), said_yes))
        assert "Prisen er ændret" in text
        assert not Charge.objects.exists()

    def test_is_for_the_contact_alone(self, client, membership):
        response = client.post(page(membership, "name", address="bo@aarup.dk"), new_colleague())
        assert response.status_code == 410
        assert not Participant.objects.filter(name="Ib Ibsen").exists()


class TestChanging:
    def test_swapping_at_one_meeting(self, client, membership):
        data = {key: new_colleague()[key] for key in ("participant", "name", "email", "job_title")}
        address = page(membership, "swap", meeting(2).pk, person("Bo").pk)
        assert "Bo" in shown(client.get(address))
        client.post(address, data)
        assert (who(1), who(2)) == ({"Bo", "Eva"}, {"Ib Ibsen", "Eva"})

    def test_who_comes_already_is_not_among_those_to_swap_with(self, client, membership):
        address = page(membership, "swap", meeting(2).pk, person("Bo").pk)
        assert "participant" not in client.get(address).context["form"].fields

    def test_reading_changes_nothing_and_the_button_gives_the_seat_back(self, client, membership):
        address = page(membership, "give_back", meeting(1).pk, person("Bo").pk)
        client.get(address)
        assert who(1) == {"Bo", "Eva"}
        client.post(address)
        assert who(1) == {"Eva"}

    def test_a_participant_gives_back_their_own_seat_and_no_other(self, client, membership):
        own = page(membership, "give_back", meeting(1).pk, person("Bo").pk, address="bo@aarup.dk")
        other = page(
            membership, "give_back", meeting(1).pk, person("Eva").pk, address="bo@aarup.dk"
        )
        assert client.post(other).status_code == 404
        assert client.post(own).status_code == 302
        assert who(1) == {"Eva"}

    def test_taking_off_lists_the_meetings_first(self, client, membership):
        address = page(membership, "off", person("Bo").pk)
        assert "Møde 3" in shown(client.get(address))
        client.post(address)
        assert who(3) == {"Eva"}

    def test_correcting_name_and_title(self, client, membership):
        address = page(membership, "correct", person("Bo").pk)
        client.post(address, {"name": "Bo Bergsen", "job_title": "Leder"})
        assert who(1) == {"Bo Bergsen", "Eva"}

    @pytest.mark.parametrize("name", ["off", "correct"])
    def test_another_memberships_participant_is_not_found(self, client, membership, name):
        other = MembershipFactory(network=membership.network)
        address = page(other, name, person("Bo").pk)
        assert client.get(address).status_code == 404
        assert client.post(address, {"name": "X"}).status_code == 404
        assert person("Bo").left_at is None

    def test_a_meeting_of_another_network_is_not_found(self, client, membership):
        make_network()
        foreign = Meeting.objects.exclude(season__page=membership.network).first()
        address = page(membership, "give_back", foreign.pk, person("Bo").pk)
        assert client.post(address).status_code == 404


class TestPayingForAnExtra:
    @pytest.fixture
    def charge(self, membership: Membership) -> Charge:
        Membership.objects.filter(pk=membership.pk).update(method="card")
        entry = ParticipantEntry("Ib Ibsen", "ib@aarup.dk", "", (meeting(2).pk,))
        participants.name(membership.pk, entry, actor=VISITOR, as_extra=True, accepted_net=EXTRA)
        return Charge.objects.get()

    def pay_page(self, membership: Membership, charge: Charge, address: str = "") -> str:
        return reverse("charge_payment", args=[token_of(membership, address), charge.pk])

    def test_the_page_offers_to_pay_and_says_that_the_seat_stands(self, client, membership, charge):
        text = shown(client.get(self.pay_page(membership, charge)))
        assert "1.875 kr." in text
        assert 'name="pay"' in text

    def test_paid_it_says_so_and_the_membership_page_does_not_speak_of_it(
        self, client, membership, charge
    ):
        bank.settle_outside_stripe(charge)
        text = shown(client.get(self.pay_page(membership, charge)))
        assert "Vi har modtaget betalingen" in text
        assert 'name="pay"' not in text
        membership.refresh_from_db()
        assert membership.state == Status.ACTIVE

    def test_credited_there_is_nothing_to_pay(self, client, membership, charge):
        participants.give_back(
            membership.pk, meeting(2).pk, participant_id=person("Ib Ibsen").pk, actor=VISITOR
        )
        charge.refresh_from_db()
        assert charge.state == ChargeState.CREDITED
        response = client.post(self.pay_page(membership, charge), {"pay": "1"})
        assert response.status_code == 409

    def test_a_participant_is_not_shown_what_is_owed(self, client, membership, charge):
        address = self.pay_page(membership, charge, "bo@aarup.dk")
        assert client.get(address).status_code == 410

    def test_another_memberships_charge_is_not_found(self, client, membership, charge):
        other = MembershipFactory(network=membership.network)
        assert client.get(self.pay_page(other, charge)).status_code == 404


def test_the_buttons_need_a_csrf_token(membership):
    address = page(membership, "off", person("Bo").pk)
    assert Client(enforce_csrf_checks=True).post(address).status_code == 403
