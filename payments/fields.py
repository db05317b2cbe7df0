"""Model fields for money: whole øre and VAT rates in the database, what people write in forms."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from payments import money


class KronerFormField(forms.CharField):
    """Kroner as a person types them, 7.000 or 7.000,50; whole øre in Python."""

    def prepare_value(self, value: Any) -> Any:
        return money.format_amount(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return money.parse_kroner(text)
        except ValueError as error:
            raise ValidationError(_("Write an amount in kroner, for example 7.000.")) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True


class KronerField(models.BigIntegerField):
    """Whole øre in the database, kroner in forms."""

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(self, **{"form_class": KronerFormField, **kwargs})


class PercentFormField(forms.CharField):
    """A VAT rate as a person types it, 25 or 12,5; hundredths of a percent in Python."""

    def prepare_value(self, value: Any) -> Any:
        return money.format_rate(value).removesuffix(" %") if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        text = (super().to_python(value) or "").removesuffix("%").strip()
        if not text:
            return None
        try:
            rate = money.parse_kroner(text)
        except ValueError as error:
            raise ValidationError(_("Write a percentage, for example 25.")) from error
        if rate > 10_000:
            raise ValidationError(_("Write a percentage, for example 25."))
        return rate

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True


class PercentField(models.PositiveIntegerField):
    """Hundredths of a percent in the database, percent in forms."""

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(self, **{"form_class": PercentFormField, **kwargs})
