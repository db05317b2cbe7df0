"""Card payment switched off, for the site or for one network: e-invoice is always there."""

import pytest
from django.urls import reverse
from wagtail.models import Site

from cms.audit import VISITOR
from networks.models import Membership, NetworkPage
from networks.rules.states import Status
from networks.services import confirmation, paying
from networks.services.errors import NotPossible
from networks.services.paying import PaymentUnavailable
from payments.models import Charge, PaymentMethod, PaymentSettings
from tests.factories.networks import BUYER, MembershipFactory, make_network
from tests.factories.signups import applied
from tests.networks.public.visits import token_for

pytestmark = pytest.mark.django_db
RETURN = "https://example.org/betaling/abc/"


def off_for_the_network(network: NetworkPage) -> None:
    NetworkPage.objects.filter(pk=network.pk).update(card_payment=False)
    network.refresh_from_db()


def off_for_the_site(network: NetworkPage) -> None:
    site = Site.objects.get(is_default_site=True)
    PaymentSettings.objects.update_or_create(site=site, defaults={"card_payment": False})
    settings = PaymentSettings.objects.get(site=site)
    settings.save()


SWITCHES = pytest.mark.parametrize("switch", [off_for_the_network, off_for_the_site])


def form_of(client, network: NetworkPage) -> str:
    return str(client.get(network.url).content.decode())


@SWITCHES
def test_the_form_offers_e_invoice_alone(client, stripe, switch) -> None:
    network = make_network()
    assert 'value="card"' in form_of(client, network)
    switch(network)
    page = form_of(client, network)
    assert 'value="card"' not in page
    assert 'value="invoice"' in page


@SWITCHES
def test_no_new_payment_begins_and_e_invoice_activates(client, stripe, switch) -> None:
    membership = applied(make_network(), method="card")
    confirmation.confirm(membership.pk, accepted_net=0)
    switch(membership.network)
    with pytest.raises(NotPossible):
        paying.begin_payment(membership.pk, return_url=RETURN)
    page = client.get(reverse("payment", args=[token_for(membership, purpose="pay")]))
    assert 'name="pay"' not in page.content.decode()
    assert 'name="invoice"' in page.content.decode()
    paying.change_to_invoice(membership.pk, buyer=BUYER, actor=VISITOR)
    assert Membership.objects.get(pk=membership.pk).state == Status.ACTIVE


@SWITCHES
def test_who_is_paying_at_that_moment_can_finish(client, stripe, switch) -> None:
    membership = applied(make_network(), method="card")
    address = paying.begin_payment(membership.pk, return_url=RETURN)
    switch(membership.network)
    assert paying.begin_payment(membership.pk, return_url=RETURN) == address
    stripe.pay(Charge.objects.get().payments.get().session_id)
    paying.ask_stripe(membership)
    assert Membership.objects.get(pk=membership.pk).state == Status.ACTIVE


def test_a_revoked_key_keeps_the_sign_up_and_leaves_e_invoice(client, stripe) -> None:
    membership = applied(make_network(), method="card")
    confirmation.confirm(membership.pk, accepted_net=0)
    stripe.knobs.key_revoked = True
    with pytest.raises(PaymentUnavailable):
        paying.begin_payment(membership.pk, return_url=RETURN)
    # From then on the form offers no card: the key was refused just now.
    assert 'value="card"' not in form_of(client, membership.network)
    invoiced = applied(make_network(), method="invoice")
    confirmation.confirm(invoiced.pk, accepted_net=700_000)
    assert Membership.objects.get(pk=invoiced.pk).state == Status.ACTIVE
    assert Membership.objects.get(pk=membership.pk).state == Status.AWAITING_PAYMENT


class TestInvoicesInTheMenu:
    def menu(self, client, membership: Membership) -> str:
        token = token_for(membership)
        return str(client.get(reverse("membership", args=[token])).content.decode())

    def test_a_free_network_has_none(self, client) -> None:
        network = make_network(seasons=(), free_of_charge=True)
        page = self.menu(client, MembershipFactory(network=network))
        assert "/fakturaer/" not in page

    def test_once_something_was_charged_they_stay(self, client) -> None:
        membership = applied(make_network(), method=PaymentMethod.INVOICE)
        confirmation.confirm(membership.pk, accepted_net=700_000)
        NetworkPage.objects.update(free_of_charge=True)
        assert "/fakturaer/" in self.menu(client, membership)
