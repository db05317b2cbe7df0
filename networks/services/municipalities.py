"""Municipalities while somebody joins for one: none is merged away in that moment."""

from collections.abc import Collection

from networks.models import Municipality


def hold(keys: Collection[int]) -> list[Municipality]:
    """The municipalities, read again and held as they are until the transaction ends: a merger
    waits. After the network's places, as a merger locks them."""
    rows = Municipality.objects.select_for_update(no_key=True).filter(pk__in=keys)
    return list(rows.order_by("pk"))


def of_today(municipality: Municipality) -> Municipality:
    """The municipality that it is by now, held: what it was merged into since it was read."""
    (current,) = hold([municipality.pk])
    while current.merged_into_id is not None:
        (current,) = hold([current.merged_into_id])
    return current
