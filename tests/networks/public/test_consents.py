"""Consents in the sign-up form and on the personal page."""

import pytest
from django.core.cache import cache

from cms.audit import SYSTEM
from networks.models import ConsentGiven
from networks.services import consents
from tests.factories.contributions import member_page
from tests.factories.networks import MembershipFactory, make_network

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    consent = consents.write(
        None,
        title="Nyhedsbrev",
        network=None,
        is_offered=True,
        text="Ja tak til nyhedsbrevet fire gange om året",
        actor=SYSTEM,
    )
    cache.clear()
    return consent.texts.get()


def test_the_box_stands_unticked_beside_the_form(client, text):
    page = client.get(make_network(free_of_charge=True).url)
    field = page.content.decode().split(f'name="consent_{text.pk}"')[1].split(">")[0]
    assert "checked" not in field
    assert text.text in page.content.decode()
    assert not page.cookies


def test_without_consents_the_form_asks_for_none(client):
    page = client.get(make_network(free_of_charge=True).url).content.decode()
    assert "consent_" not in page


def test_on_the_personal_page_it_is_taken_back(client, text):
    membership = MembershipFactory()
    given = ConsentGiven.objects.create(text=text, membership=membership, person=membership.contact)
    target = member_page("membership_consent_withdraw", membership, given.pk)
    assert client.get(target).status_code == 405
    assert client.post(target).status_code == 302
    given.refresh_from_db()
    assert given.withdrawn_at
    page = client.get(member_page("membership_data", membership)).content.decode()
    assert text.text not in page


def test_somebody_elses_is_not_found(client, text):
    other = MembershipFactory()
    given = ConsentGiven.objects.create(text=text, membership=other, person=other.contact)
    target = member_page("membership_consent_withdraw", MembershipFactory(), given.pk)
    assert client.post(target).status_code == 404


def test_ones_own_data_come_as_a_document_too(client):
    response = client.get(member_page("membership_download_pdf", MembershipFactory()))
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")


def test_the_form_says_how_long_data_are_kept_as_it_is_set(client):
    page = client.get(make_network(free_of_charge=True).url).content.decode()
    assert "30 dage" in page
