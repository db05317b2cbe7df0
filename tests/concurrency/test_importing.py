"""One list, taken in twice at once."""

from typing import Any

import pytest

from cms.audit import Actor
from networks import roles
from networks.models import Membership, Participant
from networks.services import importing, taking_in
from networks.services.errors import NotPossible
from tests.factories.networks import MunicipalityFactory, make_network, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("uploads", [1, 2])
def test_the_same_list_at_once_makes_every_membership_once(at_once: Any, uploads: int) -> None:
    """By two presses of the button, or by two uploads of the file."""
    network, places = make_network(), MunicipalityFactory.create_batch(5)
    actor = Actor.by(make_user(roles.MEMBER_ADMINISTRATORS))
    rows = [f"{place.name};{name};{name}@{place.domains[0]}" for place in places for name in "ab"]
    content = "\n".join(["Kommune;Navn;E-mail", *rows]).encode()
    lists = [importing.upload(content, network=network, actor=actor) for _each in range(uploads)]
    digest = importing.outlook(lists[0]).plan.digest

    def press(key: Any) -> Any:
        return taking_in.take_in(key, digest=digest, actor=actor)

    results = at_once(*[lambda key=lists[each % uploads].pk: press(key) for each in range(2)])
    assert sum(isinstance(each, taking_in.Taken) for each in results) == 1
    assert sum(isinstance(each, NotPossible) for each in results) == 1
    assert Membership.objects.count() == 5
    assert Participant.objects.count() == 10
