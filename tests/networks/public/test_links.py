"""Mailed links: a link shows, only a button acts; a wrong one says how to get a new one."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cms import audit, links
from cms.messages.models import Message
from networks.models import Membership, NetworkPage
from networks.rules.states import Status
from networks.services import confirmation, lifecycle, paying
from payments.models import Charge, ChargeState
from tests.factories.networks import (
    BUYER,
    LADDER,
    MembershipFactory,
    ParticipantFactory,
    coming_meetings,
    make_network,
    season,
)
from tests.factories.signups import applied, confirmed, elsewhere
from tests.networks.public.visits import token_for

pytestmark = pytest.mark.django_db
OWN_PAGES = [
    "membership",
    "membership_cancel",
    "membership_meetings",
    "membership_invoices",
    "membership_buyer",
    "membership_data",
    "membership_everything",
    "membership_download",
    "membership_handover",
]
PAGES = ["confirm", "accept", "payment", *OWN_PAGES]
PURPOSE = {"payment": "pay", **dict.fromkeys(OWN_PAGES, "membership")}


def address(name: str, membership: Membership, *, days: int = 1) -> str:
    token = links.issue(
        purpose=PURPOSE.get(name, name),
        subject=audit.reference(membership),
        lifetime=timedelta(days=days),
    )
    return reverse(name, args=[token])


def everything() -> dict[str, list[Any]]:
    """What all tables hold."""
    models = apps.get_models(include_auto_created=True)
    return {
        model._meta.label: sorted(map(repr, model._default_manager.values_list()))
        for model in models
        if model._meta.managed
    }


def first_states() -> dict[str, Membership]:
    free = {"free_of_charge": True}
    return {
        "unconfirmed": applied(make_network()),
        "awaits payment": applied(make_network(), method="card"),
        "waitlisted": applied(make_network(capacity=0)),
        "pending approval": confirmed(make_network(), **elsewhere()),
        "offered": MembershipFactory(status="offered"),
        "active": confirmed(make_network()),
        "free": confirmed(make_network(**free)),
        "ended": MembershipFactory(status="ended"),
    }


class TestOpeningALink:
    def test_changes_nothing(self, client: Client):
        memberships = first_states().values()
        targets = [address(name, row) for name in PAGES for row in memberships]
        before = everything()
        for target in targets:
            for method in (client.get, client.head):
                assert method(target).status_code in (200, 302, 409)
        assert everything() == before

    @pytest.mark.parametrize("name", PAGES)
    def test_is_kept_by_no_cache_no_search_engine_and_told_to_no_other_site(self, client, name):
        response = client.get(address(name, confirmed(make_network())))
        assert "no-store" in response["Cache-Control"]
        assert response["X-Robots-Tag"] == "noindex"
        # "no-referrer" would make browsers send "Origin: null", which Django refuses.
        assert response["Referrer-Policy"] == "same-origin"

    @pytest.mark.parametrize("name", PAGES)
    def test_a_wrong_expired_or_revoked_one_offers_a_new_link(self, client, name):
        membership = confirmed(make_network())
        expired, revoked = address(name, membership), address(name, membership, days=30)
        links.revoke(subject=audit.reference(membership), purpose=PURPOSE.get(name, name))
        with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
            for target in (reverse(name, args=["x" * 32]), expired, revoked):
                for response in (client.get(target), client.post(target)):
                    assert response.status_code == 410
                    assert reverse("new_link") in response.content.decode()

    def test_a_link_opens_what_it_was_made_for_and_nothing_else(self, client):
        membership = applied(make_network())
        token = address("confirm", membership).split("/")[-2]
        for name in ("accept", "payment", *OWN_PAGES):
            assert client.get(reverse(name, args=[token])).status_code == 410


class TestTheButton:
    def button(self, target: str, data: dict | None = None) -> Any:
        """A browser opens the page and presses the button on it."""
        browser = Client(enforce_csrf_checks=True)
        page = browser.get(target).content.decode()
        token = re.search(r'name="csrfmiddlewaretoken"\s+value="([^"]+)"', page)
        price = re.search(r'name="accepted_net"\s+value="([^"]*)"', page)
        posted = {"csrfmiddlewaretoken": token[1] if token else "", **(data or {})}
        if price:
            posted.setdefault("accepted_net", price[1])
        return browser.post(target, posted, headers={"Origin": "http://testserver"})

    def test_confirms_and_shows_the_way_to_my_membership(self, client):
        membership = applied(make_network())
        response = self.button(address("confirm", membership))
        assert response.status_code == 200
        membership.refresh_from_db()
        assert membership.state == Status.ACTIVE
        assert client.get(response.context["membership_url"]).status_code == 200

    def test_without_the_token_of_the_page_it_does_nothing(self):
        membership = applied(make_network())
        browser = Client(enforce_csrf_checks=True)
        assert browser.post(address("confirm", membership)).status_code == 403
        membership.refresh_from_db()
        assert membership.state == Status.UNCONFIRMED

    def test_confirms_at_the_risen_price_only_after_showing_it(self):
        membership = applied(make_network())
        Membership.objects.filter(pk=membership.pk).update(accepted_net=LADDER[2])
        target = address("confirm", membership)
        response = self.button(target, {"accepted_net": str(LADDER[2])})
        assert "7.000" in response.content.decode()
        membership.refresh_from_db()
        assert membership.state == Status.UNCONFIRMED
        assert self.button(target).context["outcome"] == "active"

    def test_leads_from_confirmation_to_payment_by_card(self, client):
        membership = confirmed(make_network(), method="card", **elsewhere())
        lifecycle.approve(membership.pk, actor=audit.SYSTEM)
        response = self.button(address("confirm", membership))
        assert client.get(response["Location"]).context["state"] == "open"

    def test_leads_from_an_old_confirmation_to_the_offer(self, client):
        response = self.button(address("confirm", MembershipFactory(status="offered")))
        assert client.get(response["Location"]).context["is_offer"]

    def test_accepts_an_offer(self):
        membership = MembershipFactory(status="offered")
        self.button(address("accept", membership), {"accept": "1"})
        membership.refresh_from_db()
        assert membership.state == Status.ACTIVE

    def test_declines_an_offer(self):
        membership = MembershipFactory(status="offered")
        response = self.button(address("accept", membership), {"decline": "1"})
        assert response.context["outcome"] == "declined"
        membership.refresh_from_db()
        assert membership.state == Status.WITHDRAWN

    def test_too_late_it_says_so(self, client):
        membership = MembershipFactory(
            status="offered", deadline=timezone.now() - timedelta(minutes=1)
        )
        response = client.post(address("accept", membership), {"accepted_net": LADDER[3]})
        assert response.status_code == 409
        assert "networks/signup/refused.html" in [row.name for row in response.templates]

    def test_cancels_after_showing_the_effective_date(self, client):
        network = make_network()
        membership = confirmed(network)
        target = address("membership_cancel", membership)
        assert client.get(target).context["ends_on"] == network.seasons.get().ends_on
        assert self.button(target, {"reason": "Nye opgaver"}).status_code == 302
        membership.refresh_from_db()
        assert membership.ends_on == network.seasons.get().ends_on
        assert client.get(address("membership", membership)).status_code == 200

    def test_withdraws_what_is_not_active(self):
        membership = applied(make_network(capacity=0))
        self.button(address("membership_cancel", membership))
        membership.refresh_from_db()
        assert membership.state == Status.WITHDRAWN


class TestThePaymentPage:
    def invoice(self, **changes: str) -> dict[str, str]:
        return {"invoice": "1", **BUYER, **changes}

    def test_is_not_for_a_colleague_who_only_participates(self, client):
        membership = MembershipFactory(
            status=Status.AWAITING_PAYMENT, deadline=timezone.now() + timedelta(days=1)
        )
        colleague = ParticipantFactory(membership=membership).email
        for email, status in ((colleague, 410), (membership.contact.email, 200)):
            target = reverse("payment", args=[token_for(membership, email)])
            assert client.get(target).status_code == status
        target = reverse("payment", args=[token_for(membership, colleague)])
        assert client.post(target, self.invoice()).status_code == 410
        membership.refresh_from_db()
        assert membership.state == Status.AWAITING_PAYMENT

    def test_takes_up_the_payment_again(self, client, stripe):
        target = address("payment", applied(make_network(), method="card"))
        first, second = client.post(target, {"pay": "1"}), client.post(target, {"pay": "1"})
        assert first.status_code == second.status_code == 303
        assert first["Location"] == second["Location"]

    def test_shows_paid_to_a_buyer_who_is_back_before_the_webhook(self, client, stripe):
        target = address("payment", applied(make_network(), method="card"))
        client.post(target, {"pay": "1"})
        stripe.pay(stripe.objects("checkout.session")[0]["id"])
        assert client.get(target).context["state"] == "paid"
        # Back in the browser, and the button once more.
        assert client.post(target, {"pay": "1"}).context["state"] == "paid"

    def test_shows_that_the_bank_is_being_waited_for(self, client, stripe):
        target = address("payment", applied(make_network(), method="card"))
        client.post(target, {"pay": "1"})
        stripe.pay_async(stripe.objects("checkout.session")[0]["id"])
        assert client.get(target).context["state"] == "processing"

    def test_without_stripe_it_says_so_and_invoice_can_be_chosen(self, client):
        membership = applied(make_network(), method="card")
        confirmation.confirm(membership.pk, accepted_net=LADDER[3])
        target = address("payment", membership)
        assert client.post(target, {"pay": "1"}).context["unavailable"]
        response = client.post(target, self.invoice(), follow=True)
        assert response.context["state"] == "invoice"
        assert Charge.objects.get().method == "invoice"

    @pytest.mark.parametrize("name", ["payment", "membership_cancel"])
    def test_while_an_open_page_can_not_be_closed_nothing_is_changed(
        self, client, stripe, settings, name
    ):
        membership = applied(make_network(), method="card")
        confirmation.confirm(membership.pk, accepted_net=LADDER[3])
        paying.begin_payment(membership.pk, return_url="https://example.org/")
        settings.STRIPE_API_BASE = "http://127.0.0.1:1"
        response = client.post(address(name, membership), self.invoice())
        assert response.status_code == 503
        membership.refresh_from_db()
        assert membership.state == Status.AWAITING_PAYMENT

    @pytest.mark.parametrize(
        "changes", [{"buyer_gln": "1"}, {"buyer_street": ""}, {"buyer_reference": ""}]
    )
    def test_an_invoice_needs_its_details(self, client, changes):
        membership = applied(make_network(), method="card")
        response = client.post(address("payment", membership), self.invoice(**changes))
        assert response.status_code == 422
        assert Charge.objects.get().state == ChargeState.OPEN

    def test_of_a_lapsed_place_it_says_that_it_is_closed(self, client):
        membership = applied(make_network(), method="card")
        target = address("membership", membership).replace("mit-medlemskab", "betaling")
        lifecycle.withdraw(membership.pk, actor=audit.VISITOR)
        assert client.get(target).context["state"] == "closed"


class TestANewLink:
    def answer(self, client: Client, email: str) -> str:
        page = client.post(reverse("new_link"), {"email": email}).content.decode()
        return re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]+"', "", page)

    def test_known_and_unknown_get_the_same_answer(self, client, run_jobs):
        known = confirmed(make_network()).contact.email
        run_jobs()
        before = Message.objects.count()
        unknown = "x" * (len(known) - 8) + "@kom.dk"
        answers = {self.answer(client, email).replace(email, "") for email in (known, unknown)}
        assert len(answers) == 1
        run_jobs()
        assert Message.objects.count() == before + 1

    def test_known_and_unknown_take_the_same_work(self, client):
        known = confirmed(make_network()).contact.email
        self.answer(client, "foerst@kommune.example")
        work = []
        for email in (known, "ukendt@kommune.example"):
            with CaptureQueriesContext(connection) as queries:
                self.answer(client, email)
            work.append(len(queries))
        assert work[0] == work[1]

    def test_it_comes_by_mail_and_works(self, client, run_jobs):
        membership = confirmed(make_network())
        run_jobs()
        mail.outbox.clear()
        self.answer(client, membership.contact.email)
        run_jobs()
        found = re.search(r"http://\S+(/mit-medlemskab/\S+)", mail.outbox[0].body)
        assert client.get(found[1]).status_code == 200

    def test_many_requests_send_no_more_mail_and_answer_the_same(self, client, settings, run_jobs):
        settings.NEW_LINK_RATE = "1/h"
        membership = confirmed(make_network())
        run_jobs()
        before = Message.objects.count()
        answers = {self.answer(client, membership.contact.email) for _turn in range(3)}
        assert len(answers) == 1
        run_jobs()
        assert Message.objects.count() == before + 1


class TestTheOnlineLink:
    LINK = "https://moede.example.org/abc"

    def network(self) -> NetworkPage:
        meetings = coming_meetings()
        meetings[0].online_link = self.LINK
        return make_network(seasons=[season(meetings=meetings)])

    def test_is_for_members_only(self, client):
        network = self.network()
        assert self.LINK not in client.get(network.url).content.decode()
        member = MembershipFactory(network=network)
        assert self.LINK in client.get(address("membership", member)).content.decode()

    def test_not_for_who_waits(self, client):
        waiting = MembershipFactory(network=self.network(), status=Status.WAITLISTED)
        assert self.LINK not in client.get(address("membership", waiting)).content.decode()
