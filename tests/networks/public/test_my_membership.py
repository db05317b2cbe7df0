""" "My membership": who sees what, what is to be done, and what can be changed."""

import json
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from cms import audit
from networks.models import ErasureRequest, Material, Membership, Unit
from networks.rules.states import Status
from networks.services import lifecycle, seats
from payments.models import Charge
from tests.factories.networks import (
    BUYER,
    JoinRequestFactory,
    MembershipFactory,
    ParticipantFactory,
    PersonFactory,
    coming_meetings,
    make_network,
    season,
)
from tests.factories.signups import confirmed
from tests.networks.public.visits import page_of, token_for

pytestmark = pytest.mark.django_db

#: page → who opens it beside the contact.
OPEN_TO = {
    "membership": {"invoice", "participant"},
    "membership_meetings": {"invoice", "participant"},
    "membership_data": {"invoice", "participant"},
    "membership_everything": {"invoice", "participant"},
    "membership_download": {"invoice", "participant"},
    "membership_invoices": {"invoice"},
    "membership_buyer": {"invoice"},
    "membership_handover": {"invoice"},
    "membership_cancel": set(),
}


def people_of(membership: Membership) -> dict[str, str]:
    """{capacity: address}"""
    invoice_contact = PersonFactory()
    Membership.objects.filter(pk=membership.pk).update(invoice_contact=invoice_contact)
    participant = ParticipantFactory(membership=membership)
    return {
        "contact": membership.contact.email,
        "invoice": invoice_contact.email,
        "participant": participant.email,
        "stranger": "fremmed@kommune.example",
    }


class TestWhoSeesWhat:
    @pytest.mark.parametrize("name", OPEN_TO)
    def test_each_capacity_opens_its_pages_and_no_others(self, client, name):
        membership = MembershipFactory()
        for capacity, address in people_of(membership).items():
            expected = 200 if capacity in OPEN_TO[name] | {"contact"} else 410
            assert client.get(page_of(membership, name, address)).status_code == expected
            if expected == 410:
                assert client.post(page_of(membership, name, address)).status_code == 410

    def test_who_was_taken_off_sees_nothing_any_more(self, client):
        participant = ParticipantFactory()
        target = page_of(participant.membership, address=participant.email)
        participant.left_at = timezone.now()
        participant.save()
        assert client.get(target).status_code == 410

    def test_the_menu_leads_to_what_one_may_open(self, client):
        membership = MembershipFactory()
        for address in people_of(membership).values():
            response = client.get(page_of(membership, address=address))
            if response.status_code == 200:
                for entry in response.context["menu"]:
                    assert client.get(entry["url"]).status_code == 200

    def test_money_is_not_shown_to_participants(self, client):
        membership = confirmed(make_network())
        participant = ParticipantFactory(membership=membership)
        for name in ("membership", "membership_data", "membership_everything"):
            page = client.get(page_of(membership, name, participant.email)).content.decode()
            assert "7.000" not in page
            assert membership.buyer_gln not in page

    @pytest.mark.parametrize("name", OPEN_TO)
    def test_a_page_takes_few_queries(self, client, name, django_assert_max_num_queries):
        membership = confirmed(make_network())
        for _turn in range(2):
            ParticipantFactory(membership=membership)
        seats.take_standing(membership)
        target = page_of(membership, name)
        client.get(target)
        # All that is kept about somebody is asked of every table.
        with django_assert_max_num_queries(
            44 if name in ("membership_everything", "membership_download") else 32
        ):
            client.get(target)


class TestWhatIsToBeDone:
    def tasks(self, client, membership: Membership, address: str = "") -> list[str]:
        response = client.get(page_of(membership, address=address))
        return [task.url for task in response.context["tasks"]]

    def test_seats_without_names_before_the_next_meeting(self, client):
        membership = MembershipFactory()
        ParticipantFactory(membership=membership)
        seats.take_standing(membership)
        (url,) = self.tasks(client, membership)
        assert "deltagere" in url

    def test_not_once_all_are_named_or_the_deadline_is_over(self, client):
        full, late = MembershipFactory(), MembershipFactory(network=self.soon())
        for _turn in range(2):
            ParticipantFactory(membership=full)
        seats.take_standing(full)
        assert self.tasks(client, full) == self.tasks(client, late) == []

    def soon(self):
        first = timezone.now() + timedelta(hours=1)
        return make_network(seasons=[season(meetings=coming_meetings(1, first=first))])

    def test_an_open_charge_by_card_is_paid_from_here(self, client):
        membership = confirmed(make_network())
        assert not any("faktura" in url for url in self.tasks(client, membership))
        Charge.objects.update(method="card")
        charge = Charge.objects.get()
        assert any(str(charge.pk) in url for url in self.tasks(client, membership))
        participant = ParticipantFactory(membership=membership)
        assert self.tasks(client, membership, participant.email) == []

    def test_a_membership_that_awaits_payment(self, client):
        membership = MembershipFactory(status=Status.AWAITING_PAYMENT)
        (url,) = self.tasks(client, membership)
        assert url.startswith("/betaling/")

    def test_an_offered_place_is_answered_without_the_mail(self, client):
        membership = MembershipFactory(status=Status.OFFERED)
        (url,) = self.tasks(client, membership)
        assert client.get(url).status_code == 405
        assert client.post(url, follow=True).context["is_offer"]

    def test_a_colleague_who_asks_to_join(self, client):
        request = JoinRequestFactory(membership=MembershipFactory(network=self.soon()))
        (url,) = self.tasks(client, request.membership)
        assert client.get(url).status_code == 200

    def test_not_the_contacts_tasks_for_a_participant(self, client):
        request = JoinRequestFactory()
        participant = ParticipantFactory(membership=request.membership)
        assert self.tasks(client, request.membership, participant.email) == []


class TestOtherMemberships:
    def test_are_opened_from_here_by_a_button(self, client):
        first = MembershipFactory()
        other = MembershipFactory(contact=first.contact)
        response = client.get(page_of(first))
        assert response.context["others"] == [other]
        target = reverse("membership_other", args=[token_for(first), other.pk])
        assert client.get(target).status_code == 405
        opened = client.post(target, follow=True)
        assert opened.context["membership"] == other

    def test_a_strangers_is_not(self, client):
        first, other = MembershipFactory(), MembershipFactory()
        target = reverse("membership_other", args=[token_for(first), other.pk])
        assert client.post(target).status_code == 409


class TestLeaving:
    def test_the_reason_is_kept_on_the_membership_and_not_in_the_history(self, client):
        membership = confirmed(make_network())
        client.post(page_of(membership, "membership_cancel"), {"leaving_reason": "Nye opgaver"})
        membership.refresh_from_db()
        assert membership.leaving_reason == "Nye opgaver"
        assert all("opgaver" not in entry.reason for entry in audit.history(membership))

    def test_one_can_stay_after_all_while_it_has_not_ended(self, client):
        membership = confirmed(make_network())
        lifecycle.cancel(membership.pk, actor=audit.VISITOR)
        assert client.get(page_of(membership)).context["can_undo"]
        undo = page_of(membership, "membership_undo")
        assert client.get(undo).status_code == 405
        assert client.post(undo).status_code == 302
        membership.refresh_from_db()
        assert membership.cancelled_at is None

    def test_free_of_charge_the_last_day_is_chosen(self, client):
        membership = confirmed(make_network(free_of_charge=True))
        day = timezone.localdate() + timedelta(days=20)
        target = page_of(membership, "membership_cancel")
        past = {"ends_on": (timezone.localdate() - timedelta(days=1)).isoformat()}
        assert client.post(target, past).status_code == 422
        client.post(target, {"ends_on": day.isoformat()})
        membership.refresh_from_db()
        assert membership.ends_on == day


class TestMeetingsAndMaterials:
    def material(self, membership: Membership, **facts: object) -> Material:
        meeting = membership.network.seasons.get().meetings.first()
        return Material.objects.create(meeting=meeting, title="Oplæg / dag 1", **facts)

    def test_members_get_the_file_as_a_download(self, client, settings, tmp_path):
        membership = MembershipFactory()
        material = self.material(membership, file=ContentFile(b"%PDF-1.7", name="x.pdf"))
        assert material.title in client.get(
            page_of(membership, "membership_meetings")
        ).content.decode().replace("&#x27;", "'")
        response = client.get(
            reverse("membership_material", args=[token_for(membership), material.pk])
        )
        assert b"".join(response.streaming_content) == b"%PDF-1.7"
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in response["Cache-Control"]

    @pytest.mark.parametrize("status", [Status.WAITLISTED, Status.ENDED])
    def test_not_whoever_is_no_active_member(self, client, status):
        membership = MembershipFactory(status=status)
        material = self.material(membership, file=ContentFile(b"%PDF", name="x.pdf"))
        target = reverse("membership_material", args=[token_for(membership), material.pk])
        assert client.get(target).status_code == 404

    def test_not_members_of_another_network(self, client):
        material = self.material(MembershipFactory(), file=ContentFile(b"%PDF", name="x.pdf"))
        target = reverse("membership_material", args=[token_for(MembershipFactory()), material.pk])
        assert client.get(target).status_code == 404

    def test_a_link_is_shown_as_a_link(self, client):
        membership = MembershipFactory()
        self.material(membership, url="https://example.org/optagelse")
        page = client.get(page_of(membership, "membership_meetings")).content.decode()
        assert 'href="https://example.org/optagelse"' in page

    def test_the_queries_do_not_grow_with_meetings_and_seats(
        self, client, django_assert_max_num_queries
    ):
        few, many = (
            MembershipFactory(
                network=make_network(seasons=[season(meetings=coming_meetings(number), ladder={})])
            )
            for number in (1, 8)
        )
        for membership in (few, many):
            ParticipantFactory(membership=membership)
            seats.take_standing(membership)
        with django_assert_max_num_queries(40) as captured:
            client.get(page_of(few, "membership_meetings"))
        with django_assert_max_num_queries(len(captured)):
            client.get(page_of(many, "membership_meetings"))


class TestInvoices:
    def test_show_lines_vat_and_state(self, client):
        membership = confirmed(make_network())
        page = client.get(page_of(membership, "membership_invoices")).content.decode()
        for text in ("7.000 kr.", "1.750 kr.", "8.750 kr."):
            assert text in page

    def test_details_are_corrected_for_invoices_to_come(self, client):
        membership = confirmed(make_network())
        target = page_of(membership, "membership_buyer")
        assert client.post(target, {**BUYER, "buyer_gln": "1"}).status_code == 422
        given = {**BUYER, "buyer_street": "Nygade 2"}
        assert client.post(target, given).status_code == 302
        membership.refresh_from_db()
        assert membership.buyer_street == "Nygade 2"
        assert Charge.objects.get().buyer_street != "Nygade 2"
        assert membership.buyer_contact == Charge.objects.get().buyer_contact


class TestOwnData:
    def test_is_corrected(self, client):
        membership = MembershipFactory()
        target = page_of(membership, "membership_data")
        assert client.post(target, {"name": " "}).status_code == 422
        client.post(target, {"name": "Berit\nNy", "job_title": "Chef", "phone": ""})
        membership.contact.refresh_from_db()
        assert (membership.contact.name, membership.contact.phone) == ("Berit Ny", "")

    def test_the_address_changes_by_the_button_in_the_mail(self, client, run_jobs, mailoutbox):
        membership = MembershipFactory()
        new = f"ny@{membership.contact.email.partition('@')[2]}"
        client.post(page_of(membership, "membership_address"), {"new_address": new})
        run_jobs()
        target = "/ny-adresse/" + mailoutbox[-1].body.split("/ny-adresse/")[1].split()[0]
        assert client.get(target).status_code == 200
        membership.contact.refresh_from_db()
        assert membership.contact.email != new
        assert client.post(target, follow=True).context["visit"].address == new

    def test_the_language_is_the_contacts_to_choose(self, client):
        participant = ParticipantFactory()
        membership = participant.membership
        target = page_of(membership, "membership_language", participant.email)
        assert client.post(target, {"language": "en"}).status_code == 410
        client.post(page_of(membership, "membership_language"), {"language": "en"})
        membership.refresh_from_db()
        assert membership.language == "en"

    def test_erasure_is_asked_for_by_a_button(self, client):
        membership = MembershipFactory()
        target = page_of(membership, "membership_erasure")
        assert client.get(target).status_code == 405
        client.post(target)
        assert ErasureRequest.objects.get().person == membership.contact

    def test_is_downloaded_as_a_file_for_machines(self, client):
        membership = confirmed(make_network(unit=Unit.PERSON))
        response = client.get(page_of(membership, "membership_download"))
        assert response["Content-Disposition"] == 'attachment; filename="mine-data.json"'
        assert json.loads(response.content)["address"] == membership.contact.email
