"""The meeting's day: noting who came, on a phone."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from cms.audit import Actor
from cms.backoffice.rows import RowPage
from networks.backoffice.walk_in import WalkInView
from networks.models import Meeting
from networks.policies import NOTE_ATTENDANCE, meeting_policy
from networks.rules.attendance import noted_at
from networks.services import attendance, calendar
from networks.services.attendance import Expected, Mark, Presence
from networks.services.errors import NotPossible

#: How a mark is written in forms, and what it says.
VALUES: dict[str, bool | None] = {"yes": True, "no": False, "": None}
WORDS = {value: word for word, value in VALUES.items()}
PRESENCE_LABELS = {
    Presence.SEAT: _("Seat"),
    Presence.EXTRA: _("Extra participant"),
    Presence.GUEST: _("Guest"),
}


def came_label(came: bool | None) -> Any:
    return {True: _("Came"), False: _("Did not come"), None: _("Not noted")}[came]


def when_held(meeting: Meeting) -> str:
    """Day and hours in local time, or the text in place of a date."""
    if meeting.starts_at is None or meeting.ends_at is None:
        return meeting.date_text or _t("Date to be announced")
    start, end = timezone.localtime(meeting.starts_at), timezone.localtime(meeting.ends_at)
    hours = "–".join(date_format(moment, _t("G:i")) for moment in (start, end))
    return f"{date_format(start, _t('l j F Y'))}, {hours}"


class MeetingPage(RowPage):
    """A page of one meeting."""

    instance: Meeting

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("season__page", "host", "record")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        meeting = self.instance
        context: dict[str, Any] = super().get_context_data(
            **{
                "meeting": meeting,
                "network": meeting.season.page,
                "when": when_held(meeting),
                "place": calendar.place_of(meeting),
                **kwargs,
            }
        )
        return context


class AttendanceView(MeetingPage):
    """One tap a person. Without JavaScript each tap is a form; with it, marks made without a
    network are kept on the phone and sent later."""

    name = "attendance"
    permission = NOTE_ATTENDANCE
    label = _("Note attendance")
    icon_name = "check"
    template_name = "networks/backoffice/attendance.html"

    @classmethod
    def fits(cls, instance: Meeting) -> bool:
        return attendance.may_note(instance, late=True)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        people = attendance.expected_at(self.instance)
        query = request.GET.get("q", "").strip()
        response: HttpResponseBase = self.render_to_response(
            self.get_context_data(
                people=[person for person in people if _matches(person, query)],
                total=len(people),
                came=sum(person.came is True for person in people),
                query=query,
                is_open=self.is_open,
                walk_in_url=self.walk_in_url if self.is_open else "",
            )
        )
        return response

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if "marks" in request.POST:
            return self.take_queue(request.POST["marks"])
        key, _separator, word = request.POST.get("mark", "").rpartition(":")
        if word in VALUES:
            try:
                self.note([Mark(key, VALUES[word], timezone.now())])
            except NotPossible as error:
                messages.error(request, error.message)
        query = urlencode({"q": request.POST["q"]}) if request.POST.get("q") else ""
        return redirect(f"{request.path}?{query}#{key}")

    def take_queue(self, text: str) -> HttpResponse:
        """Marks as JSON: ``{"sent": ms, "marks": [{"key", "came", "at": ms}]}``, times by the
        phone's clock. Answers with what holds now; also to no marks at all."""
        try:
            marks = _marks(json.loads(text), timezone.now())
        except (
            ValueError,
            TypeError,
            LookupError,
            AttributeError,
            ArithmeticError,
            OSError,
            RecursionError,
        ):
            return JsonResponse({"refused": _t("The marks could not be read.")}, status=400)
        try:
            if marks:
                self.note(marks)
        except NotPossible as error:
            return JsonResponse({"states": self.states(), "refused": error.message}, status=409)
        return JsonResponse({"states": self.states(), "refused": ""})

    def note(self, marks: list[Mark]) -> None:
        actor = Actor.by(self.request.user)  # type: ignore[arg-type]
        attendance.note(self.instance.pk, marks, actor=actor, late=self.may_be_late)

    def states(self) -> dict[str, str]:
        people = attendance.expected_at(self.instance)
        return {person.key: WORDS[person.came] for person in people}

    @property
    def walk_in_url(self) -> str:
        """Where somebody who came unannounced is written down; empty for those who may not."""
        allowed = meeting_policy.user_has_permission_for_instance(
            self.request.user, WalkInView.permission, self.instance
        )
        return self.model_admin.row_url(WalkInView.name, self.instance.pk) if allowed else ""

    @property
    def is_open(self) -> bool:
        return attendance.may_note(self.instance, late=self.may_be_late)

    @property
    def may_be_late(self) -> bool:
        """Administrators may note it also when the days for it are over."""
        return meeting_policy.user_has_permission(self.request.user, "change")


def _matches(person: Expected, query: str) -> bool:
    """Every word of the query stands in the name or the organisation."""
    text = f"{person.name} {person.organisation}".casefold()
    return all(word in text for word in query.casefold().split())


def _marks(queue: dict[str, Any], received: datetime) -> list[Mark]:
    sent = _moment(queue["sent"])
    return [
        Mark(
            str(mark["key"]),
            VALUES[mark["came"]],
            noted_at(_moment(mark["at"]), sent, received),
        )
        for mark in queue["marks"]
    ]


def _moment(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
