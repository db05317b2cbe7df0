"""What visitors fill in: applications for the sign-up service, and what they lead to."""

from itertools import count

from networks.models import Membership, Municipality, NetworkPage
from networks.rules.eligibility import OrganisationKind
from networks.services import confirmation, signup
from networks.services.application import Application, SignUpResult
from tests.factories.networks import BUYER, LADDER, MunicipalityFactory

_numbers = count(1)


def application(
    network: NetworkPage, municipality: Municipality | None = None, **changes: object
) -> Application:
    """A colleague at a municipality's own mail domain accepts 7.000 kr. by e-invoice; on a free
    network, nothing."""
    organisation = changes.get("organisation", OrganisationKind.MUNICIPALITY)
    if municipality is None and organisation == OrganisationKind.MUNICIPALITY:
        municipality = MunicipalityFactory()
    domain = municipality.domains[0] if municipality else "firma.example"
    first = network.seasons.order_by("starts_on").first()
    free = network.free_of_charge
    values: dict[str, object] = {
        "network": network,
        "season_id": first.pk if first else None,
        "organisation": organisation,
        "municipality": municipality,
        "name": "Anne Andersen",
        "email": f"anne{next(_numbers)}@{domain}",
        "job_title": "Konsulent",
        "phone": "12345678",
        "method": "" if free else "invoice",
        "buyer": {} if free else BUYER,
        "accepted_net": 0 if free else LADDER[3],
        **changes,
    }
    return Application(**values)


def apply(
    network: NetworkPage, municipality: Municipality | None = None, **changes: object
) -> SignUpResult:
    return signup.sign_up(application(network, municipality, **changes))


def applied(
    network: NetworkPage, municipality: Municipality | None = None, **changes: object
) -> Membership:
    """The membership of a sign-up, in its first state."""
    membership = apply(network, municipality, **changes).membership
    assert membership is not None
    return membership


def confirmed(
    network: NetworkPage, municipality: Municipality | None = None, **changes: object
) -> Membership:
    """Signed up, and the mailed link followed."""
    membership = applied(network, municipality, **changes)
    return confirmation.confirm(membership.pk, accepted_net=membership.accepted_net)[1]


def elsewhere(address: str = "anne@institution.example") -> dict[str, str]:
    """An address at no known domain of any municipality."""
    return {"email": address}
