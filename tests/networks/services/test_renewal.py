"""The year change: who enters which season, at which price, told when, exactly once."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from cms import audit
from cms.audit import VISITOR
from cms.messages.models import Message
from networks import jobs
from networks.models import Meeting, NetworkPage, PriceStep, Season, SeasonEntry
from networks.rules.renewal import Fate, Hold
from networks.rules.states import Status
from networks.services import lifecycle, renewal, years
from payments.models import Charge, ChargeState
from payments.services import charging
from tests.factories.networks import (
    BUYER,
    LADDER,
    MembershipFactory,
    ParticipantFactory,
    PersonFactory,
    make_network,
    on_day,
    season,
)

pytestmark = pytest.mark.django_db

BEGINS, ENDS = date(2027, 1, 1), date(2027, 12, 31)
ANNOUNCED, CHARGED = date(2026, 11, 2), date(2026, 12, 2)
DAY = timedelta(days=1)


def meetings_in(year: int, number: int = 3) -> list[Meeting]:
    starts = [on_day(date(year, 3 * step, 10)) for step in range(1, number + 1)]
    return [
        Meeting(title=f"Møde {step}", starts_at=start, ends_at=start + timedelta(hours=6))
        for step, start in enumerate(starts, start=1)
    ]


def season_of(year: int, **facts: object) -> Season:
    facts.setdefault("meetings", meetings_in(year))
    return season(name=str(year), starts_on=date(year, 1, 1), ends_on=date(year, 12, 31), **facts)


def two_years(**facts: object) -> NetworkPage:
    """A network whose members are in 2026; 2027 is published, with these facts."""
    return make_network(seasons=[season_of(2026), season_of(2027, **facts)])


def next_season(network: NetworkPage) -> Season:
    return network.seasons.get(name="2027")


def member(network: NetworkPage, **facts: object):
    first = network.seasons.get(name="2026")
    return MembershipFactory(network=network, first_season=first, **{**BUYER, **facts})


def run_on(day: date, network: NetworkPage, **options: object) -> renewal.Outcome:
    with time_machine.travel(on_day(day), tick=False):
        return renewal.run(next_season(network).pk, **options)


def announce_and_charge(network: NetworkPage) -> renewal.Outcome:
    run_on(ANNOUNCED, network)
    return run_on(CHARGED, network)


class TestAnnouncing:
    def test_each_member_is_told_once_with_price_method_dates_and_the_way_out(self):
        network = two_years()
        membership = member(network)
        for day in (ANNOUNCED - DAY, ANNOUNCED, ANNOUNCED, ANNOUNCED + DAY):
            run_on(day, network)
        message = Message.objects.get(template="season_announced")
        assert message.to_email == membership.contact.email
        for said in ("7.000", "2. december 2026", "31. december 2026", "faktura"):
            assert said in message.body, said
        assert [link["name"] for link in message.links] == ["membership"]
        entry = SeasonEntry.objects.get(season=next_season(network))
        assert (entry.price_net, entry.entered_at) == (700_000, None)
        assert not Charge.objects.exists()

    def test_the_invoice_contact_is_told_too(self):
        network = two_years()
        bookkeeper = PersonFactory()
        member(network, invoice_contact=bookkeeper)
        run_on(ANNOUNCED, network)
        assert Message.objects.filter(to_email=bookkeeper.email).count() == 1
        assert Message.objects.count() == 2

    def test_until_the_address_is_confirmed_the_personal_link_is_not_sent(self):
        network = two_years()
        member(network, address_confirmed_at=None)
        run_on(ANNOUNCED, network)
        assert [link["name"] for link in Message.objects.get().links] == ["confirm"]

    def test_a_free_season_is_not_announced(self):
        network = two_years(tariff="free")
        member(network)
        run_on(CHARGED - DAY, network)
        assert not SeasonEntry.objects.exists()

    def test_who_joins_while_others_are_told_is_told_then_and_charged_a_notice_later(self):
        network = two_years()
        run_on(ANNOUNCED, network)
        late = ANNOUNCED + timedelta(days=20)
        membership = member(network)
        run_on(late, network)
        assert run_on(late + timedelta(days=29), network).charged == 0
        assert run_on(late + timedelta(days=30), network).charged == 1
        assert Charge.objects.get().reference == audit.reference(membership)

    def test_a_risen_price_is_announced_anew_and_charged_a_notice_later(self):
        network = two_years()
        member(network)
        run_on(ANNOUNCED, network)
        PriceStep.objects.filter(season=next_season(network), meetings_left=3).update(price=800_000)
        assert run_on(CHARGED, network).announced == 1
        assert Message.objects.filter(template="season_announced").count() == 2
        assert run_on(CHARGED + timedelta(days=29), network).charged == 0
        assert run_on(CHARGED + timedelta(days=30), network).net == 800_000


class TestCharging:
    def test_one_charge_of_the_full_fee_for_the_whole_season(self):
        network = two_years()
        membership = member(network)
        outcome = announce_and_charge(network)
        charge = Charge.objects.get()
        assert (outcome.charged, outcome.net) == (1, LADDER[3])
        assert charge.key == f"membership:{membership.pk}:season:{next_season(network).pk}:1"
        assert (charge.net, charge.vat, charge.gross) == (700_000, 175_000, 875_000)
        assert (charge.period_start, charge.period_end) == (BEGINS, ENDS)
        assert (charge.scope, charge.method) == (f"network:{network.pk}", "invoice")
        assert charge.buyer_gln == BUYER["buyer_gln"]
        assert charge.lines.get().net == charge.net
        entry = SeasonEntry.objects.get(membership=membership)
        assert (entry.price_net, entry.charge_key) == (charge.net, charge.key)
        assert entry.entered_at is not None
        actions = set(audit.history(membership).values_list("action", flat=True))
        assert actions == {"membership.season_announced", "membership.season_entered"}

    def test_however_often_it_runs_there_is_one_charge_and_one_mail_of_each_kind(self):
        network = two_years()
        member(network, method="card")
        for day in (ANNOUNCED, ANNOUNCED, CHARGED, CHARGED, BEGINS, ENDS):
            run_on(day, network)
        assert Charge.objects.count() == 1
        templates = sorted(Message.objects.values_list("template", flat=True))
        assert templates == ["season_announced", "season_to_pay"]

    def test_whenever_it_runs_the_price_is_that_of_all_meetings(self):
        network = two_years()
        member(network)
        run_on(ANNOUNCED, network)
        assert run_on(date(2027, 10, 1), network).net == LADDER[3]

    def test_a_season_that_has_begun_is_caught_up_after_a_notice(self):
        network = two_years()
        member(network)
        late = date(2027, 2, 1)
        assert run_on(late, network).announced == 1
        assert run_on(late + timedelta(days=29), network).charged == 0
        assert run_on(late + timedelta(days=30), network).charged == 1
        assert Charge.objects.get().period_start == BEGINS

    def test_a_season_that_is_over_is_not(self):
        network = two_years()
        member(network)
        outcome = run_on(ENDS + DAY, network)
        assert (outcome.announced, outcome.charged) == (0, 0)

    @pytest.mark.disorder("paid by a word, without a payment")
    def test_card_members_get_a_link_to_pay_and_paying_changes_no_state(self):
        network = two_years()
        membership = member(network, method="card")
        announce_and_charge(network)
        message = Message.objects.get(template="season_to_pay")
        assert [link["name"] for link in message.links] == ["pay"]
        charging.mark_paid(Charge.objects.select_for_update().get())
        membership.refresh_from_db()
        assert membership.state == Status.ACTIVE
        assert Charge.objects.get().state == ChargeState.PAID
        assert not Message.objects.filter(template__in=["welcome", "paid_too_late"]).exists()

    def test_e_invoice_members_get_no_second_mail(self):
        network = two_years()
        member(network)
        announce_and_charge(network)
        assert not Message.objects.filter(template="season_to_pay").exists()

    @pytest.mark.parametrize(
        "tariff",
        [
            {"tariff": "free"},
            {"tariff": "per_person_per_meeting", "price_per_person": 150_000},
        ],
    )
    def test_without_a_season_fee_members_enter_without_a_charge(self, tariff):
        network = two_years(**tariff)
        membership = member(network)
        assert run_on(CHARGED - DAY, network).free == 0
        assert run_on(CHARGED, network).free == 1
        entry = SeasonEntry.objects.get(membership=membership)
        assert (entry.price_net, entry.charge_key) == (0, "")
        assert not Charge.objects.exists()

    def test_standing_participants_take_their_seats_at_the_new_meetings(self):
        network = two_years()
        participant = ParticipantFactory(membership=member(network))
        announce_and_charge(network)
        meetings = participant.seats.values_list("meeting__season__name", flat=True)
        assert list(meetings).count("2027") == 3


class TestWhoIsLeftOut:
    def test_whoever_is_not_active(self):
        network = two_years()
        for status in set(Status) - {Status.ACTIVE}:
            member(network, status=status)
        announce_and_charge(network)
        assert not SeasonEntry.objects.exists()

    def test_whoever_leaves_before_it_begins(self):
        network = two_years()
        leaving = member(network, cancelled_at=timezone.now(), ends_on=BEGINS - DAY)
        staying = member(network, cancelled_at=timezone.now(), ends_on=ENDS)
        assert announce_and_charge(network).charged == 1
        assert Charge.objects.get().reference == audit.reference(staying)
        assert not leaving.entries.exists()

    def test_whoever_cancels_between_the_announcement_and_the_charge(self):
        network = two_years()
        membership = member(network)
        run_on(ANNOUNCED, network)
        with time_machine.travel(on_day(CHARGED - DAY), tick=False):
            cancelled = lifecycle.cancel(membership.pk, actor=VISITOR)
        assert cancelled.ends_on == BEGINS - DAY
        assert run_on(CHARGED, network).charged == 0

    def test_whoever_begins_with_it(self):
        network = two_years()
        MembershipFactory(network=network, first_season=next_season(network))
        announce_and_charge(network)
        assert not Charge.objects.exists()

    def test_another_networks_members(self):
        network, other = two_years(), two_years()
        member(other)
        assert announce_and_charge(network).charged == 0


class TestHolding:
    @pytest.mark.parametrize(
        ("facts", "hold"),
        [
            ({"ladder": {2: 520_000}}, Hold.NO_PRICE),
            ({"meetings": []}, Hold.NO_PRICE),
            ({"prices_confirmed": False}, Hold.PRICES_NOT_CONFIRMED),
        ],
    )
    def test_without_a_price_members_are_held_and_not_charged(self, facts, hold):
        network = two_years(**facts)
        member(network)
        outcome = announce_and_charge(network)
        assert outcome.held == {hold: 1}
        assert not SeasonEntry.objects.exists()
        assert not Message.objects.exists()

    def test_an_unpublished_page_holds_its_members(self):
        network = two_years()
        member(network)
        NetworkPage.objects.filter(pk=network.pk).update(live=False)
        assert announce_and_charge(network).held == {Hold.NOT_PUBLISHED: 1}

    def test_a_season_in_a_draft_is_none(self):
        network = make_network(seasons=[season_of(2026)])
        member(network)
        network.seasons.add(season_of(2027))
        network.save_revision()
        with time_machine.travel(on_day(CHARGED), tick=False):
            assert [row.name for row in renewal.due_seasons(CHARGED)] == ["2026"]
            assert years.networks_without_next_season(CHARGED) == [(network, 1)]

    def test_once_it_has_a_price_they_go_on(self):
        network = two_years(prices_confirmed=False)
        member(network)
        run_on(ANNOUNCED, network)
        next_season(network).__class__.objects.filter(name="2027").update(prices_confirmed=True)
        assert announce_and_charge(network).charged == 1

    def test_who_never_said_how_to_pay_is_held_alone(self):
        network = two_years()
        member(network)
        member(network, method="", buyer_name="")
        outcome = announce_and_charge(network)
        assert (outcome.charged, outcome.held) == (1, {Hold.NO_INVOICE_DETAILS: 1})


class TestThePreview:
    def test_it_says_what_the_run_then_does(self):
        network = two_years()
        for facts in (
            {},
            {"method": "card"},
            {"ends_on": BEGINS - DAY, "cancelled_at": timezone.now()},
            {"method": "", "buyer_name": ""},
            {"first_season": next_season(network)},
        ):
            MembershipFactory(
                network=network,
                **{**BUYER, "first_season": network.seasons.get(name="2026"), **facts},
            )
        with time_machine.travel(on_day(ANNOUNCED), tick=False):
            row = years.coming_seasons(ANNOUNCED).get(name="2027")
            summary = years.summaries([row])[row.pk]
            assert summary == years.summary(each.plan for each in years.plans(row))
        assert summary.total == 5
        assert summary.fates == {
            Fate.CHARGED: 2,
            Fate.LEAVES: 1,
            Fate.HELD: 1,
            Fate.BEGINS: 1,
        }
        outcome = announce_and_charge(network)
        assert (outcome.charged, outcome.net) == (summary.fates[Fate.CHARGED], summary.net)
        assert outcome.held == summary.holds

    def test_a_look_changes_nothing(self):
        network = two_years()
        member(network)
        with time_machine.travel(on_day(ANNOUNCED), tick=False):
            row = years.coming_seasons(ANNOUNCED).get(name="2027")
            assert renewal.outlook(row).announced == 1
        assert not SeasonEntry.objects.exists()


class TestTheJob:
    def test_it_takes_every_season_that_is_due(self, run_jobs):
        networks = [two_years(), two_years()]
        for network in networks:
            member(network)
        with time_machine.travel(on_day(ANNOUNCED), tick=False):
            jobs.change_years()
            run_jobs("networks.change_year")
        with time_machine.travel(on_day(CHARGED), tick=False):
            jobs.change_years()
            run_jobs("networks.change_year")
        assert Charge.objects.count() == 2

    def test_terms_and_members_are_read_once_for_all(self, django_assert_max_num_queries):
        network = two_years()
        for _number in range(12):
            member(network)
        run_on(ANNOUNCED, network)
        with django_assert_max_num_queries(20), time_machine.travel(on_day(CHARGED), tick=False):
            renewal.run(next_season(network).pk)
        assert Charge.objects.count() == 12
        with django_assert_max_num_queries(5), time_machine.travel(on_day(CHARGED), tick=False):
            renewal.run(next_season(network).pk)
