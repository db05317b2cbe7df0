"""Demo content: three networks, members in all states, a login for each role."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone, translation

from home.models import HomePage
from networks.demo.desk import build_desk
from networks.demo.meeting_day import build_meeting_day
from networks.demo.members import build_members
from networks.demo.site import LOGINS, PASSWORD, build_site
from networks.demo.taking_part import build_taking_part


class Command(BaseCommand):
    help = "Load the demo content, once; a site that has a front page is left as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Demo content, with its known passwords, is for development only.")
        if HomePage.objects.exists():
            self.stdout.write("There is content already; nothing was changed.")
            return
        with translation.override(settings.LANGUAGE_CODE), transaction.atomic():
            site = build_site(timezone.localdate())
            build_members(site)
            build_meeting_day(site)
            build_taking_part(site)
            build_desk(site)
        self.stdout.write(f"Demo content loaded. Logins: {', '.join(LOGINS)}; password {PASSWORD}")
