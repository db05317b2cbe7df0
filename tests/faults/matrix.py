"""Every fault that money is to survive, what is required then, and the tests that prove it.

``test_matrix.py`` fails for a row without a proof, and for a proof that is no test. A proof is
``module::test`` or ``module::Class::test``, below ``tests/``. After each fault: one state of the
membership, one receipt, one mail, and sums that agree with Stripe's; ``tests/faults`` proves that
of a membership, ``tests/payments`` of what is below it.
"""

from typing import NamedTuple

WEBHOOKS = "payments/test_webhooks.py"
CHECKOUT = "payments/services/test_checkout.py"
SYNCHRONISATION = "payments/services/test_synchronisation.py"
REFUNDS = "payments/services/test_refunds.py"
DASHBOARD = "payments/services/test_dashboard_refunds.py"
RECONCILIATION = "payments/services/test_reconciliation.py"
EXPIRY = "payments/services/test_expiry.py"
SETTLEMENT = "networks/services/test_settlement.py"
PAYMENT_PAGE = "networks/public/test_links.py::TestThePaymentPage"
AT_ONCE = "concurrency/test_paying.py"
LATE_OR_TWICE = "faults/test_webhook_faults.py"
MONEY = "faults/test_payment_faults.py"
STORM = "faults/test_storm.py"
KILLED = "faults/test_killed.py"
KILLS = "kill/test_money.py::test_killed_at_50_random_moments_nothing_is_lost_and_nothing_is_twice"
BROWSER = "e2e/test_paying.py"


class Row(NamedTuple):
    fault: str
    outcome: str
    proofs: list[str]


FAULTS = [
    Row(
        "the same webhook 2–5 times",
        "200, no effect",
        [
            f"{LATE_OR_TWICE}::test_the_same_webhook_many_times",
            f"{WEBHOOKS}::test_the_same_event_five_times_has_one_effect",
            f"{WEBHOOKS}::test_a_duplicate_does_not_ask_stripe_again",
        ],
    ),
    Row(
        "deliveries at the same moment",
        "one applies, the rest do nothing",
        [
            f"{WEBHOOKS}::test_all_events_at_the_same_moment_have_one_effect",
            f"{SYNCHRONISATION}::test_syncing_at_the_same_moment_tells_once",
            f"{AT_ONCE}::test_paid_at_stripe_webhook_return_page_and_clock_agree_that_it_is_active",
            f"{STORM}::test_after_a_hundred_webhooks_everything_is_equal",
        ],
    ),
    Row(
        "any order of deliveries",
        "same final state",
        [
            f"{LATE_OR_TWICE}::test_any_order_of_deliveries",
            f"{WEBHOOKS}::test_any_order_of_deliveries_ends_the_same",
            f"{SYNCHRONISATION}::test_old_news_never_undoes_paid",
            f"{STORM}::test_after_a_hundred_webhooks_everything_is_equal",
            f"{STORM}::test_after_a_thousand_webhooks_everything_is_equal",
        ],
    ),
    Row(
        "webhook before the buyer returns",
        "the return page shows paid",
        [f"{LATE_OR_TWICE}::test_the_webhook_before_the_buyer_returns"],
    ),
    Row(
        "buyer returns before, or without, a webhook",
        'the return page asks Stripe; unpaid shows "processing" and polls',
        [
            f"{LATE_OR_TWICE}::test_the_buyer_returns_and_no_webhook_comes",
            f"{LATE_OR_TWICE}::test_the_buyer_returns_before_the_webhook",
            f"{LATE_OR_TWICE}::test_the_buyer_returns_unpaid_and_looks_again",
            f"{PAYMENT_PAGE}::test_shows_paid_to_a_buyer_who_is_back_before_the_webhook",
        ],
    ),
    Row(
        "webhook and return both lost",
        "reconciliation finds it within five minutes",
        [
            f"{LATE_OR_TWICE}::test_webhook_and_return_both_lost_it_is_found_within_five_minutes",
            f"{LATE_OR_TWICE}::test_the_reconciliation_runs_more_often_than_every_five_minutes",
            f"{RECONCILIATION}::test_webhook_and_return_both_lost_it_is_found",
        ],
    ),
    Row(
        "bad or missing signature; signed over 300 s ago or in the future",
        "400, nothing stored; a fresh retry works",
        [
            f"{WEBHOOKS}::test_without_a_signature_it_is_refused",
            f"{WEBHOOKS}::test_a_changed_body_is_refused",
            f"{WEBHOOKS}::test_signed_too_long_ago_or_in_the_future_it_is_refused",
            f"{WEBHOOKS}::test_without_a_secret_nothing_is_believed",
            f"{WEBHOOKS}::test_signed_nonsense_is_refused",
        ],
    ),
    Row(
        "wrong amount, currency or mode",
        "never activates; needs review, alert",
        [
            f"{LATE_OR_TWICE}::test_a_wrong_sum_currency_or_mode_never_activates",
            f"{SYNCHRONISATION}::test_money_that_is_not_what_was_asked_for_never_pays",
            f"{CHECKOUT}::test_a_session_that_is_not_what_was_asked_for_is_not_shown",
        ],
    ),
    Row(
        "unknown session or event type",
        "200, logged",
        [
            f"{WEBHOOKS}::test_foreign_sessions_and_unknown_types_are_none_of_ours",
            f"{WEBHOOKS}::test_a_live_event_at_a_test_key_is_none_of_ours",
        ],
    ),
    Row(
        "complete but unpaid (asynchronous)",
        "stays pending; success activates, failure reopens",
        [
            f"{LATE_OR_TWICE}::test_complete_but_unpaid_success_activates",
            f"{LATE_OR_TWICE}::test_complete_but_unpaid_failure_reopens",
            f"{SYNCHRONISATION}::test_a_payment_under_way_that_fails_opens_the_way_for_another",
        ],
    ),
    Row(
        "paid after our deadline",
        "impossible: the session is expired at Stripe before the place is released; a lost race "
        "is recorded and handled",
        [
            f"{MONEY}::test_after_the_deadline_nobody_can_pay_since_the_page_was_closed_first",
            f"{SETTLEMENT}::TestTheDeadline::"
            "test_the_payment_page_is_closed_before_the_place_is_released",
            f"{SETTLEMENT}::TestTheDeadline::test_paid_in_that_moment_it_is_active_instead",
            f"{AT_ONCE}::test_the_buyer_pays_in_the_moment_the_page_is_closed",
            f"{AT_ONCE}::test_a_page_opened_while_the_place_is_released_is_never_left_open",
            f"{EXPIRY}::test_paying_and_expiring_at_the_same_moment_one_wins",
        ],
    ),
    Row(
        "paid after cancellation, or the place is gone",
        "the money is recorded; nobody is displaced; review or refund, both sides told",
        [
            f"{MONEY}::"
            "test_paid_after_it_was_credited_the_money_is_recorded_and_nobody_is_displaced",
            f"{SETTLEMENT}::TestLateMoney::"
            "test_it_is_recorded_displaces_nobody_and_the_payer_is_told",
        ],
    ),
    Row(
        "two attempts paid",
        "the first counts; the second is refunded once, without a credit note: the invoice stands",
        [
            f"{MONEY}::test_of_two_attempts_paid_the_second_goes_back_once_and_the_invoice_stands",
            f"{SYNCHRONISATION}::test_two_attempts_paid_at_the_same_moment_count_once",
        ],
    ),
    Row(
        "refund in the dashboard, partial or failed",
        "derived from Refund objects; credit note with net and VAT by proportion, the last one "
        "taking the remainder; membership as the policy says",
        [
            f"{DASHBOARD}::test_a_part_is_credited_with_its_share_of_the_vat_and_the_rest_stays_paid",
            f"{DASHBOARD}::test_several_parts_take_exactly_what_was_charged",
            f"{DASHBOARD}::test_heard_by_all_ways_at_once_it_is_credited_once",
            f"{MONEY}::test_refunded_in_the_dashboard_in_parts_each_has_its_credit_note",
            f"{MONEY}::test_a_refund_of_the_dashboard_under_way_is_credited_once_and_followed",
            f"{MONEY}::test_a_refund_of_the_dashboard_that_failed_changes_nothing",
            f"{STORM}::test_after_a_hundred_webhooks_everything_is_equal",
        ],
    ),
    Row(
        "dispute opened, won, lost",
        "flag and alert; nobody removed by a machine",
        [
            f"{MONEY}::test_a_dispute_is_flagged_and_told_and_removes_nobody",
            f"{SYNCHRONISATION}::test_a_dispute_is_flagged_and_takes_nothing_away",
        ],
    ),
    Row(
        "429, 500, timeout at creation",
        'the sign-up is kept; "try again" uses the same key',
        [
            f"{MONEY}::test_at_creation_the_sign_up_is_kept_and_trying_again_uses_the_same_key",
            f"{MONEY}::test_a_failure_that_stripe_keeps_under_the_key_gives_way_to_another_attempt",
            f"{CHECKOUT}::test_trying_again_uses_the_same_key",
        ],
    ),
    Row(
        "killed after Stripe's answer, before our commit",
        "retry returns the same session",
        [
            f"{KILLED}::test_killed_after_stripes_answer_the_retry_finds_the_same_session",
            KILLS,
        ],
    ),
    Row(
        "rollback after Stripe's success",
        "500, event unclaimed, the retry succeeds, no mail",
        [
            f"{LATE_OR_TWICE}::"
            "test_a_failure_after_stripes_success_is_a_500_and_the_retry_succeeds",
            f"{WEBHOOKS}::test_after_a_failure_the_event_is_not_claimed",
        ],
    ),
    Row(
        "killed after commit, before mail",
        "the mail is sent later, once",
        [
            f"{MONEY}::test_killed_after_the_commit_and_before_the_mail_it_is_sent_later_and_once",
            KILLS,
        ],
    ),
    Row(
        "reply to a refund lost",
        "same key, one refund",
        [
            f"{MONEY}::test_a_reply_to_a_refund_lost_one_refund",
            f"{REFUNDS}::test_a_lost_reply_makes_no_second_refund",
            f"{REFUNDS}::test_a_day_later_when_stripe_forgot_the_key_it_is_known_again",
        ],
    ),
    Row(
        "webhook secret rotated",
        "old and new accepted during the overlap",
        [f"{WEBHOOKS}::test_while_a_secret_is_rotated_both_are_good"],
    ),
    Row(
        "API key revoked",
        "alert; paying is off, sign-up and invoices work",
        [
            f"{MONEY}::test_with_the_key_revoked_sign_up_and_invoices_work_and_no_page_is_promised",
            f"{CHECKOUT}::test_a_revoked_key_turns_card_payment_off_for_a_while",
        ],
    ),
    Row(
        "Stripe or our webhook down for days",
        "reconciliation from the event cursor, with overlap, catches up; alert on the cursor's age",
        [
            f"{RECONCILIATION}::test_finance_is_told_once_that_stripe_is_silent",
            f"{LATE_OR_TWICE}::test_the_webhook_down_for_days",
            f"{MONEY}::test_stripe_down_for_days_what_was_under_way_is_found_when_it_is_back",
            f"{RECONCILIATION}::test_what_the_webhook_missed_for_days_is_caught_up",
            f"{RECONCILIATION}::test_events_are_read_again_with_an_overlap",
        ],
    ),
    Row(
        'double click on "pay"; Back after paying',
        "one session; shows paid",
        [
            f"{BROWSER}::test_a_double_click_on_pay_makes_one_session",
            f"{BROWSER}::test_back_after_paying_shows_paid",
            f"{AT_ONCE}::test_two_who_press_pay_at_once_are_sent_to_one_page",
        ],
    ),
    Row(
        "opened without the signed link",
        "the return page shows nothing",
        [
            "networks/public/test_links.py::TestOpeningALink::test_a_link_opens_what_it_was_made_for_"
            "and_nothing_else"
        ],
    ),
]
