"""What a person is known by: the address, and the names, phones and rows that stand beside it."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Func, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Left
from django.utils.translation import gettext as _
from django.utils.translation import override

from cms.audit import reference
from networks.models import (
    ErasureRequest,
    Guest,
    Handover,
    JoinRequest,
    Membership,
    Offer,
    Participant,
    Person,
    Topic,
)
from networks.rules.eligibility import normalise_email

#: No mail can reach it (RFC 2606), and it says why.
ERASED_DOMAIN = "@erased.invalid"
#: Fewer digits might be anything.
SHORTEST_PHONE = 6


@dataclass(frozen=True)
class Pseudonym:
    """Stands for one person wherever they were, so that statistics still count them once."""

    name: str
    email: str


def new_pseudonym() -> Pseudonym:
    with override(settings.LANGUAGE_CODE):
        name = _("Erased person")
    return Pseudonym(name, f"{secrets.token_hex(8)}{ERASED_DOMAIN}")


@dataclass(frozen=True)
class Identity:
    """``references`` are the rows whose mails and history may name the person; ``memberships``
    those on which they had a part."""

    email: str
    names: frozenset[str]
    phones: frozenset[str]
    memberships: frozenset[str]
    references: frozenset[str]

    @property
    def membership_keys(self) -> list[str]:
        return [reference.rpartition(":")[2] for reference in self.memberships]

    @property
    def full_names(self) -> list[str]:
        """Names of several words: a single one stands for too many people."""
        return sorted((name for name in self.names if " " in name.strip()), key=len, reverse=True)


def _address_pattern(email: str) -> str:
    return rf"(?<![[:alnum:]._%+-]){re.escape(email)}(?![[:alnum:]-]|\.[[:alnum:]])"


def _word_pattern(text: str) -> str:
    return rf"(?<![[:alnum:]]){re.escape(text)}(?![[:alnum:]])"


#: Models of people: the columns of their address, name and phone.
BY_ADDRESS: tuple[tuple[type[Model], str, str, str], ...] = (
    (Person, "email", "name", "phone"),
    (Participant, "email", "name", ""),
    (Guest, "email", "name", ""),
    (JoinRequest, "email", "name", "phone"),
    (Handover, "email", "name", "phone"),
    (Topic, "author_email", "author_name", ""),
    (Offer, "author_email", "author_name", ""),
)


def rows_of(model: type[Model], column: str, email: str) -> QuerySet[Model]:
    return model._default_manager.filter(**{f"{column}__iexact": email})


def identity_of(address: str) -> Identity:
    """Everything that the address is known by now."""
    email = normalise_email(address)
    names: set[str] = set()
    phones: set[str] = set()
    rows: list[Model] = []
    for model, column, name, phone in BY_ADDRESS:
        for row in rows_of(model, column, email):
            names.add(getattr(row, name))
            phones.add(getattr(row, phone) if phone else "")
            rows.append(row)
    held = Q(contact__email=email) | Q(invoice_contact__email=email)
    keys = set(Membership.objects.filter(held).values_list("pk", flat=True))
    keys |= {row.membership_id for row in rows if hasattr(row, "membership_id")}
    memberships = {f"{Membership._meta.label_lower}:{key}" for key in keys}
    asked = ErasureRequest.objects.filter(person__email=email)
    return Identity(
        email=email,
        names=frozenset(filter(None, names)),
        phones=frozenset(phone for phone in phones if len(phone) >= SHORTEST_PHONE),
        memberships=frozenset(memberships),
        references=frozenset(memberships | {reference(row) for row in [*rows, *asked]}),
    )


def saying_address(email: str, column: str) -> Q:
    """Rows of which a text, or the JSON of a column, says the address."""
    return Q(**{f"{column}__iregex": _address_pattern(email)})


def says_address(email: str, texts: Iterable[str]) -> bool:
    """The same of texts in hand."""
    pattern = re.compile(rf"(?<![^\W_])(?<![._%+-]){re.escape(email)}(?![^\W_]|-|\.[^\W_])", re.I)
    return any(pattern.search(text) for text in texts)


def naming(identity: Identity, *columns: str, names: bool) -> Q:
    """Texts that say the address or the phone, or, with ``names``, the name."""
    patterns = [_address_pattern(identity.email)]
    patterns += [_word_pattern(phone) for phone in sorted(identity.phones)]
    if names:
        patterns += [_word_pattern(name) for name in identity.full_names]
    found = Q()
    for column in columns:
        found |= Q(**{f"{column}__iregex": "|".join(patterns)})
    return found


class _Regexp(Func):
    function = "regexp_replace"
    output_field = TextField()

    def __init__(self, text: object, pattern: str, other: str) -> None:
        super().__init__(text, Value(pattern), Value(other), Value("gi"))


def rewrite(
    rows: QuerySet[Any], *columns: str, identity: Identity, pseudonym: Pseudonym, names: bool
) -> None:
    """Put the pseudonym where texts say the address, the phone and, with ``names``, the name."""
    replaced = [(_address_pattern(identity.email), pseudonym.email)]
    replaced += [(_word_pattern(phone), "–") for phone in sorted(identity.phones)]
    if names:
        replaced += [(_word_pattern(name), pseudonym.name) for name in identity.full_names]
    for column in columns:
        text: Func = Cast(column, TextField())
        for pattern, other in replaced:
            text = _Regexp(text, pattern, other)
        longest = rows.model._meta.get_field(column).max_length
        text = Left(text, longest) if longest else text
        rows.filter(naming(identity, column, names=names)).update(**{column: text})
