"""Check digits of GLN and CVR."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.identifiers import is_valid_cvr, is_valid_gln


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
