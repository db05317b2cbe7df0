"""Who may join: every policy, kind of organisation and address."""

import pytest

from networks.rules.eligibility import (
    OrganisationKind,
    Policy,
    Verdict,
    at_domain,
    judge,
    normalise_email,
)

MUNICIPALITY = OrganisationKind.MUNICIPALITY
OTHERS = [kind for kind in OrganisationKind if kind != MUNICIPALITY]
DOMAINS = ["example.dk"]
AT, ELSEWHERE = "a@example.dk", "a@gmail.example"


@pytest.mark.parametrize(
    ("policy", "organisation", "address", "invited", "verdict"),
    [
        (Policy.MUNICIPALITIES, MUNICIPALITY, AT, False, Verdict.ACCEPTED),
        (Policy.MUNICIPALITIES, MUNICIPALITY, AT, True, Verdict.ACCEPTED),
        (Policy.MUNICIPALITIES, MUNICIPALITY, ELSEWHERE, False, Verdict.NEEDS_APPROVAL),
        *[
            (Policy.MUNICIPALITIES, kind, address, invited, Verdict.NOT_A_MUNICIPALITY)
            for kind in OTHERS
            for address in (AT, ELSEWHERE)
            for invited in (False, True)
        ],
        *[
            (Policy.OPEN, kind, address, invited, Verdict.ACCEPTED)
            for kind in OTHERS
            for address in (AT, ELSEWHERE)
            for invited in (False, True)
        ],
        *[
            (Policy.INVITATION, kind, address, invited, verdict)
            for kind in OrganisationKind
            for address in (AT, ELSEWHERE)
            for invited, verdict in ((True, Verdict.ACCEPTED), (False, Verdict.NOT_INVITED))
        ],
    ],
)
def test_the_policy_decides(policy, organisation, address, invited, verdict):
    assert verdict == judge(
        policy=policy,
        organisation=organisation,
        address=address,
        domains=DOMAINS,
        invited=invited,
    )


@pytest.mark.parametrize(
    ("verdict", "refusal"),
    [
        (Verdict.ACCEPTED, False),
        (Verdict.NEEDS_APPROVAL, False),
        (Verdict.NOT_A_MUNICIPALITY, True),
        (Verdict.NOT_INVITED, True),
    ],
)
def test_waiting_for_a_person_is_no_refusal(verdict, refusal):
    assert verdict.is_refusal is refusal


@pytest.mark.parametrize(
    ("address", "domains", "there"),
    [
        ("a@example.dk", ["example.dk"], True),
        (" A@Example.DK ", ["example.dk"], True),
        ("a@example.dk", ["EXAMPLE.DK "], True),
        ("a@skole.example.dk", ["example.dk"], True),
        ("a@museum.dk", ["example.dk", "museum.dk"], True),
        ("a@notexample.dk", ["example.dk"], False),
        ("a@example.dk.evil.example", ["example.dk"], False),
        ("example.dk@evil.example", ["example.dk"], False),
        ("a@example.dk", ["skole.example.dk"], False),
        ("a@example.dk", [], False),
        ("a@example.dk", ["", " "], False),
        ("", ["example.dk"], False),
        ("a@", ["example.dk"], False),
    ],
)
def test_an_address_is_at_a_domain_or_below_it(address, domains, there):
    assert at_domain(address, domains) is there


def test_addresses_are_compared_trimmed_and_in_lower_case():
    assert normalise_email(" Åse.B@Example.DK\n") == "åse.b@example.dk"
