"""Handing over, taking over and joining, by mailed links: a link shows, only a button acts."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms import audit, links
from cms.messages.models import Message
from networks.models import Handover, HandoverKind, JoinRequest, Membership, RequestState, Unit
from networks.services import handovers
from tests.factories.networks import (
    JoinRequestFactory,
    MembershipFactory,
    ParticipantFactory,
    PersonFactory,
    make_network,
)
from tests.factories.requests import HandoverFactory
from tests.networks.public.test_links import everything
from tests.networks.public.visits import page_of

pytestmark = pytest.mark.django_db


def link_to(name: str, row: Handover | JoinRequest, address: str = "") -> str:
    token = links.issue(
        purpose=name,
        subject=audit.reference(row),
        lifetime=timedelta(days=1),
        address=address or row.email,
    )
    return reverse(name, args=[token])


class TestMailedLinks:
    def targets(self) -> dict[str, str]:
        offered = HandoverFactory()
        asked = HandoverFactory(kind=HandoverKind.TAKE_OVER)
        joining = JoinRequestFactory()
        return {
            "handover": link_to("handover", offered),
            "take_over": link_to("take_over", asked),
            "objection": link_to("objection", asked, asked.membership.contact.email),
            "join": link_to("join", joining, joining.membership.contact.email),
        }

    def test_opening_them_changes_nothing(self, client):
        targets = self.targets()
        before = everything()
        for target in targets.values():
            for method in (client.get, client.head):
                response = method(target)
                assert response.status_code == 200
                assert response["X-Robots-Tag"] == "noindex"
                assert "no-store" in response["Cache-Control"]
        assert everything() == before

    def test_each_opens_its_own_page_and_no_other(self, client):
        targets = self.targets()
        tokens = {name: target.split("/")[-2] for name, target in targets.items()}
        pages = [*targets, "membership", "payment", "new_address"]
        for name, token in tokens.items():
            for page in pages:
                if page != name:
                    assert client.get(reverse(page, args=[token])).status_code == 410

    def test_a_membership_with_the_same_key_is_not_opened(self, client):
        handover = HandoverFactory()
        token = links.issue(
            purpose="membership", subject=f"networks.handover:{handover.pk}", lifetime=timedelta(1)
        )
        assert client.get(reverse("membership", args=[token])).status_code == 410

    @pytest.mark.parametrize("name", ["objection", "join"])
    def test_the_contacts_links_stop_when_the_contact_is_another(self, client, name):
        targets = self.targets()
        for membership in Membership.objects.all():
            membership.contact = PersonFactory()
            membership.save()
        for method in (client.get, client.post):
            assert method(targets[name]).status_code == 410
        assert not Handover.objects.exclude(state=RequestState.WAITING).exists()
        assert JoinRequest.objects.get().state == RequestState.WAITING


class TestHandingOver:
    def given(self, membership: Membership, **changes: str) -> dict[str, object]:
        domain = membership.municipality.domains[0]
        return {"kinds": ["contact"], "name": "Vera", "email": f"vera@{domain}", **changes}

    def test_is_offered_answered_and_leads_the_colleague_on(self, client, run_jobs, mailoutbox):
        membership = MembershipFactory()
        target = page_of(membership, "membership_handover")
        assert client.post(target, self.given(membership)).status_code == 302
        run_jobs()
        found = re.search(r"/overdragelse/\S+", mailoutbox[-1].body)
        assert client.get(found[0]).status_code == 200
        response = client.post(found[0], {"accept": "1"})
        token = response.context["token"]
        assert client.get(reverse("membership", args=[token])).context["visit"].is_contact
        assert client.get(target).status_code == 410

    def test_what_can_not_be_is_said_in_the_form(self, client):
        membership = MembershipFactory()
        target = page_of(membership, "membership_handover")
        wrong = self.given(membership, email=membership.contact.email)
        response = client.post(target, wrong)
        assert response.status_code == 422
        assert response.context["form"].non_field_errors()
        assert client.post(target, {}).status_code == 422

    def test_the_invoice_contact_hands_over_that_role_alone(self, client):
        membership = MembershipFactory(invoice_contact=PersonFactory())
        address = membership.invoice_contact.email
        target = page_of(membership, "membership_handover", address)
        client.post(target, self.given(membership))
        assert Handover.objects.get().kind == HandoverKind.INVOICE_CONTACT

    def test_a_person_hands_the_membership_itself_over(self, client):
        membership = MembershipFactory(network=make_network(unit=Unit.PERSON))
        target = page_of(membership, "membership_handover")
        client.post(target, self.given(membership, kinds="successor"))
        assert Handover.objects.get().kind == HandoverKind.SUCCESSOR

    def test_is_taken_back_while_it_waits(self, client):
        handover = HandoverFactory()
        target = page_of(handover.membership, "membership_handover_withdraw", "", handover.pk)
        assert client.get(target).status_code == 405
        assert client.post(target).status_code == 302
        handover.refresh_from_db()
        assert handover.state == RequestState.WITHDRAWN
        response = client.get(link_to("handover", handover))
        assert response.context["token"] == ""

    def test_another_memberships_is_not_found(self, client):
        handover = HandoverFactory()
        target = page_of(MembershipFactory(), "membership_handover_withdraw", "", handover.pk)
        assert client.post(target).status_code == 404

    def test_the_colleague_says_no(self, client):
        handover = HandoverFactory()
        client.post(link_to("handover", handover), {"decline": "1"})
        handover.refresh_from_db()
        assert handover.state == RequestState.DECLINED

    def test_an_answered_one_is_no_way_in_again(self, client):
        handover = HandoverFactory()
        target = link_to("handover", handover)
        client.post(target, {"accept": "1"})
        assert client.get(target).context["token"] == ""


class TestTheContactHasLeft:
    def ask(self, client, membership: Membership, email: str):
        given = {
            "network": membership.network_id,
            "municipality": membership.municipality_id,
            "name": "Vera",
            "email": email,
        }
        return client.post(reverse("contact_left"), given)

    def test_the_answer_is_the_same_for_members_and_others(self, client, run_jobs):
        member, other = MembershipFactory(), MembershipFactory(status="ended")
        self.ask(client, member, "opvarmning@kommune.example")
        pages, work = set(), []
        for membership in (member, other):
            email = f"vera@{membership.municipality.domains[0]}"
            with CaptureQueriesContext(connection) as queries:
                page = self.ask(client, membership, email).content.decode()
            pages.add(re.sub(r'nonce="[^"]+"', "", page))
            work.append(len(queries))
        assert len(pages) == 1
        assert work[0] == work[1]
        run_jobs()
        assert Message.objects.count() == 1

    def test_from_the_form_to_the_administrator(self, client, run_jobs, mailoutbox):
        membership = MembershipFactory()
        self.ask(client, membership, f"vera@{membership.municipality.domains[0]}")
        run_jobs()
        target = re.search(r"/overtag/\S+", mailoutbox[-1].body)[0]
        client.post(target)
        handover = Handover.objects.get()
        assert handover.confirmed_at
        run_jobs()
        objection = re.search(r"/indsigelse/\S+", mailoutbox[-1].body)[0]
        assert mailoutbox[-1].to[0].endswith(f"<{membership.contact.email}>")
        client.post(objection)
        handover.refresh_from_db()
        assert handover.state == RequestState.DECLINED

    def test_what_is_missing_is_said(self, client):
        assert client.post(reverse("contact_left"), {}).status_code == 422

    def test_many_requests_mail_no_more(self, client, settings, run_jobs):
        settings.NEW_LINK_RATE = "1/h"
        membership = MembershipFactory()
        for number in range(3):
            email = f"vera{number}@{membership.municipality.domains[0]}"
            assert self.ask(client, membership, email).status_code == 200
        run_jobs()
        assert Handover.objects.count() == 1

    def test_the_network_page_leads_there(self, client):
        network = make_network()
        address = f"{reverse('contact_left')}?netvaerk={network.pk}"
        for page in (reverse("new_link"), reverse("membership", args=["x" * 32])):
            assert reverse("contact_left") in client.get(page).content.decode()
        assert client.get(address).context["form"].initial["network"] == str(network.pk)


class TestAColleagueWhoWantsToJoin:
    def request(self) -> JoinRequest:
        membership = MembershipFactory()
        email = f"kollega@{membership.municipality.domains[0]}"
        return JoinRequestFactory(membership=membership, email=email)

    def test_is_taken_in_by_one_button_from_the_mail(self, client):
        asked = self.request()
        target = link_to("join", asked, asked.membership.contact.email)
        assert client.post(target, {"accept": "1"}).context["is_accepted"]
        assert asked.membership.participants.get().email == asked.email
        assert client.post(target, {"accept": "1"}).status_code == 409

    def test_or_turned_down_with_a_word(self, client):
        asked = self.request()
        target = link_to("join", asked, asked.membership.contact.email)
        client.post(target, {"decline": "1", "text": "Næste år"})
        asked.refresh_from_db()
        assert asked.state == RequestState.DECLINED
        assert "Næste år" in Message.objects.get(template="join_declined").body

    def test_is_answered_from_the_overview_too(self, client):
        asked = self.request()
        target = page_of(asked.membership, "membership_join", "", asked.pk)
        assert client.post(target, {"accept": "1"}, follow=True).context["is_accepted"]

    def test_not_by_another_membership_or_a_participant(self, client):
        asked = self.request()
        foreign = page_of(MembershipFactory(), "membership_join", "", asked.pk)
        assert client.post(foreign, {"accept": "1"}).status_code == 404
        participant = ParticipantFactory(membership=asked.membership)
        target = page_of(asked.membership, "membership_join", participant.email, asked.pk)
        assert client.post(target, {"accept": "1"}).status_code == 410
        asked.refresh_from_db()
        assert asked.state == RequestState.WAITING

    def test_why_it_can_not_be_is_said(self, client):
        asked = JoinRequestFactory(email="vera@institution.example")
        target = link_to("join", asked, asked.membership.contact.email)
        assert client.post(target, {"accept": "1"}).status_code == 409


def test_an_accepted_role_of_a_waiting_handover_is_shown_as_waiting(client):
    handover = HandoverFactory(email="vera@institution.example")
    handovers.accept(handover.pk)
    assert client.get(link_to("handover", handover)).context["awaits_administrator"]
