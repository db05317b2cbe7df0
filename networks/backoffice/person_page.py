"""A person's own page: memberships with their part in each, seats, mails and history."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms import audit
from cms.backoffice.action_bar import ActionBarView
from cms.backoffice.history import actor_label
from cms.backoffice.listing import status_tag
from cms.backoffice.timeline import Event, Timeline
from networks.backoffice.membership_page import Glance, when
from networks.backoffice.membership_rows import membership_line, open_sums, visible_memberships
from networks.backoffice.timeline import MAIL, kind_of, kinds_for
from networks.backoffice.wording import action_label, message_state, message_tone, shown_body
from networks.models import Meeting, Membership, Participant, Seat
from networks.policies import message_policy
from networks.services.meeting_seats import coming


class PersonInspectView(ActionBarView):
    """Each part is asked of its own policy: a coordinator sees nothing of other networks."""

    template_name = "networks/backoffice/person.html"

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("municipality")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person, user = self.instance, self.request.user
        mine = Participant.objects.filter(email=person.email).values("membership_id")
        memberships = visible_memberships(
            user, Q(contact=person) | Q(invoice_contact=person) | Q(pk__in=mine)
        )
        sums = open_sums(user, memberships)
        return super().get_context_data(
            **{
                "glance": self.glance(),
                "memberships": [
                    {**membership_line(each, sums), "part": self._part(each)}
                    for each in memberships
                ],
                "sees_money": sums is not None,
                "seats": self.seats(memberships),
                "timeline": Timeline(self.events(), kinds_for(user), self.request.GET),
                **kwargs,
            }
        )

    def glance(self) -> list[Glance]:
        person = self.instance
        place = person.municipality
        may = self.request.user.has_perm("networks.view_municipality")
        place_url = reverse("municipalities:inspect", args=[place.pk]) if place and may else ""
        said: list[Glance] = [
            (_("Work e-mail"), person.email, f"mailto:{person.email}"),
            (_("Job title"), person.job_title, ""),
            (_("Phone"), person.phone, f"tel:{person.phone.replace(' ', '')}"),
            (_("Municipality"), place, place_url),
            (_("Address confirmed"), when(person.confirmed_at) or _("No"), ""),
        ]
        return [fact for fact in said if fact[1]]

    def _part(self, membership: Membership) -> Any:
        if membership.contact_id == self.instance.pk:
            return _("Contact")
        if membership.invoice_contact_id == self.instance.pk:
            return _("Invoice contact")
        return _("Participant")

    def seats(self, memberships: list[Membership]) -> QuerySet[Seat]:
        """Those at coming meetings, by date."""
        now = timezone.now()
        rows = Seat.objects.current().filter(
            participant__email=self.instance.email,
            membership__in=[each.pk for each in memberships],
            meeting__in=Meeting.objects.filter(coming(now)).values("pk"),
        )
        related = rows.select_related("meeting__season__page")
        return related.order_by("meeting__starts_at", "meeting_id")

    def events(self) -> Iterator[Event]:
        """What was changed, and the mails to the address."""
        person = self.instance
        for entry in audit.history(person):
            yield Event(
                entry.at,
                kind_of(entry.action),
                action_label(entry.action),
                actor=actor_label(entry),
                reason=entry.reason,
            )
        visible = message_policy.instances_user_has_permission_for(self.request.user, "view")
        for message in visible.filter(to_email=person.email).defer("attachments", "links"):
            yield Event(
                message.created_at,
                MAIL,
                message.subject,
                details=[message.error] if message.error else [],
                url=reverse("cms_message_modeladmin_inspect", args=[quote(message.pk)]),
                status=status_tag(message_state(message), message_tone(message)),
                text=shown_body(message),
            )
