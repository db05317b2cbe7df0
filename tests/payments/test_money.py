"""Money: whole øre, rounded in one place, written as Danish readers write it."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from payments import money

AMOUNTS = st.integers(-(10**12), 10**12)


@pytest.mark.parametrize(
    ("net", "rate", "vat"),
    [
        (700_000, 2500, 175_000),
        (520_000, 2500, 130_000),
        (330_000, 2500, 82_500),
        (150_000, 2500, 37_500),
        (1, 2500, 0),  # 0.25 øre
        (2, 2500, 1),  # 0.5 øre: half up
        (3, 2500, 1),
        (6, 2500, 2),  # 1.5 øre: half up, not to even
        (10, 2500, 3),  # 2.5 øre: half up, not to even
        (-2, 2500, -1),  # a credit mirrors its charge
        (-10, 2500, -3),
        (700_000, 0, 0),
        (0, 2500, 0),
        (10_000, 1250, 1_250),
    ],
)
def test_vat_of_a_net_amount(net, rate, vat):
    assert money.vat_of(net, rate) == vat
    assert money.gross_of(net, rate) == net + vat


@given(AMOUNTS, st.integers(0, 10_000))
def test_vat_is_within_half_an_ore_and_a_credit_takes_off_what_was_put_on(net, rate):
    assert abs(money.vat_of(net, rate) - Decimal(net) * rate / 10_000) <= Decimal("0.5")
    assert money.vat_of(-net, rate) == -money.vat_of(net, rate)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0"),
        (5, "0,05"),
        (100, "1"),
        (700_000, "7.000"),
        (875_050, "8.750,50"),
        (123_456_789, "1.234.567,89"),
        (-700_000, "-7.000"),
        (-5, "-0,05"),
    ],
)
def test_an_amount_is_written_the_danish_way(amount, text):
    assert money.format_amount(amount) == text


def test_kroner_carry_the_currency():
    with translation.override("en"):
        assert money.format_kroner(700_000) == "7.000 kr."


@pytest.mark.parametrize(("rate", "text"), [(2500, "25 %"), (1250, "12,5 %"), (0, "0 %")])
def test_a_rate_is_written_as_percent(rate, text):
    assert money.format_rate(rate) == text


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("7000", 700_000),
        ("7.000", 700_000),
        (" 7.000 kr. ", 700_000),
        ("7.000,50", 700_050),
        ("7000,5", 700_050),
        ("0", 0),
        ("1.234.567,89 kr", 123_456_789),
    ],
)
def test_kroner_are_read_as_people_type_them(text, amount):
    assert money.parse_kroner(text) == amount


@pytest.mark.parametrize(
    "text", ["", "kr.", "-5", "syv", "7,000,5", "7,005", "7,-", "1e3", "7.000,5x", ",50", "½"]
)
def test_anything_else_is_no_amount(text):
    with pytest.raises(ValueError, match=r".*"):
        money.parse_kroner(text)


@given(st.integers(0, 10**12))
def test_what_is_written_is_read_back(amount):
    assert money.parse_kroner(money.format_amount(amount)) == amount
