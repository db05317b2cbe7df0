"""Every kind of message is known to the administration, with a usual text that it would accept."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from cms.messages import kinds, texts
from cms.messages.kinds import MessageKind
from networks.backoffice.message_sample import Sample, invented, sample_for
from tests.factories.networks import MembershipFactory, PersonFactory, make_network

pytestmark = pytest.mark.django_db

FOLDER = Path(settings.BASE_DIR) / "templates" / "messages"
INCLUDE = re.compile(r'{% include "messages/(\w+)\.txt"')
PEOPLE = ("Dorthe Damgaard", "Anne Andersen", "Bo Berg", "Ida Iversen", "dorthe@example.dk")
KINDS = [pytest.param(kind, id=kind.template) for kind in kinds.registered()]


def sample(kind: MessageKind) -> Sample:
    membership = MembershipFactory(
        network=make_network(title="Netværk for idrætsanlæg"),
        contact=PersonFactory(name="Dorthe Damgaard", email="dorthe@example.dk"),
        municipality__official_name="Storkøbing Kommune",
        municipality__name="Storkøbing",
    )
    found = sample_for(kind, [membership, invented(membership.network)])
    assert found is not None, "There is always something to show it with."
    return found


def test_every_text_belongs_to_a_kind():
    files = {path.stem: path.read_text() for path in FOLDER.glob("*.txt")}
    parts = {name for text in files.values() for name in INCLUDE.findall(text)}
    assert set(files) - parts == {kind.template for kind in kinds.registered()}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["da", "en"])
def test_the_usual_text_names_all_that_must_be_there(kind: MessageKind, language: str):
    """What an editor begins with can be saved as it is, and says what the usual text says."""
    context = sample(kind).context
    with texts.in_language(language):
        usual = texts.usual(kind.template, context)
        written = texts.as_template(kind, usual, context)
        assert texts.problems_of(kind, *written) == {}
        assert texts.fill(kind, written, context) == usual
        # The sample's people would else be greeted in everybody's mail.
        assert not [name for name in PEOPLE if name in f"{written.subject} {written.body}"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_name_stands_twice(kind: MessageKind):
    names = [each.name.casefold() for each in kind.placeholders]
    assert len(names) == len(set(names))
