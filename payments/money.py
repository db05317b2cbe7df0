"""Money: whole øre, one rounding, one format."""

import re
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

#: VAT rates are whole hundredths of a percent: 2500 is 25 %.
STANDARD_VAT_RATE = 2500


#: 7000, 7.000, 1.234,50: dots group thousands and nothing else, øre follow a comma.
AMOUNT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,([0-9]{1,2}))?")


def vat_of(net: int, rate: int) -> int:
    """VAT in øre of a net amount in øre, half up (momsbekendtgørelsen: from net, per category).

    ``rate`` in hundredths of a percent.
    """
    exact = Decimal(net) * rate / 10_000
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def share_of(amount: int, part: int, whole: int) -> int:
    """The øre of ``amount`` that fall to ``part`` of ``whole``, half up."""
    return int((Decimal(amount) * part / whole).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def gross_of(net: int, rate: int) -> int:
    return net + vat_of(net, rate)


def format_amount(amount: int) -> str:
    """øre as Danish readers write it: 7.000, or 1.234,50 when there are øre."""
    sign = "-" if amount < 0 else ""
    kroner, rest = divmod(abs(amount), 100)
    whole = f"{kroner:,}".replace(",", ".")
    return f"{sign}{whole},{rest:02d}" if rest else f"{sign}{whole}"


def format_kroner(amount: int) -> str:
    """øre with the currency: 7.000 kr."""
    return _("%(amount)s kr.") % {"amount": format_amount(amount)}


def format_rate(rate: int) -> str:
    """A VAT rate as text: 25 %."""
    return f"{Decimal(rate) / 100:g} %".replace(".", ",")


def parse_kroner(text: str) -> int:
    """Kroner as a person types them (7000, 7.000, 7.000,50) in øre; ValueError when they aren't."""
    cleaned = text.strip().removesuffix("kr.").removesuffix("kr").strip().replace(" ", "")
    found = AMOUNT.fullmatch(cleaned)
    if found is None:
        raise ValueError(text)
    whole, fraction = found.groups()
    return int(whole.replace(".", "")) * 100 + int((fraction or "0").ljust(2, "0"))
