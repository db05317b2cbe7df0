"""What the search finds of networks: members, people, municipalities, mails; and the rest, whose
sources stand in modules of their own."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.permission_policies import ModelPermissionPolicy

from cms.backoffice.listing import NEUTRAL, status_tag
from cms.backoffice.search import Hit, Source, matching_in
from cms.messages.models import Message
from cms.policy import User
from cms.searching import Search, SearchText, gathered
from networks.backoffice.finding_meetings import GUESTS, MEETINGS
from networks.backoffice.finding_requests import HANDOVERS, JOIN_REQUESTS
from networks.backoffice.membership_search import (
    memberships_matching,
    memberships_walked,
    municipalities_with,
)
from networks.backoffice.wording import message_state, message_tone, status_label, status_tone
from networks.models import (
    Membership,
    Municipality,
    Participant,
    Person,
    Unit,
)
from networks.policies import (
    membership_policy,
    message_policy,
    person_policy,
)
from payments.models import Buyer
from payments.policies import charge_policy

_NAMES_OF_MUNICIPALITIES = ("name", "official_name", "cvr", "code", "mail_domains")


def _or_nothing(name: str) -> Coalesce:
    return Coalesce(name, Value(""))


# Memberships --------------------------------------------------------------------------------------


def _told(found: QuerySet[Any], search: Search) -> QuerySet[Any]:
    """With the names of the participants by whom they were found."""
    named = Q()
    for term in search.terms:
        named |= Q(search.found_in(term, *Participant.SEARCHED))
    participants = Participant.objects.filter(named, membership=OuterRef("pk")).order_by("pk")
    return found.annotate(search_participants=ArraySubquery(participants.values("name")[:3]))


def _membership_hit(row: dict[str, Any]) -> Hit:
    organisation = row["municipality"] or row["organisation"]
    is_person = row["unit"] == Unit.PERSON
    party = row["contact"] if is_person else organisation
    contact = organisation if is_person else row["contact"]
    details = [contact, row["email"]]
    if row["participants"]:
        details.append(f"{_t('Participants')}: {', '.join(row['participants'])}")
    told = Membership(status=row["status"], cancelled_at=row["cancelled"])
    status = status_tag(status_label(told), status_tone(told))
    return Hit(f"{party} – {row['network']}", details, status)


MEMBERSHIPS = Source(
    kind="memberships",
    label=_("Memberships"),
    icon_name="group",
    policy=membership_policy,
    url_name="networks_membership_modeladmin_inspect",
    matching=memberships_matching,
    walking=memberships_walked,
    told=_told,
    values={
        "unit": F("unit"),
        "municipality": F("municipality__name"),
        "organisation": F("organisation_name"),
        "network": F("network__title"),
        "contact": F("contact__name"),
        "email": F("contact__email"),
        "status": F("status"),
        "cancelled": F("cancelled_at"),
        "participants": F("search_participants"),
    },
    hit=_membership_hit,
    likeness=SearchText(
        _or_nothing("municipality__name"), "organisation_name", "contact__name", "contact__email"
    ),
    order_by=("-signed_up_at",),
    position=10,
)

# People, municipalities ---------------------------------------------------------------------------


def _people_matching(rows: QuerySet[Any], search: Search, user: User) -> QuerySet[Any]:
    rarest, *others = search.by_rarity
    keys = Person.objects.order_by().values("pk")
    municipalities = municipalities_with(search, rarest, "name").values("pk")
    own = keys.filter(search.found_in(rarest, *Person.SEARCHED))
    rows = rows.filter(gathered(own.union(keys.filter(municipality__in=municipalities))))
    return _people_having(rows, search, others)


def _people_having(rows: QuerySet[Any], search: Search, terms: list[str]) -> QuerySet[Any]:
    for term in terms:
        own = Q(search.found_in(term, *Person.SEARCHED))
        rows = rows.filter(own | Q(search.found_in(term, "municipality__name")))
    return rows


def _people_walked(rows: QuerySet[Any], search: Search, user: User) -> QuerySet[Any]:
    return _people_having(rows, search, search.terms)


def _person_hit(row: dict[str, Any]) -> Hit:
    details = [row["email"], row["job_title"], row["phone"], row["municipality"]]
    return Hit(row["name"], details)


PEOPLE = Source(
    kind="people",
    label=_("People"),
    icon_name="user",
    policy=person_policy,
    url_name="networks_person_modeladmin_inspect",
    matching=_people_matching,
    walking=_people_walked,
    values={
        **{name: F(name) for name in ("name", "email", "job_title", "phone")},
        "municipality": F("municipality__name"),
    },
    hit=_person_hit,
    likeness=SearchText(*Person.SEARCHED),
    order_by=("name", "pk"),
    position=20,
)


def _municipalities_matching(rows: QuerySet[Any], search: Search, user: User) -> QuerySet[Any]:
    """By name and number; by the EAN numbers of orders only for who sees money."""
    for term in search.terms:
        found = Q(search.found_in(term, *_NAMES_OF_MUNICIPALITIES))
        if term.isdecimal() and charge_policy.user_has_permission(user, "view"):
            orders = membership_policy.instances_user_has_permission_for(user, "view")
            with_number = orders.filter(search.found_in(term, *Buyer.SEARCHED)).order_by()
            found |= Q(pk__in=with_number.filter(buyer_gln__contains=term).values("municipality"))
        rows = rows.filter(found)
    return rows


def _municipality_hit(row: dict[str, Any]) -> Hit:
    cvr = f"CVR {row['cvr']}" if row["cvr"] else ""
    status = status_tag(_("Merged"), NEUTRAL) if row["merged"] else ""
    return Hit(row["name"], [cvr, ", ".join(row["mail_domains"].split())], status)


MUNICIPALITIES = Source(
    kind="municipalities",
    label=_("Municipalities"),
    icon_name="site",
    policy=ModelPermissionPolicy(Municipality),
    url_name="municipalities:inspect",
    matching=_municipalities_matching,
    values={
        "name": F("name"),
        "cvr": F("cvr"),
        "mail_domains": F("mail_domains"),
        "merged": F("merged_into"),
    },
    hit=_municipality_hit,
    likeness=SearchText("name"),
    order_by=("sort_key",),
    position=30,
)

# Mails --------------------------------------------------------------------------------------------


def _message_hit(row: dict[str, Any]) -> Hit:
    told = Message(state=row["state"], handled_at=row["handled_at"])
    state = status_tag(message_state(told), message_tone(told))
    return Hit(row["subject"], [f"{row['to_name']} <{row['to_email']}>".strip()], state)


MESSAGES = Source(
    kind="messages",
    label=_("E-mails"),
    icon_name="mail",
    policy=message_policy,
    url_name="cms_message_modeladmin_inspect",
    matching=matching_in(*Message.SEARCHED),
    values={name: F(name) for name in ("subject", "to_name", "to_email", "state", "handled_at")},
    hit=_message_hit,
    likeness=SearchText(*Message.SEARCHED),
    order_by=("-created_at", "-id"),
    position=90,
)

SOURCES = [
    MEMBERSHIPS,
    PEOPLE,
    MUNICIPALITIES,
    JOIN_REQUESTS,
    HANDOVERS,
    MEETINGS,
    GUESTS,
    MESSAGES,
]
