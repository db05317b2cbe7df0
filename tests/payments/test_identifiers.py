"""Check digits of GLN, CVR, IBAN and payment slips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.identifiers import (
    fik_reference,
    is_valid_cvr,
    is_valid_fik_reference,
    is_valid_gln,
    is_valid_iban,
)


@pytest.mark.parametrize("number", ["5790000000012", "4006381333931", "0000000000000"])
def test_a_gln_with_its_check_digit(number):
    assert is_valid_gln(number)


@pytest.mark.parametrize(
    "number",
    [
        "5790000000013",
        "579000000001",
        "57900000000120",
        "579000000001x",
        "",
        "５７９００００００００１２",
    ],
)
def test_anything_else_is_no_gln(number):
    assert not is_valid_gln(number)


@pytest.mark.parametrize("number", ["12345674", "10000009"])
def test_a_cvr_number_with_its_check_digit(number):
    assert is_valid_cvr(number)


@pytest.mark.parametrize(
    "number", ["12345678", "1234567", "123456740", "DK123456", "", "1234567４"]
)
def test_anything_else_is_no_cvr_number(number):
    assert not is_valid_cvr(number)


@given(st.text("0123456789", min_size=12, max_size=12))
def test_exactly_one_digit_completes_a_gln(stem):
    assert sum(is_valid_gln(stem + digit) for digit in "0123456789") == 1


@given(st.text("0123456789", min_size=8, max_size=8), st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(number, place, shift):
    wrong = str((int(number[place]) + shift) % 10)
    changed = number[:place] + wrong + number[place + 1 :]
    assert not (is_valid_cvr(number) and is_valid_cvr(changed))


@pytest.mark.parametrize("number", ["DK5000400440116243", "DK50 0040 0440 1162 43"])
def test_an_iban_has_right_check_digits(number):
    assert is_valid_iban(number)


@pytest.mark.parametrize("number", ["", "DK5000400440116244", "5000400440116243", "DK50æ"])
def test_another_is_no_iban(number):
    assert not is_valid_iban(number)


def test_a_payment_slips_reference_ends_in_its_check_digit():
    reference = fik_reference(202600000042)
    assert len(reference) == 15
    assert is_valid_fik_reference(reference)
    wrong = reference[:-1] + str((int(reference[-1]) + 1) % 10)
    assert not is_valid_fik_reference(wrong)
    assert not is_valid_fik_reference(reference[:-1])


def test_the_check_digit_is_modulus_10_with_weights_1_and_2():
    # 1·1 + 2·2 + 3·1 + 4·2 + … with two-digit products' digits added.
    assert fik_reference(12345678901234) == "123456789012347"
