"""Personal links identify for a time and a purpose, and can be taken back."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cms import links
from cms.links import Link

pytestmark = pytest.mark.django_db


def issue(**changes) -> str:
    values = {"purpose": "manage", "subject": "x:1", "lifetime": timedelta(days=2)}
    return links.issue(**{**values, **changes})


def test_a_link_opens_what_it_was_made_for():
    link = links.resolve(issue(address="a@example.org"), "manage")
    assert (link.subject, link.address) == ("x:1", "a@example.org")


def test_the_token_is_stored_nowhere():
    token = issue()
    row = Link.objects.values().get()
    assert token not in map(str, row.values())


def test_no_two_links_are_alike_and_none_can_be_guessed():
    tokens = {issue() for _number in range(20)}
    assert len(tokens) == 20
    assert all(len(token) == 32 for token in tokens)  # 192 bits in base64


def test_it_opens_nothing_else():
    token = issue()
    assert links.resolve(token, "confirm") is None
    assert links.resolve(token) is None
    assert links.resolve(token, "confirm", "manage") is not None
    assert links.resolve(token + "x", "manage") is None
    assert links.resolve("", "manage") is None


def test_it_expires():
    token = issue()
    with time_machine.travel(timezone.now() + timedelta(days=2, seconds=1)):
        assert links.resolve(token, "manage") is None


def test_revoking_takes_back_that_purpose_of_that_row_alone():
    manage, confirm, other = issue(), issue(purpose="confirm"), issue(subject="x:2")
    links.revoke(subject="x:1", purpose="manage")
    assert links.resolve(manage, "manage") is None
    assert links.resolve(confirm, "confirm") is not None
    assert links.resolve(other, "manage") is not None
