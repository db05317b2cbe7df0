"""Consents: written by administrators, given beside a sign-up, withdrawn at any time."""

from collections.abc import Collection
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


def memberships_with(rows: QuerySet[Membership], consent: Consent) -> QuerySet[Membership]:
    """Those whose contact said yes and has not taken it back, and proved their address: anyone can
    type an address into a form."""
    given = ConsentGiven.objects.filter(text__consent=consent, withdrawn_at__isnull=True)
    proved = given.filter(membership__address_confirmed_at__isnull=False)
    return rows.filter(pk__in=proved.values("membership"))


def people_with(consent: Consent) -> QuerySet[Person]:
    """To whom a newsletter may be sent: each once, whatever number of memberships they have."""
    given = ConsentGiven.objects.filter(
        text__consent=consent,
        withdrawn_at__isnull=True,
        membership__address_confirmed_at__isnull=False,
    )
    return Person.objects.filter(pk__in=given.values("person"), erased_at__isnull=True)


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
    transaction.on_commit(lambda: cache.delete(CACHED))
    return consent
