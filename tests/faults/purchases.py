"""One buyer's way from the sign-up to a receipt, through the site's own addresses."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from cms import audit
from cms.messages.models import Message, MessageState
from networks.models import Membership, NetworkPage
from payments.models import Charge, Invoice, Payment
from tests.factories.signups import applied
from tests.fakes.stripe import FakeStripe
from tests.networks.public.visits import token_for

#: Mails that tell a buyer how the money fared; each at most once.
TELLING = ("welcome", "paid_too_late", "expired")


@dataclass(frozen=True)
class Outcome:
    """What a buyer and the books have in the end."""

    membership: str
    #: Times that it became active.
    activations: int
    receipts: int
    credit_notes: int
    #: Mails that were sent, of those that tell how the money fared.
    mails: dict[str, int]


#: Once paid, whatever happened on the way.
ACTIVE = Outcome("active", 1, 1, 0, {"welcome": 1})
#: Nothing was paid, and nothing is known to be wrong: the buyer may still pay.
WAITING = Outcome("awaiting_payment", 0, 0, 0, {})


class Purchase:
    """A membership to be paid by card; its buyer has a browser and the link of a mail."""

    def __init__(
        self,
        network: NetworkPage,
        stripe: FakeStripe,
        client: Client,
        run_jobs: Callable[..., list[str]],
    ) -> None:
        self.stripe = stripe
        self.client = client
        self.run_jobs = run_jobs
        self.membership: Membership = applied(network, method="card")
        self.address = reverse("payment", args=[token_for(self.membership, purpose="pay")])

    @property
    def charge(self) -> Charge:
        return Charge.objects.get(reference=audit.reference(self.membership))

    @property
    def session_id(self) -> str:
        """The newest session's."""
        newest = self.charge.payments.exclude(session_id=None).latest("created_at")
        return str(newest.session_id)

    def press_pay(self) -> HttpResponse:
        """The button on the page that the mailed link opens."""
        return self.client.post(self.address, {"pay": "1"})

    def open_page(self) -> str:
        """The hosted page's session."""
        assert self.press_pay().status_code == 303
        return self.session_id

    def come_back(self) -> str:
        """What the page that the buyer comes back to says."""
        return str(self.client.get(self.address).context["state"])

    # Webhooks: signed by the fake, taken in by the site's own view ------------------------------

    def deliver(self, event_ids: Iterable[str] | None = None, times: int = 1) -> set[int]:
        """Every event so far, or those, in their order; the answers' statuses."""
        events = [row["id"] for row in self.stripe.objects("event")]
        chosen = events if event_ids is None else list(event_ids)
        return {self.post(key) for key in chosen for _time in range(times)}

    def post(self, event_id: str) -> int:
        signed = self.stripe.signed(event_id)
        return self.client.post(
            reverse("payments:stripe_webhook"),
            signed.body,
            content_type="application/json",
            headers={"Stripe-Signature": signed.header},
        ).status_code

    # Afterwards ---------------------------------------------------------------------------------

    def outcome(self) -> Outcome:
        """How it stands once every job has been done."""
        self.run_jobs()
        return outcome_of(self.membership)

    def payment(self) -> Payment:
        return self.charge.payments.latest("created_at")


def outcome_of(membership: Membership) -> Outcome:
    reference = audit.reference(membership)
    papers = Counter(
        Invoice.objects.filter(charge__reference=reference).values_list("kind", flat=True)
    )
    mails = Message.objects.filter(about=reference, template__in=TELLING, state=MessageState.SENT)
    return Outcome(
        membership=Membership.objects.get(pk=membership.pk).status,
        activations=audit.history(membership).filter(action="membership.active").count(),
        receipts=papers["invoice"],
        credit_notes=papers["credit_note"],
        mails=dict(Counter(mails.values_list("template", flat=True))),
    )
