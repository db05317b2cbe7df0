"""What people ask of a membership."""

import factory

from networks.models import ErasureRequest, Handover, HandoverKind
from tests.factories.networks import MembershipFactory, PersonFactory


class HandoverFactory(factory.django.DjangoModelFactory):
    """The role of contact, offered to a colleague at the municipality's own mail domain."""

    class Meta:
        model = Handover

    membership = factory.SubFactory(MembershipFactory)
    kind = HandoverKind.CONTACT.value
    name = factory.Sequence(lambda number: f"Afløser {number}")
    email = factory.LazyAttributeSequence(
        lambda this, number: f"afloeser{number}@{this.membership.municipality.domains[0]}"
    )
    job_title = "Konsulent"


class ErasureRequestFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ErasureRequest

    person = factory.SubFactory(PersonFactory)
