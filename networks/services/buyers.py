"""What earlier orders tell of a municipality as a buyer: remembered for the next, for staff."""

from networks.models import Membership, Municipality

#: Of the place that is invoiced. References and contacts belong to one order.
REMEMBERED = (
    "buyer_name",
    "buyer_street",
    "buyer_postal_code",
    "buyer_city",
    "buyer_cvr",
    "buyer_gln",
)


def remembered_buyer(municipality: Municipality) -> dict[str, str]:
    """The municipality's newest invoice details, without empty ones; {} when it never gave any."""
    newest = (
        Membership.objects.filter(municipality=municipality)
        .exclude(buyer_street="", buyer_gln="")
        .order_by("-signed_up_at")
        .first()
    )
    if newest is None:
        return {}
    return {name: getattr(newest, name) for name in REMEMBERED if getattr(newest, name)}
