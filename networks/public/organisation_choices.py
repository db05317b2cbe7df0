"""What a visitor can say of the organisation: one of the municipalities, or that it is none."""

from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext as _

from networks.models import ORGANISATION_CHOICES, Municipality
from networks.rules.eligibility import OrganisationKind


def municipality_choices() -> list[tuple[str, str]]:
    """("m:<id>", name) of all municipalities in Danish order. They change about once in a
    decade: kept in the cache for an hour."""
    key = "networks.municipality_choices"
    choices: list[tuple[str, str]] | None = cache.get(key)
    if not choices:
        rows = Municipality.objects.filter(merged_into=None).values_list("pk", "name")
        choices = [(f"m:{pk}", name) for pk, name in rows]
        cache.set(key, choices, 3600)
    return choices


def organisation_choices() -> list[Any]:
    """Choices in groups: "m:<id>" for a municipality, "k:<kind>" for anything else."""
    others = [
        (f"k:{kind}", label)
        for kind, label in ORGANISATION_CHOICES
        if kind != OrganisationKind.MUNICIPALITY
    ]
    return [
        ("", _("Choose municipality")),
        (_("Municipalities"), municipality_choices()),
        (_("My organisation is not a municipality"), others),
    ]
