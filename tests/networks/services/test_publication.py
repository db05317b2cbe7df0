"""Scheduled publication: one version that can't be published stops no other."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from wagtail.models import PageLogEntry

from networks import jobs
from networks.models import NetworkPage
from networks.services import publication
from tests.factories.networks import MembershipFactory, make_network

pytestmark = pytest.mark.django_db


def schedule(network, **changes):
    """A draft of the page that is to go live in an hour."""
    network.save_revision().publish()
    network = fresh(network)
    for name, value in changes.items():
        setattr(network, name, value)
    network.go_live_at = timezone.now() + timedelta(hours=1)
    revision = network.save_revision()
    revision.publish()
    revision.refresh_from_db()
    assert revision.approved_go_live_at is not None
    return revision


def in_two_hours():
    return time_machine.travel(timezone.now() + timedelta(hours=2), tick=False)


def fresh(page) -> NetworkPage:
    return NetworkPage.objects.get(pk=page.pk)


def test_what_is_due_goes_live_and_nothing_before_its_time():
    network = make_network()
    schedule(fresh(network), title="Nyt navn")
    jobs.publish_scheduled()
    assert fresh(network).title != "Nyt navn"
    with in_two_hours():
        assert publication.publish_due(timezone.now()) == (1, 0)
    assert fresh(network).title == "Nyt navn"


def test_what_has_expired_is_taken_off():
    network = make_network(expire_at=timezone.now() - timedelta(minutes=1))
    jobs.publish_scheduled()
    assert not fresh(network).live


def test_a_version_that_drops_rows_in_use_is_refused_reported_and_taken_off(caplog):
    network, other = make_network(), make_network()
    MembershipFactory(network=network)
    refused = schedule(fresh(network), title="Uden sæson", seasons=[])
    schedule(fresh(other), title="Nyt navn")
    with in_two_hours(), caplog.at_level(logging.ERROR):
        assert publication.publish_due(timezone.now()) == (1, 1)
        assert publication.publish_due(timezone.now()) == (0, 0)
    assert fresh(network).title != "Uden sæson"
    assert fresh(network).seasons.count() == 1
    assert fresh(other).title == "Nyt navn"
    refused.refresh_from_db()
    assert refused.approved_go_live_at is None
    entry = PageLogEntry.objects.get(action="networks.publication_refused")
    assert "Møde 1" in entry.data["reason"]
    assert "refused" in caplog.text


def test_a_version_with_another_unit_is_refused_once_there_are_members():
    network = make_network()
    schedule(fresh(network), unit="person")
    MembershipFactory(network=network)
    with in_two_hours():
        assert publication.publish_due(timezone.now()) == (0, 1)
    assert fresh(network).unit == "municipality"
