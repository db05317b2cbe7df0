"""Who may join a network: the network's policy, the kind of organisation, the mail domain."""

from collections.abc import Iterable
from enum import StrEnum


class Policy(StrEnum):
    """A network's eligibility."""

    MUNICIPALITIES = "municipalities"
    OPEN = "open"
    INVITATION = "invitation"


class OrganisationKind(StrEnum):
    """What the visitor says that the organisation is."""

    MUNICIPALITY = "municipality"
    STATE = "state"
    REGION = "region"
    COMPANY = "company"
    ASSOCIATION = "association"
    SELF_GOVERNING = "self_governing"


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    #: A municipality, but an address at another domain: an administrator decides.
    NEEDS_APPROVAL = "needs_approval"
    NOT_A_MUNICIPALITY = "not_a_municipality"
    NOT_INVITED = "not_invited"

    @property
    def is_refusal(self) -> bool:
        return self in (Verdict.NOT_A_MUNICIPALITY, Verdict.NOT_INVITED)


def normalise_email(address: str) -> str:
    """The form in which an address is compared: trimmed, lower case."""
    return address.strip().lower()


def at_domain(address: str, domains: Iterable[str]) -> bool:
    """True when the address is at one of the domains, or at a subdomain of one."""
    host = normalise_email(address).rpartition("@")[2]
    return bool(host) and any(
        host == domain or host.endswith(f".{domain}")
        for domain in (entry.strip().lower() for entry in domains)
        if domain
    )


def judge(
    *,
    policy: Policy,
    organisation: OrganisationKind,
    address: str,
    domains: Iterable[str],
    invited: bool,
) -> Verdict:
    """Whether a party may join.

    ``domains``: the municipality's mail domains (those an administrator remembered included).
    ``invited``: the visitor came by an administrator's personal link to this network; it stands
    in for an approval.
    """
    if policy == Policy.OPEN:
        return Verdict.ACCEPTED
    if policy == Policy.INVITATION:
        return Verdict.ACCEPTED if invited else Verdict.NOT_INVITED
    if organisation != OrganisationKind.MUNICIPALITY:
        return Verdict.NOT_A_MUNICIPALITY
    return Verdict.ACCEPTED if at_domain(address, domains) else Verdict.NEEDS_APPROVAL


def participant_may_come(
    *, policy: Policy, address: str, contact_address: str, domains: Iterable[str] | None
) -> bool:
    """Whether a membership may send a colleague of that address, without an administrator.

    Participants pass the same eligibility as members: at one of the municipality's mail domains
    (those remembered for its institutions included), or anybody in an open network. That one
    contact of another domain was approved says nothing of others there. ``domains`` None: the
    member is no municipality; its people are those at its contact's domain.
    """
    if policy == Policy.OPEN or normalise_email(address) == normalise_email(contact_address):
        return True
    if domains is None:
        return at_domain(address, [normalise_email(contact_address).rpartition("@")[2]])
    return at_domain(address, domains)
