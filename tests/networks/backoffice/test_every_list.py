"""Every list of the administration: few queries whatever its rows, no key in place of a name."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.utils import quote
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from django.utils import timezone

from cms import audit
from cms.access_log import AccessEntry, AccessKind
from cms.audit import SYSTEM, reference
from cms.backoffice.admin import RowAdmin
from networks import wagtail_hooks as of_networks
from networks.models import NetworkPage, RetentionRun
from networks.services import consents
from networks.services.notices import membership as notices
from networks.wagtail_hooks import access, export_log, memberships, message_texts
from payments import wagtail_hooks as of_payments
from payments.models import BalanceTransaction, BankTransfer, Payout
from payments.services import invoicing, journal
from tests.factories.contributions import (
    MaterialFactory,
    OfferFactory,
    ProgrammeItemFactory,
    TopicFactory,
)
from tests.factories.meeting_day import GuestFactory
from tests.factories.networks import (
    JoinRequestFactory,
    MembershipFactory,
    ParticipantFactory,
    make_network,
    make_user,
)
from tests.factories.requests import ErasureRequestFactory, HandoverFactory
from tests.factories.sellers import make_seller
from tests.payments.backoffice.rows import make_charge, make_payment

pytestmark = pytest.mark.django_db

#: For a whole page: session, user, rights, menu, the list and its filters.
QUERIES = 10
FEW, MANY = 3, 30
#: The reader of the logs is told no names: rows are told apart by their keys.
BY_KEY = (access, export_log)
#: Of these there is one a network, or one a kind, whatever else there is.
NOT_FILLED = ("networks_season", "networks_meeting", "cms_messagetemplate")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def every_list() -> list[RowAdmin]:
    found = [vars(module).values() for module in (of_networks, of_payments)]
    return list(
        {id(each): each for row in found for each in row if isinstance(each, RowAdmin)}.values()
    )


def name_of(admin: RowAdmin) -> str:
    return f"{admin.opts.app_label}_{admin.opts.model_name}"


def fill(number: int) -> None:
    """So many rows more of every list."""
    make_seller()
    network = NetworkPage.objects.first() or make_network()
    meeting = network.seasons.get().meetings.first()
    reader = User.objects.first()
    for _turn in range(number):
        membership = MembershipFactory(network=network, with_buyer=True)
        ParticipantFactory(membership=membership)
        for factory in (JoinRequestFactory, HandoverFactory, TopicFactory, OfferFactory):
            factory(membership=membership)
        for factory in (GuestFactory, ProgrammeItemFactory, MaterialFactory):
            factory(meeting=meeting)
        ErasureRequestFactory(person=membership.contact)
        notices.approved(membership, text="Velkommen")
        subject = reference(membership)
        AccessEntry.objects.create(kind=AccessKind.PAGE, subject=subject, user=reader)
        audit.record(actor=SYSTEM, action="list.exported", subject=membership, listing="x", rows=1)
        RetentionRun.objects.create(kind="unconfirmed", number=1)
        consents.write(
            None,
            title=f"Nyhedsbrev {membership.pk.hex}",
            network=None,
            is_offered=True,
            text="Ja",
            actor=SYSTEM,
        )
        fill_money(membership)
    journal.post_due()


def fill_money(membership: Any) -> None:
    charge, now = make_charge(membership), timezone.now()
    invoicing.issue_invoice(charge)
    paid = make_charge(membership, method="card")
    payment = make_payment(paid, state="succeeded", paid_at=now)
    number = BankTransfer.objects.count()
    BankTransfer.objects.create(key=str(number), received_on=now.date(), amount=100, charge=None)
    payout = Payout.objects.create(
        stripe_id=f"po_{number}", livemode=False, amount=100, created_at=now, arrives_on=now.date()
    )
    BalanceTransaction.objects.create(
        stripe_id=f"txn_{number}",
        livemode=False,
        type="charge",
        category="payment",
        payment=payment,
        payout=payout,
        amount=payment.amount,
        fee=100,
        net=payment.amount - 100,
        created_at=now,
        available_on=now,
    )


def addresses(admin: RowAdmin, number: int) -> Iterator[str]:
    """The list; with few rows also as each of its standing views filters it."""
    index = admin.row_url("index")
    views = getattr(admin.index_view_class, "standing_views", ())
    yield index
    yield from (f"{index}?{view.query}" for view in views if number == FEW)


@pytest.fixture
def superuser(client: Client) -> Client:
    client.force_login(make_user(superuser=True))
    return client


def test_no_list_is_forgotten() -> None:
    patterns = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    of_lists = {name for name in patterns if name.endswith("_modeladmin_index")}
    assert of_lists == {f"{name_of(admin)}_modeladmin_index" for admin in every_list()}


def test_every_list_takes_few_queries_whatever_its_rows(superuser: Client) -> None:
    # Choices that are kept for a minute.
    superuser.get(memberships.row_url("index"))
    told, filled = [], 0
    for number in (FEW, MANY):
        fill(number - filled)
        filled = number
        for admin in every_list():
            for address in addresses(admin, number):
                with CaptureQueriesContext(connection) as asked:
                    page = superuser.get(address)
                assert page.status_code == 200, address
                if len(asked) > QUERIES:
                    told.append((address, number, len(asked)))
                if "?" not in address and name_of(admin) not in NOT_FILLED:
                    assert len(page.context["object_list"]) >= number, address
    assert not told, "\n".join(map(str, told))


def test_no_list_and_no_title_shows_a_key(superuser: Client) -> None:
    fill(1)
    told = []
    for admin in every_list():
        if admin in BY_KEY or admin is message_texts:
            continue
        page = superuser.get(admin.row_url("index"))
        if found := UUID.search(visible(page)):
            told.append((name_of(admin), "list", found[0]))
        for row in list(page.context["object_list"])[:3]:
            # Some stand on the page of their meeting.
            inspect = superuser.get(admin.row_url("inspect", quote(row.pk)), follow=True)
            labels = [str(each["label"]) for each in inspect.context["breadcrumbs_items"]]
            heading = " ".join([str(inspect.context["page_title"]), *labels])
            if UUID.search(heading) or re.search(r"\b(pi|cs|txn|re|po)_", heading):
                told.append((name_of(admin), "title", heading))
    assert not told, "\n".join(map(str, told))


def visible(page: Any) -> str:
    """What is read on it: no scripts, no attributes."""
    text = re.sub(r"<(script|style|template)\b.*?</\1>", "", page.content.decode(), flags=re.DOTALL)
    return re.sub(r"<[^>]*>", " ", text)
