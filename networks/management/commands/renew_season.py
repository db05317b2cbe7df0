"""The year change by hand: what the hourly job does, with a summary of it."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from networks.models import NetworkPage, Season
from networks.rules.renewal import Hold
from networks.services import renewal
from networks.services.years import hold_text, networks_without_next_season
from payments import money


class Command(BaseCommand):
    help = (
        "Announces and charges what is due of the seasons to come; run twice it does nothing "
        "twice. Ends with 1 when a membership is held."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--network", metavar="SLUG", help="only this network's seasons")
        which.add_argument("--season", metavar="ID", type=int, help="only this season")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        seasons = self._seasons(options["network"], options["season"])
        held = 0
        for season in seasons:
            outcome = renewal.outlook(season) if options["dry_run"] else renewal.run(season.pk)
            self._say(outcome, season)
            held += outcome.held.total()
        held += self._say_missing(options["network"]) if options["season"] is None else 0
        if not seasons and not held:
            self.stdout.write(_("Nothing is due."))
        if held:
            raise CommandError(_("Held: %(number)s.") % {"number": held}, returncode=1)

    def _seasons(self, slug: str | None, season_id: int | None) -> list[Season]:
        due = renewal.due_seasons(timezone.localdate())
        if slug is not None:
            networks = NetworkPage.objects.filter(slug=slug)
            if not networks.exists():
                raise CommandError(f"No network has the slug {slug!r}.", returncode=2)
            keys = {network.facts.pk for network in networks}
            return [season for season in due if season.page_id in keys]
        if season_id is not None:
            if not Season.objects.filter(pk=season_id).exists():
                raise CommandError(f"No season has the key {season_id}.", returncode=2)
            return [season for season in due if season.pk == season_id]
        return due

    def _say(self, outcome: renewal.Outcome, season: Season) -> None:
        self.stdout.write(f"{season.page.title}, {season.name}")
        self.stdout.write("  " + _("Announced: %(number)s") % {"number": outcome.announced})
        self.stdout.write(
            "  "
            + _("Charged: %(number)s, %(sum)s excl. VAT")
            % {"number": outcome.charged, "sum": money.format_kroner(outcome.net)}
        )
        self.stdout.write("  " + _("Free of charge: %(number)s") % {"number": outcome.free})
        self._say_held(outcome.held)

    def _say_held(self, held: Counter[Hold]) -> None:
        for hold, number in held.items():
            text = _("Held: %(number)s. %(reason)s")
            self.stderr.write("  " + text % {"number": number, "reason": hold_text(hold)})

    def _say_missing(self, slug: str | None) -> int:
        held = 0
        for network, members in networks_without_next_season(timezone.localdate()):
            if slug in (None, network.slug):
                self.stdout.write(network.title)
                self._say_held(Counter({Hold.NO_SEASON: members}))
                held += members
        return held
