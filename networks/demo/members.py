"""The demo's memberships, in all states, made by the services that visitors use."""

from datetime import timedelta
from itertools import count

from django.db.models import F
from django.utils import timezone

from cms.audit import SYSTEM, VISITOR
from cms.messages.models import Message, MessageState
from networks.demo.site import DemoSite
from networks.models import Membership, Municipality, NetworkPage
from networks.rules.eligibility import OrganisationKind
from networks.rules.states import Status
from networks.services import confirmation, lifecycle, participants, signup, terms, waitlist
from networks.services.application import Application, ParticipantEntry
from networks.services.meeting_seats import coming_meetings
from payments.models import Charge, PaymentMethod
from payments.services import bank

#: First names of nobody in particular; the surname says that they are examples.
NAMES = (
    *("Anna", "Bo", "Clara", "David", "Emma", "Frederik", "Gry", "Henrik", "Ida", "Jens"),
    *("Karen", "Lars", "Mette", "Niels", "Olivia", "Peter", "Rikke", "Søren", "Tine", "Ulla"),
    *("Viggo", "Winnie", "Åse", "Ebbe", "Ditte", "Kaj", "Lone", "Mads", "Nora", "Ove"),
    *("Pia", "Rasmus", "Signe", "Tom", "Ulrik", "Vera", "Yrsa", "Østen", "Bente", "Carl"),
)

JOIN_REASON = "Demoindhold"


class MemberMaker:
    """Signs invented people up, each from another municipality."""

    def __init__(self) -> None:
        self._municipalities = iter(Municipality.objects.exclude(mail_domains=""))
        self._numbers = count()

    def sign_up(
        self,
        network: NetworkPage,
        *,
        domain: str = "",
        method: str = "",
        municipality: Municipality | None = None,
    ) -> Membership:
        number = next(self._numbers)
        municipality = municipality or next(self._municipalities)
        name = NAMES[number % len(NAMES)]
        host = domain or municipality.domains[0]
        season = next(iter(terms.open_seasons(terms.terms_of(network))), None)
        fee = season.fee(timezone.now()) if season else 0
        result = signup.sign_up(
            Application(
                network=network,
                season_id=season.key if season else None,
                organisation=OrganisationKind.MUNICIPALITY,
                municipality=municipality,
                name=f"{name} Eksempel",
                email=f"{_ascii(name)}{number}.eksempel@{host}",
                job_title=("Kulturchef", "Konsulent", "Fritidschef", "Planlægger")[number % 4],
                phone="00 00 00 00",
                participants=_participants(number, host) if method else (),
                method=method,
                buyer=_buyer(municipality) if method else {},
                accepted_net=fee or 0,
            )
        )
        assert result.membership is not None
        return result.membership

    def member(self, network: NetworkPage, *, method: str = "") -> Membership:
        membership = self.sign_up(network, method=method)
        return _confirm(membership)


_LETTERS: dict[int, str] = {ord("æ"): "ae", ord("ø"): "oe", ord("å"): "aa"}


def _ascii(name: str) -> str:
    return name.lower().translate(_LETTERS)


def _confirm(membership: Membership) -> Membership:
    _outcome, membership = confirmation.confirm(membership.pk, accepted_net=membership.accepted_net)
    return membership


def _participants(number: int, host: str) -> tuple[ParticipantEntry, ...]:
    """Two, one or nobody yet."""
    return tuple(
        ParticipantEntry(
            f"{NAMES[(number + step) % len(NAMES)]} Eksempel",
            f"deltager{number}-{step}@{host}",
            "Facilitetsansvarlig",
        )
        for step in range(number % 3)
    )


def _buyer(municipality: Municipality) -> dict[str, str]:
    return {
        "buyer_name": municipality.official_name,
        "buyer_cvr": municipality.cvr,
        # Fictitious, with a valid check digit.
        "buyer_gln": "5798009811578",
        "buyer_reference": "Fritid og kultur",
        "order_number": "",
        "account_string": "",
        "buyer_street": "Rådhuspladsen 1",
        "buyer_postal_code": "0000",
        "buyer_city": municipality.name,
        "buyer_contact": "Bogholderiet",
        "buyer_email": f"faktura@{municipality.domains[0]}",
    }


def build_members(site: DemoSite) -> None:
    """Some forty memberships; nothing is mailed for them."""
    maker = MemberMaker()
    _leisure(maker, site.leisure)
    _art(maker, site.art)
    _culture(maker, site.culture)
    _spread_over_time()
    Message.objects.filter(state=MessageState.QUEUED).update(
        state=MessageState.SENT, sent_at=timezone.now()
    )


def _leisure(maker: MemberMaker, network: NetworkPage) -> None:
    """A municipality's network with a fee: e-invoice and card, paid and unpaid, left."""
    members = [maker.member(network, method=PaymentMethod.INVOICE) for _number in range(11)]
    for membership in members[:5]:
        _pay(membership)
    _take_part(next(member for member in members if member.participants.count() == 2))
    lifecycle.cancel(members[6].pk, actor=SYSTEM, reason=JOIN_REASON)
    for paid in (True, True, False):
        membership = maker.sign_up(network, method=PaymentMethod.CARD)
        if paid:
            _pay(membership)
    expired = maker.sign_up(network, method=PaymentMethod.CARD)
    Membership.objects.filter(pk=expired.pk).update(deadline=timezone.now())
    lifecycle.expire_if_due(expired.pk)
    maker.sign_up(network, method=PaymentMethod.INVOICE)
    pending = maker.sign_up(network, method=PaymentMethod.INVOICE, domain="idraetscenter.example")
    _confirm(pending)
    municipality = members[0].municipality
    maker.sign_up(network, method=PaymentMethod.INVOICE, municipality=municipality)


def _take_part(membership: Membership) -> None:
    """Of two who come every time one is swapped at the second meeting, and a third comes as an
    extra to the first."""
    first, second, *_rest = coming_meetings(membership)
    one = membership.participants.first()
    assert one is not None
    host = one.email.rpartition("@")[2]
    substitute = ParticipantEntry("Vikar Eksempel", f"vikar.eksempel@{host}", "Planlægger")
    participants.swap(membership.pk, second.pk, leaving=one.pk, entry=substitute, actor=VISITOR)
    third = ParticipantEntry("Ekstra Eksempel", f"ekstra@{host}", "Driftsleder", (first.pk,))
    price = first.season.extra_price or 0
    participants.name(membership.pk, third, actor=VISITOR, as_extra=True, accepted_net=price)


def _pay(membership: Membership) -> None:
    for charge in Charge.objects.filter(reference=f"networks.membership:{membership.pk}"):
        bank.settle_outside_stripe(charge)


def _art(maker: MemberMaker, network: NetworkPage) -> None:
    """A free network for persons: members, one rejected, one withdrawn, one that ended."""
    members = [maker.member(network) for _number in range(8)]
    lifecycle.cancel(members[0].pk, actor=SYSTEM, reason=JOIN_REASON)
    rejected = _confirm(maker.sign_up(network, domain="galleri.example"))
    lifecycle.reject(rejected.pk, actor=SYSTEM, reason="Ikke ansat i en kommune")
    withdrawn = maker.sign_up(network)
    lifecycle.withdraw(withdrawn.pk, actor=SYSTEM, reason=JOIN_REASON)
    _confirm(maker.sign_up(network, domain="kulturskolen.example"))
    maker.sign_up(network)


def _culture(maker: MemberMaker, network: NetworkPage) -> None:
    """Full: a waiting list, and a freed place that is offered."""
    members = [maker.member(network) for _number in range(12)]
    for _number in range(3):
        _confirm(maker.sign_up(network))
    maker.sign_up(network)
    lifecycle.cancel(members[3].pk, actor=SYSTEM, reason="Nyt job")
    waitlist.fill_places(network.pk)


def _spread_over_time() -> None:
    """As if they had come over the last months; what still runs against a clock stays as it is."""
    settled = [Status.ACTIVE, Status.ENDED, Status.REJECTED, Status.WITHDRAWN, Status.EXPIRED]
    memberships = Membership.objects.filter(status__in=settled).order_by("signed_up_at")
    for number, membership in enumerate(memberships):
        earlier = timedelta(days=3 * (len(memberships) - number))
        Membership.objects.filter(pk=membership.pk).update(
            signed_up_at=F("signed_up_at") - earlier,
            activated_at=F("activated_at") - earlier,
            address_confirmed_at=F("address_confirmed_at") - earlier,
        )
