"""Consents: nobody has to, the text that was read is kept, and it can be taken back."""

import pytest
from django.core.cache import cache

from cms.audit import SYSTEM, VISITOR, AuditEntry
from networks.models import Consent, ConsentGiven, ConsentText, Membership
from networks.services import consents
from networks.services.errors import NotPossible
from tests.factories.networks import MembershipFactory, make_network
from tests.factories.signups import applied

pytestmark = pytest.mark.django_db


def newsletter(text: str = "Ja tak til nyhedsbrevet", **facts) -> Consent:
    values = {"title": "Nyhedsbrev", "network": None, "is_offered": True, **facts}
    consent = consents.write(None, text=text, actor=SYSTEM, **values)
    cache.clear()
    return consent


def rewritten(consent: Consent, text: str) -> ConsentText:
    consents.write(
        consent,
        title=consent.title,
        network=consent.network,
        is_offered=True,
        text=text,
        actor=SYSTEM,
    )
    cache.clear()
    return consent.texts.first()


def test_a_yes_is_kept_with_the_version_that_was_read():
    network, consent = make_network(), newsletter()
    shown = consent.texts.get()
    rewritten(consent, "Ja tak, også til kurser")
    membership = applied(network, consents=(shown.pk,))
    given = membership.consents.get()
    assert (given.text, given.person, given.withdrawn_at) == (shown, membership.contact, None)
    entry = AuditEntry.objects.get(action="membership.consent_given")
    assert entry.data == {"consent": consent.pk, "version": 1}


def test_without_a_tick_nothing_is_kept():
    newsletter()
    applied(make_network())
    assert not ConsentGiven.objects.exists()


def test_another_networks_consent_is_neither_shown_nor_kept():
    network, other = make_network(), make_network()
    text = newsletter(network=other).texts.get()
    assert consents.offered_in(network) == []
    assert consents.offered_in(other) == [text]
    assert not applied(network, consents=(text.pk,)).consents.exists()


def test_the_newest_text_is_the_one_that_is_shown_and_the_old_one_never_changes():
    network, consent = make_network(), newsletter()
    old = consent.texts.get()
    new = rewritten(consent, "Ny tekst")
    assert consents.offered_in(network) == [new]
    assert new.version == 2
    old.text = "Noget andet"
    with pytest.raises(TypeError):
        old.save()


def test_the_same_text_saved_again_is_no_new_version():
    consent = newsletter()
    assert rewritten(consent, "Ja tak til nyhedsbrevet").version == 1


def test_one_that_is_not_offered_any_more_is_not_asked_for():
    consent = newsletter()
    Consent.objects.update(is_offered=False)
    cache.clear()
    assert consents.offered_in(make_network()) == []
    assert consent.texts.exists()


def given_by(membership: Membership, consent: Consent) -> ConsentGiven:
    return ConsentGiven.objects.create(
        text=consent.texts.first(), membership=membership, person=membership.contact
    )


def test_it_is_taken_back_wherever_it_was_given_and_once():
    consent = newsletter()
    first = MembershipFactory()
    second = MembershipFactory(contact=first.contact)
    given, beside = given_by(first, consent), given_by(second, consent)
    for _turn in range(2):
        consents.withdraw(first.pk, given.pk, address=first.contact.email, actor=VISITOR)
    beside.refresh_from_db()
    assert beside.withdrawn_at
    assert AuditEntry.objects.filter(action="membership.consent_withdrawn").count() == 2


def test_nobody_takes_back_somebody_elses():
    given = given_by(MembershipFactory(), newsletter())
    other = MembershipFactory()
    with pytest.raises(NotPossible):
        consents.withdraw(other.pk, given.pk, address=other.contact.email, actor=VISITOR)


def test_only_those_with_a_consent_and_a_proved_address_are_written_to():
    consent = newsletter()
    proved, typed = MembershipFactory(), MembershipFactory(status="unconfirmed")
    taken_back, without = MembershipFactory(), MembershipFactory()
    for membership in (proved, typed, taken_back):
        given_by(membership, consent)
    given = taken_back.consents.get()
    consents.withdraw(taken_back.pk, given.pk, address=taken_back.contact.email, actor=VISITOR)
    assert list(consents.memberships_with(Membership.objects.all(), consent)) == [proved]
    assert list(consents.people_with(consent)) == [proved.contact]
    assert without.consents.count() == 0


def test_where_it_is_asked_for_does_not_change_once_somebody_has_given_it():
    consent = newsletter()
    given_by(MembershipFactory(), consent)
    with pytest.raises(NotPossible):
        consents.write(
            consent,
            title="Nyhedsbrev",
            network=make_network(),
            is_offered=True,
            text="x",
            actor=SYSTEM,
        )
