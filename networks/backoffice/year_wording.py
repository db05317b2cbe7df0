"""How the year change is told to administrators."""

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cms.backoffice.listing import CRITICAL, NEUTRAL, POSITIVE, WAITING
from networks.backoffice.membership_page import day
from networks.rules.renewal import Fate, Plan
from networks.services.years import Summary, hold_text

FATE_LABELS = {
    Fate.CHARGED: _("Go on, with a charge"),
    Fate.FREE: _("Go on, free of charge"),
    Fate.ENTERED: _("Have entered"),
    Fate.HELD: _("Held back"),
    Fate.LEAVES: _("Leave before"),
    Fate.BEGINS: _("Begin with this season or later"),
}
FATE_TONES = {Fate.ENTERED: POSITIVE, Fate.HELD: CRITICAL, Fate.CHARGED: WAITING}


def summary_text(summary: Summary) -> str:
    """41 members, 40 charges, 1 held because …"""
    parts = [
        ngettext("%(number)d member", "%(number)d members", summary.total)
        % {"number": summary.total}
    ]
    charged = summary.fates[Fate.CHARGED]
    if charged:
        parts.append(
            ngettext("%(number)d charge", "%(number)d charges", charged) % {"number": charged}
        )
    for hold, number in summary.holds.items():
        parts.append(
            _t("%(number)d held: %(reason)s") % {"number": number, "reason": hold_text(hold)}
        )
    return ", ".join(parts)


def state_of(summary: Summary) -> tuple[Any, str]:
    """How far the season has come, and in which colour."""
    if summary.fates[Fate.HELD]:
        return _("Held back"), CRITICAL
    if summary.fates[Fate.CHARGED] or summary.fates[Fate.FREE]:
        return _("To come"), WAITING
    return (_("Done"), POSITIVE) if summary.total else (_("No members"), NEUTRAL)


def plan_text(plan: Plan, ends_on: Any) -> Any:
    """What happens to one membership, and when."""
    match plan.fate:
        case Fate.CHARGED if plan.announce_on:
            text = _t("Told on %(told)s, charged on %(charged)s")
            return text % {"told": day(plan.announce_on), "charged": day(plan.enter_on)}
        case Fate.CHARGED:
            return _t("Is told; charged on %(charged)s") % {"charged": day(plan.enter_on)}
        case Fate.FREE:
            return _t("Enters on %(date)s, free of charge") % {"date": day(plan.enter_on)}
        case Fate.HELD:
            return hold_text(plan.hold) if plan.hold else ""
        case Fate.LEAVES:
            return _t("Leaves on %(date)s") % {"date": day(ends_on)}
        case Fate.ENTERED:
            return _t("Has entered")
    return _t("Begins with this season or later")
