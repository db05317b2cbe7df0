"""The search over 100,000 memberships, beside Django's ``icontains`` over the same rows.

Takes minutes: run by ``make bench-search``. The machine may be shared: what counts are the ratios
of one run.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q

from cms.backoffice.search import FEW, find, sources_for
from cms.searching import Search, set_likeness
from networks.models import Membership, Person
from networks.policies import membership_policy
from payments.models import Charge
from tests.factories.networks import MunicipalityFactory, make_network, make_user

pytestmark = [pytest.mark.bench, pytest.mark.django_db]
ROWS = 100_000
FIRST = "'Anne','Bodil','Søren','Jørgen','Åse','Mette','Lars','Kirsten','Hans','Ærlig'"
LAST = "'Hansen','Jensen','Ågård','Sørensen','Møller','Krag','Bæk','Østergaard','Lund','Holm'"
NAME = f"(ARRAY[{FIRST}])[1 + i %% 10] || ' ' || (ARRAY[{LAST}])[1 + i / 10 %% 10] || ' ' || i"

PEOPLE = f"""
INSERT INTO networks_person (name, email, job_title, phone, municipality_id, created_at)
SELECT {NAME}, 'person' || i || '@kommune' || i %% 98 || '.dk', 'Konsulent',
       lpad(i::text, 8, '2'), %(municipality)s, now()
FROM generate_series(1, %(rows)s) i
"""
MEMBERSHIPS = """
INSERT INTO networks_membership (id, network_id, unit_key, unit, municipality_id,
    organisation_kind, organisation_name, contact_id, status, method, accepted_net, price_net,
    signed_up_at, address_at_domain, address_confirmed_at, activated_at, leaving_reason, language,
    buyer_name, buyer_street, buyer_postal_code, buyer_city, buyer_cvr, buyer_gln,
    buyer_reference, order_number, account_string, buyer_contact, buyer_email)
SELECT gen_random_uuid(), %(network)s, 'person:' || id, 'person', municipality_id,
    'municipality', '', id, 'active', 'invoice', 0, 0,
    now() - id * interval '1 second', true, now(), now(), '', 'da',
    'Prøvekøbing Kommune', '', '', '', '', lpad((5798000000000 + id)::text, 13, '0'),
    'Ref ' || id, 'PO-' || id, '', '', ''
FROM networks_person
"""
CHARGES = """
INSERT INTO payments_charge (id, key, reference, scope, scope_label, description, method, net, vat,
    gross, credited, state, created_at, invoice_problem, buyer_name, buyer_street,
    buyer_postal_code, buyer_city, buyer_cvr, buyer_gln, buyer_reference, order_number,
    account_string, buyer_contact, buyer_email)
SELECT gen_random_uuid(), 'bench:' || id, 'networks.membership:' || id,
    'network:' || network_id, 'Netværk', 'Medlemskab', 'invoice', 700000, 175000, 875000, 0,
    'open', signed_up_at, '', buyer_name, '', '', '', '', buyer_gln, buyer_reference,
    order_number, '', '', ''
FROM networks_membership
"""


def fill() -> None:
    values = {
        "rows": ROWS,
        "municipality": MunicipalityFactory(name="Ærøskøbing").pk,
        "network": make_network(unit="person").pk,
    }
    with connection.cursor() as cursor:
        for statement in (PEOPLE, MEMBERSHIPS, CHARGES):
            began = time.perf_counter()
            cursor.execute(statement, values)
            what = statement.split()[2]
            print(f"insert {what}: {time.perf_counter() - began:.1f} s")
        cursor.execute("ANALYZE")


def seconds(work: Callable[[], Any]) -> float:
    """The best of three."""
    times = []
    for _turn in range(3):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def plainly(text: str) -> list[Any]:
    """What one would write without the search: each kind's fields, ``icontains``, joined."""
    contact = Q(contact__name__icontains=text) | Q(contact__email__icontains=text)
    party = Q(municipality__name__icontains=text) | Q(organisation_name__icontains=text)
    buyer = [f"{name}__icontains" for name in Charge.SEARCHED]
    either = Q.create([(name, text) for name in buyer], connector=Q.OR)
    return [
        list(Membership.objects.filter(contact | party | either).order_by("-signed_up_at")[:FEW]),
        list(Person.objects.filter(Q(name__icontains=text) | Q(email__icontains=text))[:FEW]),
        list(Charge.objects.filter(either).order_by("-created_at")[:FEW]),
    ]


def test_the_search_beside_icontains() -> None:
    fill()
    user = make_user(superuser=True)
    sources = sources_for(user)
    visible = membership_policy.instances_user_has_permission_for(user, "view")
    assert visible.count() >= ROWS
    set_likeness()
    ratios = {}
    for text, loosely in (
        ("person77777@", False),
        ("5798000077777", False),
        ("PO-77777", False),
        ("Østergaard 7777", False),
        ("Østergaard", False),
        ("kommune", False),
        ("Ostergard 77777", True),
        ("Sørnesen", True),
    ):
        search = Search(text, loosely=loosely)
        ours = seconds(lambda search=search: find(sources, search, user))
        plain = seconds(lambda text=text: plainly(text))
        ratios[text] = ours / plain
        print(
            f"{text!r}: {ours * 1000:.0f} ms, icontains {plain * 1000:.0f} ms, "
            f"ratio {ours / plain:.2f}{' (loosely)' if loosely else ''}"
        )
    assert ratios["person77777@"] < 0.3
    assert ratios["5798000077777"] < 0.3
    assert ratios["PO-77777"] < 0.3
