"""Publishing without the editor's form: in bulk, by a workflow, by code."""

import pytest

from networks import roles
from networks.models import PriceStep
from networks.models.publication import PublicationRefused
from tests.factories.networks import make_network, make_user, season

pytestmark = pytest.mark.django_db


def without_a_price(network):
    """A draft whose ladder lacks the row for three meetings left."""
    draft = network.get_latest_revision_as_object()
    draft.seasons = [season(ladder={2: 520_000, 1: 330_000})]
    return draft.save_revision(clean=False)


def test_a_version_that_lacks_a_price_does_not_go_live():
    network = make_network()
    network.save_revision().publish()
    with pytest.raises(PublicationRefused, match="3"):
        without_a_price(network).publish()


def test_a_whole_version_does():
    network = make_network()
    revision = network.save_revision()
    revision.publish()
    network.refresh_from_db()
    assert network.live_revision_id == revision.pk


def test_published_in_bulk_it_is_refused_with_a_message(client):
    network = make_network()
    without_a_price(network)
    client.force_login(make_user(roles.PUBLISHERS))
    address = f"/admin/bulk/wagtailcore/page/publish/?id={network.pk}"
    response = client.post(address, {"include_descendants": ""}, follow=True)
    assert response.status_code == 200
    assert any("3" in str(message) for message in response.context["messages"])
    assert PriceStep.objects.filter(season__page=network).count() == 3
