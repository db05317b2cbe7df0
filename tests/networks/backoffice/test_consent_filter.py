"""Members and people by what they said to a consent: filtered, exported, kept as a view."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from cms.audit import SYSTEM
from networks import roles
from networks.models import Consent, ConsentGiven, Membership
from networks.services import consents
from networks.wagtail_hooks import memberships, people
from tests.factories.networks import MembershipFactory, PersonFactory, make_network, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_cached() -> None:
    cache.clear()


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    return client


def written(title: str = "Nyhedsbrev", **facts: Any) -> Consent:
    values = {"title": title, "network": None, "is_offered": True, **facts}
    return consents.write(None, text="Ja tak", actor=SYSTEM, **values)


def yes(membership: Membership, consent: Consent, *, taken_back: bool = False) -> None:
    ConsentGiven.objects.create(
        text=consent.texts.first(),
        membership=membership,
        person=membership.contact,
        withdrawn_at=timezone.now() if taken_back else None,
    )


def listed(client: Client, admin: Any, **query: object) -> list[Any]:
    response = client.get(admin.row_url("index"), query)
    assert response.status_code == 200
    return list(response.context["object_list"])


@pytest.fixture
def consent() -> Consent:
    return written()


@pytest.fixture
def members(consent: Consent) -> dict[str, list[Membership]]:
    """By their answer: again yes after a withdrawal is given; unproved is not."""
    given, again, back, silent = (MembershipFactory() for _turn in range(4))
    unproved = MembershipFactory(address_confirmed_at=None)
    yes(given, consent)
    yes(again, consent, taken_back=True)
    yes(again, consent)
    yes(back, consent, taken_back=True)
    yes(unproved, consent)
    yes(silent, written("Kurser"))
    return {"given": [given, again], "withdrawn": [back], "not_given": [silent, unproved]}


@pytest.mark.parametrize("answer", ["given", "withdrawn", "not_given"])
def test_members_and_people_are_filtered_by_their_answer(administrator, consent, members, answer):
    chosen = {"consent": f"{consent.pk}:{answer}"}
    assert set(listed(administrator, memberships, **chosen)) == set(members[answer])
    found = set(listed(administrator, people, **chosen))
    assert found == {each.contact for each in members[answer]}


def test_the_page_says_what_is_chosen(administrator, consent, members):
    response = administrator.get(memberships.row_url("index"), {"consent": f"{consent.pk}:given"})
    page = response.content.decode()
    for text in ("Nyhedsbrev: givet", "Nyhedsbrev: trukket tilbage", "Nyhedsbrev: ikke givet"):
        assert text in page, text
    assert "Kurser: givet" in page


def test_what_is_filtered_is_exported_and_kept_as_a_view(administrator, consent, members):
    query = f"consent={consent.pk}%3Agiven"
    for admin in (memberships, people):
        sheet = administrator.get(f"{admin.row_url('index')}?{query}&export=csv")
        text = b"".join(sheet.streaming_content).decode("utf-8-sig")
        told = {each.contact.email for rows in members.values() for each in rows}
        given = {each.contact.email for each in members["given"]}
        assert {email for email in told if email in text} == given
        administrator.post(f"{admin.row_url('save_view')}?{query}", {"name": "Ja tak"})
        tabs = administrator.get(f"{admin.row_url('index')}?{query}").context["view_tabs"].tabs
        assert [str(tab.label) for tab in tabs if tab.is_current] == ["Ja tak"]


def test_without_a_consent_there_is_no_filter(administrator):
    for admin in (memberships, people):
        filters = administrator.get(admin.row_url("index")).context["filters"].filters
        assert "consent" not in filters


def test_a_coordinator_is_offered_their_networks_consents_and_sees_their_answers(client: Client):
    mine, other = MembershipFactory(), MembershipFactory()
    both = written()
    of_mine = written("Kunst", network=mine.network)
    of_other = written("Anlæg", network=other.network)
    person = PersonFactory()
    Membership.objects.filter(pk__in=[mine.pk, other.pk]).update(contact=person)
    for each in (mine, other):
        each.refresh_from_db()
    yes(other, both)
    client.force_login(make_user(roles.COORDINATORS, networks=[mine.network]))
    page = client.get(memberships.row_url("index")).content.decode()
    assert "Kunst: givet" in page
    assert "Anlæg" not in page
    # What the person said elsewhere is not told.
    assert listed(client, people, consent=f"{both.pk}:given") == []
    assert listed(client, people, consent=f"{both.pk}:not_given") == [person]
    yes(mine, of_mine)
    assert listed(client, people, consent=f"{of_mine.pk}:given") == [person]
    refused = client.get(memberships.row_url("index"), {"consent": f"{of_other.pk}:given"})
    assert "consent" in refused.context["filters"].errors


def test_the_choice_is_one_query_a_minute(administrator, django_assert_max_num_queries):
    network = make_network()
    for number in range(5):
        written(f"Nyhedsbrev {number}", network=network)
    administrator.get(memberships.row_url("index"))
    with django_assert_max_num_queries(10):
        administrator.get(
            memberships.row_url("index"), {"consent": f"{Consent.objects.first().pk}:given"}
        )
