"""The hidden field that carries the shown price back, in whole øre; anyone can send anything."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

#: Ten billion kroner: what anyone sends beyond it is no price, and would not fit the table.
HIGHEST = 10**12


def price_field() -> forms.IntegerField:
    return forms.IntegerField(
        required=False, min_value=0, max_value=HIGHEST, widget=forms.HiddenInput
    )


def posted_price(text: Any) -> int:
    """The price that was posted; 0, which accepts nothing that costs, when it is none."""
    try:
        return int(price_field().clean(text) or 0)
    except ValidationError:
        return 0
