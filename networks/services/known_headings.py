"""What the headings of lists of members were said to mean, for the next list that has them."""

from collections.abc import Mapping, Sequence

from django.utils.crypto import salted_hmac

from networks.models import KnownHeading
from networks.rules.import_columns import Column, plain

SALT = "networks.known_headings"


def remembered(headings: Sequence[str]) -> dict[int, Column | None]:
    """{place of the column: what it was last; None: not used}, of the headings met before."""
    digests = {place: _digest(heading) for place, heading in enumerate(headings) if plain(heading)}
    known = dict(
        KnownHeading.objects.filter(
            digest__in=set(digests.values()), column__in=["", *Column]
        ).values_list("digest", "column")
    )
    return {
        place: Column(known[digest]) if known[digest] else None
        for place, digest in digests.items()
        if digest in known
    }


def remember(headings: Sequence[str], columns: Mapping[int, Column]) -> None:
    """Of a heading that stands there twice, what the one that is used means."""
    said: dict[str, str] = {}
    for place, heading in enumerate(headings):
        if plain(heading):
            digest = _digest(heading)
            said[digest] = said.get(digest, "") or columns.get(place, "")
    # In one order, since two may remember at once.
    KnownHeading.objects.bulk_create(
        (KnownHeading(digest=digest, column=column) for digest, column in sorted(said.items())),
        update_conflicts=True,
        unique_fields=["digest"],
        update_fields=["column"],
    )


def _digest(heading: str) -> str:
    return salted_hmac(SALT, plain(heading), algorithm="sha256").hexdigest()
