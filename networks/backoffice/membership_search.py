"""Which memberships a search finds: by what they, their people, network and invoice say."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from cms.policy import User
from cms.searching import Search, gathered
from networks.models import Membership, Municipality, NetworkPage, Participant, Person
from payments.models import Buyer
from payments.policies import charge_policy


def municipalities_with(search: Search, term: str, *fields: str) -> QuerySet[Municipality]:
    return Municipality.objects.filter(search.found_in(term, *fields)).order_by()


def _memberships_with(search: Search, term: str, user: User) -> QuerySet[Any]:
    """Keys of the memberships with the term in the party, the contact, a participant, the network
    or, for who sees money, the invoice details. Each table by its own index: one condition over
    the joined tables could use none."""
    keys = Membership.objects.order_by().values("pk")
    people = Person.objects.filter(search.found_in(term, *Person.SEARCHED)).order_by()
    participants = Participant.objects.filter(search.found_in(term, *Participant.SEARCHED))
    networks = NetworkPage.objects.filter(search.found_in(term, "title")).order_by()
    municipalities = municipalities_with(search, term, "name")
    parts = [
        keys.filter(contact__in=people.values("pk")),
        # Few have one: from there the way to the people is the shorter one for a common word.
        keys.filter(invoice_contact__isnull=False, invoice_contact__in=people.values("pk")),
        participants.order_by().values("membership_id"),
        keys.filter(municipality__in=municipalities.values("pk")),
        keys.filter(network__in=networks.values("pk")),
        keys.filter(search.found_in(term, "organisation_name")),
    ]
    if charge_policy.user_has_permission(user, "view"):
        parts.append(keys.filter(search.found_in(term, *Buyer.SEARCHED)))
    return parts[0].union(*parts[1:])


def memberships_matching(rows: QuerySet[Any], search: Search, user: User) -> QuerySet[Any]:
    """Those of the rows that have every term somewhere, or whose reference was typed. Gathered by
    the term that is likely to be the rarest; the others are looked for in what that one found."""
    if search.reference:
        return rows.filter(search.referred())
    rarest = search.by_rarity[0]
    rows = rows.filter(gathered(_memberships_with(search, rarest, user)))
    return _memberships_having(rows, search, search.by_rarity[1:], user)


def _memberships_having(
    rows: QuerySet[Any], search: Search, terms: list[str], user: User
) -> QuerySet[Any]:
    """As ``_memberships_with``, row by row."""
    for term in terms:
        participants = Participant.objects.filter(
            search.found_in(term, *Participant.SEARCHED), membership=OuterRef("pk")
        )
        found = (
            Q(search.found_in(term, *_of("contact", *Person.SEARCHED)))
            | Q(search.found_in(term, "municipality__name"))
            | Q(search.found_in(term, "network__title"))
            | Q(search.found_in(term, "organisation_name"))
        )
        if charge_policy.user_has_permission(user, "view"):
            found |= Q(search.found_in(term, *Buyer.SEARCHED))
        found |= Q(search.found_in(term, *_of("invoice_contact", *Person.SEARCHED)))
        rows = rows.filter(found | Exists(participants))
    return rows


def _of(relation: str, *fields: str) -> list[str]:
    return [f"{relation}__{name}" for name in fields]


def memberships_walked(rows: QuerySet[Any], search: Search, user: User) -> QuerySet[Any]:
    """As ``memberships_matching`` finds them by terms, row by row."""
    return _memberships_having(rows, search, search.terms, user)
