"""Which region a municipality lies in, by date: from 1 January 2027 Hovedstaden and Sjælland are
Østdanmark (law 699 of 20 June 2025, § 126)."""

from datetime import date

NEW_REGIONS_FROM = date(2027, 1, 1)


def region_field(day: date) -> str:
    """The municipality's field that holds its region on that local date."""
    return "region_2027" if day >= NEW_REGIONS_FROM else "region"
