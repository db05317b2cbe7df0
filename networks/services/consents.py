"""Consents: written by administrators, given beside a sign-up, withdrawn at any time."""

from collections.abc import Collection
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import Actor
from networks.models import Consent, ConsentGiven, ConsentText, Membership, NetworkPage, Person
from networks.rules.eligibility import normalise_email
from networks.services.errors import NotPossible
from networks.services.transitions import locked

#: Those that any form asks for. Another machine's change is seen after this at the latest.
CACHED, SECONDS = "networks.consents_offered", 60
KNOWN = "networks.consents_known"


class Answer(StrEnum):
    """What somebody says to a consent now. A yes to an address that nobody proved is none."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    NOT_GIVEN = "not_given"


def offered_in(network: NetworkPage) -> list[ConsentText]:
    """The newest text of each consent that the network's form asks for. From the cache, for the
    page that everybody reads."""
    texts: list[ConsentText] | None = cache.get(CACHED)
    if texts is None:
        newest = ConsentText.objects.filter(consent=OuterRef("consent")).order_by("-version")
        offered = ConsentText.objects.filter(consent__is_offered=True)
        newest_ones = offered.filter(version=Subquery(newest.values("version")[:1]))
        texts = list(newest_ones.select_related("consent").order_by("consent__title", "pk"))
        cache.set(CACHED, texts, SECONDS)
    return [text for text in texts if text.consent.network_id in (None, network.pk)]


def give(membership: Membership, text_ids: Collection[int], *, actor: Actor) -> None:
    """The contact said yes to these texts as they stood when the form was shown, in the caller's
    transaction. What another network asks for is not kept."""
    asked = Q(consent__network=membership.network_id) | Q(consent__network__isnull=True)
    texts = ConsentText.objects.filter(asked, pk__in=text_ids)
    for text in texts.order_by("pk") if text_ids else []:
        _given, created = ConsentGiven.objects.get_or_create(
            text=text, membership=membership, person=membership.contact, withdrawn_at=None
        )
        if created:
            audit.record(
                actor=actor,
                action="membership.consent_given",
                subject=membership,
                consent=text.consent_id,
                version=text.version,
            )


@transaction.atomic
def withdraw(membership_id: UUID | str, given_id: int, *, address: str, actor: Actor) -> None:
    """Take a yes back: every yes of that person to the same thing. Raises NotPossible when it is
    not theirs; done twice it changes nothing."""
    membership = locked(membership_id)
    mine = of_address(address)
    given = mine.filter(pk=given_id).first()
    if given is None:
        raise NotPossible(_("This consent is not yours."))
    same = mine.filter(text__consent=given.text.consent_id, withdrawn_at__isnull=True)
    for row in same.select_for_update(of=("self",)):
        row.withdrawn_at = timezone.now()
        row.save(update_fields=["withdrawn_at"])
        audit.record(
            actor=actor,
            action="membership.consent_withdrawn",
            subject=row.membership if row.membership_id != membership.pk else membership,
            consent=row.text.consent_id,
            version=row.text.version,
        )


def of_address(address: str) -> QuerySet[ConsentGiven]:
    rows = ConsentGiven.objects.filter(person__email=normalise_email(address))
    return rows.select_related("text__consent", "membership", "person")


def _proved(rows: QuerySet[ConsentGiven]) -> QuerySet[ConsentGiven]:
    """Those that hold, and whose giver proved the address: anyone can type one into a form."""
    return rows.filter(withdrawn_at__isnull=True, membership__address_confirmed_at__isnull=False)


def memberships_with(rows: QuerySet[Membership], consent: Consent) -> QuerySet[Membership]:
    """Those whose contact said yes, has not taken it back, and proved their address."""
    return memberships_by(rows, consent.pk, Answer.GIVEN)


def memberships_by(
    rows: QuerySet[Membership], consent_id: int, answer: Answer
) -> QuerySet[Membership]:
    """The memberships with that answer. Each has one answer to each consent."""
    return _by(rows, "membership", ConsentGiven.objects.filter(text__consent=consent_id), answer)


def people_with(consent: Consent) -> QuerySet[Person]:
    """To whom a newsletter may be sent: each once, whatever number of memberships they have."""
    people = Person.objects.filter(erased_at__isnull=True)
    return people_by(people, consent.pk, Answer.GIVEN, Membership.objects.all())


def people_by(
    rows: QuerySet[Person],
    consent_id: int,
    answer: Answer,
    memberships: QuerySet[Membership],
) -> QuerySet[Person]:
    """The people with that answer, given on one of these memberships."""
    given = ConsentGiven.objects.filter(text__consent=consent_id)
    if memberships.query.where:
        given = given.filter(membership__in=memberships.order_by().values("pk"))
    return _by(rows, "person", given, answer)


def _by(
    rows: QuerySet[Any], holder: str, given: QuerySet[ConsentGiven], answer: Answer
) -> QuerySet[Any]:
    if answer == Answer.GIVEN:
        return rows.filter(pk__in=_proved(given).values(holder))
    others = rows.exclude(pk__in=_proved(given).values(holder))
    taken_back = given.filter(withdrawn_at__isnull=False).values(holder)
    if answer == Answer.WITHDRAWN:
        return others.filter(pk__in=taken_back)
    return others.exclude(pk__in=taken_back)


def known() -> list[tuple[int, str, int | None]]:
    """(key, title, key of its network) of every consent. Kept for a while: lists offer them."""
    kept: list[tuple[int, str, int | None]] | None = cache.get(KNOWN)
    if kept is None:
        kept = list(Consent.objects.values_list("pk", "title", "network_id"))
        cache.set(KNOWN, kept, SECONDS)
    return kept


# Writing them -----------------------------------------------------------------------------------


@transaction.atomic
def write(
    consent: Consent | None,
    *,
    title: str,
    network: NetworkPage | None,
    is_offered: bool,
    text: str,
    text_en: str = "",
    actor: Actor,
) -> Consent:
    """Make a consent, or change it. Another wording is another version; what people said yes to
    stays as they read it, and where it is asked for can't change once somebody has."""
    consent = Consent.objects.select_for_update().get(pk=consent.pk) if consent else Consent()
    used = consent.pk is not None and ConsentGiven.objects.filter(text__consent=consent).exists()
    if used and consent.network_id != (network.pk if network else None):
        raise NotPossible(_("Somebody has given it: make another consent for another network."))
    consent.title, consent.network, consent.is_offered = title, network, is_offered
    consent.save()
    newest = consent.texts.first()
    if newest is None or (newest.text, newest.text_en) != (text, text_en):
        version = newest.version + 1 if newest else 1
        ConsentText.objects.create(consent=consent, version=version, text=text, text_en=text_en)
    audit.record(actor=actor, action="consent.written", subject=consent)
    transaction.on_commit(lambda: cache.delete_many([CACHED, KNOWN]))
    return consent
