"""Searching for words that many rows hold, which are found another way than the rare ones."""

from typing import Any

import pytest
from django.test import Client

from cms.backoffice.paginator import KeysFirstPaginator
from cms.backoffice.search import FEW, find, sources_for
from cms.searching import Search
from networks import roles
from networks.backoffice.membership_search import memberships_matching, memberships_walked
from networks.models import Membership, Person
from networks.wagtail_hooks import memberships
from payments.services import invoicing
from tests.factories.networks import (
    MembershipFactory,
    MunicipalityFactory,
    ParticipantFactory,
    PersonFactory,
    make_network,
    make_user,
)
from tests.factories.sellers import make_seller
from tests.payments.backoffice.rows import make_charge

pytestmark = pytest.mark.django_db
#: Enough of them to be found in their order rather than by the indexes.
MANY = FEW + 4


def make_members(network: Any, name: str, number: int = MANY) -> list[Membership]:
    """The newest first."""
    made = [
        MembershipFactory(
            network=network,
            municipality=MunicipalityFactory(name=f"Vejle {name} {each}"),
            contact=PersonFactory(name=f"Anne {name} {each}"),
            with_buyer=True,
        )
        for each in range(number)
    ]
    return made[::-1]


def found(user: Any, text: str, **span: int) -> dict[str, Any]:
    return {
        group.source.kind: group for group in find(sources_for(user), Search(text), user, **span)
    }


def keys(group: Any) -> list[str]:
    return [key for key, _values in group.rows]


def test_a_common_word_finds_the_newest_and_tells_that_there_are_more() -> None:
    made = make_members(make_network(), "Fælles")
    group = found(make_user(superuser=True), "fælles anne")["memberships"]
    assert keys(group) == [str(each.pk) for each in made[:FEW]]
    assert group.has_more


def test_a_common_word_finds_each_row_once_page_by_page() -> None:
    made = make_members(make_network(), "Fælles")
    user = make_user(superuser=True)
    first = found(user, "fælles", start=0, number=5)["memberships"]
    last = found(user, "fælles", start=10, number=5)["memberships"]
    assert keys(first) == [str(each.pk) for each in made[:5]]
    assert keys(last) == [str(each.pk) for each in made[10:]]
    assert (first.has_more, last.has_more) == (True, False)


def test_a_common_word_finds_no_other_networks_rows() -> None:
    mine, other = make_network(), make_network()
    own = make_members(mine, "Fælles")
    make_members(other, "Fælles")
    user = make_user(roles.COORDINATORS, networks=[mine])
    result = found(user, "fælles", number=100)
    assert keys(result["memberships"]) == [str(each.pk) for each in own]
    assert set(keys(result["people"])) == {str(each.contact_id) for each in own}
    assert len(keys(found(user, "fælles")["memberships"])) == FEW


def test_what_many_hold_but_none_of_the_first_is_found() -> None:
    """Beyond the rows that are looked at in their order."""
    people = [("Anne", number) for number in range(200)] + [("Zenia", each) for each in range(MANY)]
    Person.objects.bulk_create(
        Person(name=f"{name} {number:03d}", email=f"{name}{number}@x.example")
        for name, number in people
    )
    group = found(make_user(superuser=True), "zenia")["people"]
    assert [values["name"] for _key, values in group.rows] == [f"Zenia {n:03d}" for n in range(FEW)]
    assert group.has_more


def test_common_invoices_are_found_by_what_the_charge_says() -> None:
    make_seller()
    for membership in make_members(make_network(), "Fælles", FEW + 1):
        invoicing.issue_invoice(make_charge(membership, buyer_contact="Kirsten Bogholder"))
    group = found(make_user(superuser=True), "bogholder kirsten")["invoices"]
    assert len(group.rows) == FEW
    assert group.has_more


@pytest.mark.parametrize("role", [roles.MEMBER_ADMINISTRATORS, roles.FINANCE, roles.COORDINATORS])
def test_both_ways_find_the_same(role: str) -> None:
    network, other = make_network(), make_network()
    network.title = "Netværk for Åbne Data"
    network.save()
    first, second, _third = make_members(network, "Ågård", 3)
    make_members(other, "Øster", 1)
    ParticipantFactory(membership=first, name="Bodil Krag", email="bodil@krag.example")
    second.invoice_contact = PersonFactory(name="Regning Rask")
    second.organisation_name = "Foreningen Æbletræet"
    second.order_number = "PO-4711"
    second.save()
    user = make_user(role, networks=[network])
    found_any = 0
    for text in (
        *("aagaard", "ågård anne", "bodil", "krag.ex", "bodil vejle", "bodil øster", "rask"),
        *("rask PO-4711", "æbletræ", "po-47", "åbne data", "vejle", "5798 0098 11578", "bo", "%"),
    ):
        search = Search(text)
        if not search:
            continue
        rows = Membership.objects.all()
        gathered = {each.pk for each in memberships_matching(rows, search, user)}
        walked = [each.pk for each in memberships_walked(rows, search, user)]
        assert set(walked) == gathered, text
        assert len(walked) == len(gathered), text
        found_any += bool(gathered)
    assert found_any >= 10


class EagerPaginator(KeysFirstPaginator):
    """Walks in short lists too."""

    WALKED_LEAST, WALKED_PART = 1, 3


def test_all_pages_of_a_searched_list_show_the_rows_in_order() -> None:
    made = make_members(make_network(), "Fælles")
    make_members(make_network(), "Anden", 2)
    user, rows, search = make_user(superuser=True), Membership.objects.all(), Search("fælles")
    paginator = EagerPaginator(memberships_matching(rows, search, user), 2)
    paginator.walked = memberships_walked(rows, search, user)
    shown = [each.pk for number in paginator.page_range for each in paginator.page(number)]
    assert shown == [each.pk for each in made]


def test_a_searched_list_takes_ten_queries(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    make_members(make_network(), "Fælles")
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    address = memberships.row_url("results")
    client.get(address, {"q": "fælles"})
    for text in ("fælles", "fælles 7", "bodil"):
        with django_assert_max_num_queries(10):
            assert client.get(address, {"q": text}).status_code == 200
