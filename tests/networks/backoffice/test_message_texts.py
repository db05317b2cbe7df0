"""Writing the texts of mails: whose, by whom, with what preview."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils.html import escape

from cms.links import Link
from cms.messages import kinds
from cms.messages.models import Message, MessageTemplate
from networks import roles
from networks.models import NetworkPage
from networks.services.scopes import scope_of
from networks.wagtail_hooks import message_texts
from tests.factories.networks import MembershipFactory, PersonFactory, make_network, make_user

pytestmark = pytest.mark.django_db

SUBJECT = "Bekræft: {{ netværk }}"
BODY = "Kære {{ modtager }}\n\nBekræft:\n{{ link til bekræftelse }}"
TEXT = {"subject": SUBJECT, "body": BODY}


def signed_in(role: str, *networks: Any) -> Client:
    client = Client()
    client.force_login(make_user(role, networks=networks))
    return client


def address(page: str = "edit", **parameters: Any) -> str:
    values = {"kind": "confirm_address", "language": "da", **parameters}
    return f"{message_texts.row_url(page)}?{urlencode(values)}"


@pytest.fixture
def network() -> NetworkPage:
    network = make_network(title="Kulturnetværket")
    MembershipFactory(network=network, contact=PersonFactory(name="Dorthe Damgaard"))
    return network


@pytest.fixture
def administrator() -> Client:
    return signed_in(roles.MEMBER_ADMINISTRATORS)


def test_every_kind_stands_in_the_list_with_whose_text_it_has(administrator, network):
    shown = administrator.get(message_texts.row_url("index")).content.decode()
    for kind in kinds.registered():
        assert escape(str(kind.label)) in shown
    assert "Sitets egen" not in shown
    administrator.post(address(), TEXT)
    shown = administrator.get(message_texts.row_url("index")).content.decode()
    assert shown.count("Sitets egen") == 1
    of_network = f"{message_texts.row_url('index')}?network={network.pk}"
    assert administrator.get(of_network).content.decode().count("Sitets egen") == 1
    administrator.post(address(network=network.pk), TEXT)
    shown = administrator.get(of_network).content.decode()
    assert shown.count("Netværkets egen") == 1
    assert "Sitets egen" not in shown


def test_the_list_costs_few_queries(administrator, network, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        administrator.get(message_texts.row_url("index"))


def test_the_editor_costs_few_queries_however_many_members(
    administrator, network, django_assert_max_num_queries
):
    for _number in range(10):
        MembershipFactory(network=network)
    with django_assert_max_num_queries(24):
        administrator.get(address())


def test_an_editor_begins_with_the_usual_text_and_its_names(administrator, network):
    shown = unescape(administrator.get(address()).content.decode())
    assert "Kære {{ modtager }}" in shown
    assert "{{ link til bekræftelse }}" in shown
    assert "(skal med)" in shown


def test_the_preview_shows_real_data_and_makes_nothing(administrator, network, mailoutbox):
    shown = unescape(unescape(administrator.get(address()).content.decode()))
    assert "Kære Dorthe Damgaard" in shown
    assert "[[confirm]]" not in shown
    assert not Link.objects.exists()
    assert not Message.objects.exists()
    assert mailoutbox == []


def test_the_preview_follows_what_is_written(administrator, network):
    text = {"subject": "Nyt: {{ netværk }}", "body": f"Hej {{{{ modtager }}}}\n{BODY}"}
    shown = unescape(administrator.post(address("preview"), text).content.decode())
    assert "Nyt: Kulturnetværket" in shown
    assert "Hej Dorthe Damgaard" in shown
    assert not MessageTemplate.objects.exists()


def test_the_preview_says_what_is_wrong_instead(administrator, network):
    shown = administrator.post(address("preview"), {"subject": "x", "body": "{{ ukendt }}"})
    assert "{{ ukendt }}" in unescape(shown.content.decode())
    assert "<iframe" not in shown.content.decode()


def test_what_people_are_called_runs_no_script_in_the_preview(administrator):
    network = make_network(title="<script>alert(1)</script>")
    MembershipFactory(network=network)
    shown = administrator.get(address(network=network.pk)).content.decode()
    assert "<script>alert" not in shown
    mail = unescape(re.search(r'srcdoc="([^"]*)"', shown)[1])
    assert "Bekræft din tilmelding" in mail
    assert "<script>alert" not in mail


def test_a_chosen_membership_is_shown(administrator, network):
    chosen = MembershipFactory(network=network, contact=PersonFactory(name="Erik Eriksen"))
    MembershipFactory(network=network)
    shown = unescape(unescape(administrator.get(address(membership=chosen.pk)).content.decode()))
    assert "Kære Erik Eriksen" in shown


def test_a_network_without_members_gets_an_invented_one(administrator):
    make_network(title="Nyt netværk")
    shown = unescape(unescape(administrator.get(address()).content.decode()))
    assert "Kære Anne Andersen" in shown


def test_every_kind_can_be_opened_and_shown(administrator, network):
    for kind in kinds.registered():
        shown = administrator.get(address(kind=kind.template))
        assert shown.status_code == 200, kind.template
        assert "<iframe" in shown.content.decode(), kind.template


def test_a_saved_text_applies_to_the_scope_it_was_written_for(administrator, network):
    response = administrator.post(address(network=network.pk), TEXT)
    assert response.status_code == 302
    row = MessageTemplate.objects.get()
    assert (row.scope, row.language, row.subject) == (scope_of(network), "da", SUBJECT)
    shown = administrator.get(address(network=network.pk)).content.decode()
    assert "Tekst ændret" in shown  # the history


def test_a_mistake_stands_beside_its_field_and_keeps_what_was_typed(administrator, network):
    shown = unescape(
        administrator.post(address(), {"subject": "Mit emne", "body": "Uden"}).content.decode()
    )
    assert "Teksten skal indeholde {{ link til bekræftelse }}" in shown
    assert 'value="Mit emne"' in shown
    assert not MessageTemplate.objects.exists()


def test_back_to_the_usual_text(administrator, network):
    administrator.post(address(), TEXT)
    assert address("usual") in unescape(administrator.get(address()).content.decode())
    assert administrator.get(address("usual")).status_code == 200
    administrator.post(address("usual"))
    assert MessageTemplate.objects.get().body == ""


def test_a_coordinator_writes_the_own_networks_texts_and_no_others(network):
    other = make_network(title="Et andet netværk")
    MembershipFactory(network=other)
    client = signed_in(roles.COORDINATORS, network)
    listed = client.get(message_texts.row_url("index")).content.decode()
    assert "Et andet netværk" not in listed
    for page in ("edit", "preview", "usual"):
        for method in (client.get, client.post):
            assert method(address(page, network=other.pk), TEXT).status_code in (404, 405)
    # Without a choice it is the own network's, never the whole site's.
    client.post(address(), TEXT)
    assert MessageTemplate.objects.get().scope == scope_of(network)


def test_a_coordinators_preview_shows_no_other_networks_member(network):
    stranger = MembershipFactory(contact=PersonFactory(name="Fremmed Person"))
    client = signed_in(roles.COORDINATORS, network)
    shown = client.get(address(network=network.pk, membership=stranger.pk)).content.decode()
    assert "Fremmed Person" not in shown


def test_auditors_read_and_do_not_write(network):
    client = signed_in(roles.AUDITORS)
    shown = client.get(address()).content.decode()
    assert "disabled" in shown
    assert 'type="submit" class="button">Gem' not in shown
    assert client.post(address(), TEXT).status_code == 302
    assert client.post(address("usual")).status_code == 302
    assert not MessageTemplate.objects.exists()


@pytest.mark.parametrize("role", [roles.EDITORS, roles.PUBLISHERS, roles.FINANCE, roles.HOSTS])
def test_others_see_no_texts(network, role):
    client = signed_in(role)
    for page in ("index", "edit", "preview", "usual"):
        assert client.get(address(page)).status_code == 302
        assert client.post(address(page), TEXT).status_code == 302
    assert not MessageTemplate.objects.exists()


@pytest.mark.parametrize(
    "changes", [{"kind": "unknown"}, {"language": "xx"}, {"network": "0"}, {"network": "x"}]
)
def test_what_is_not_there_is_not_found(administrator, network, changes):
    for page in ("edit", "usual"):
        assert administrator.get(address(page, **changes)).status_code == 404
        assert administrator.post(address(page, **changes), TEXT).status_code == 404
