"""Taking part, for members: the network's topics, one's own offers, and fellow participants."""

from functools import wraps
from typing import Any

from django import forms
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from cms.audit import VISITOR
from networks.models import ContributionState, Offer, Participant, Topic, TopicSupport
from networks.public.contribution_forms import OfferForm, TopicForm
from networks.public.member_page import EVERYONE, MemberView, Visit, member_page, member_view
from networks.rules.eligibility import normalise_email
from networks.rules.states import Status
from networks.services import contributions, fellows
from networks.services.errors import NotPossible

#: Said once above the list, after what was done.
DONE = {
    "emne": _("Your topic has been sent. The network's members can see and support it now."),
    "tilbud": _("Your offer has been sent to the network's coordinators. They answer by e-mail."),
    "trukket": _("It has been withdrawn."),
}
MODELS: dict[str, type[Topic] | type[Offer]] = {"emne": Topic, "tilbud": Offer}
#: What can still be supported stands first.
_OPEN_FIRST = Case(
    When(state__in=contributions.CAN_BE_SUPPORTED, then=Value(0)),
    When(state=ContributionState.PLANNED, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def for_members(view: MemberView) -> MemberView:
    """Any capacity on an active membership; there is no such page for others."""

    @wraps(view)
    def open_page(request: HttpRequest, visit: Visit, **kwargs: Any) -> HttpResponseBase:
        if visit.membership.state != Status.ACTIVE:
            raise Http404
        return view(request, visit, **kwargs)

    return member_view(EVERYONE)(open_page)


@for_members
def topics(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The network's topics, and the membership's own offers with their answers."""
    membership = visit.membership
    offers = Offer.objects.filter(membership=membership).select_related("meeting")
    context = {
        "topics": _topics(visit),
        "offers": offers.prefetch_related("programme__meeting"),
        "own_address": normalise_email(visit.address),
        "done": DONE.get(request.GET.get("gjort", "")),
        "can_be_supported": contributions.CAN_BE_SUPPORTED,
    }
    return member_page(request, visit, "networks/my/topics.html", context)


def _topics(visit: Visit) -> QuerySet[Topic]:
    own = TopicSupport.objects.filter(topic=OuterRef("pk"), membership=visit.membership)
    rows = Topic.objects.filter(network=visit.membership.network_id).annotate(
        supporters=Count("supports"), is_supported=Exists(own), place=_OPEN_FIRST
    )
    return (
        rows.select_related("membership__municipality")
        .prefetch_related("programme__meeting")
        .order_by("place", "-supporters", "-created_at")
    )


@for_members
def propose(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Propose a topic."""
    form = TopicForm(request.POST or None)
    if form.is_valid():
        try:
            contributions.propose_topic(
                visit.membership.pk, address=visit.address, actor=VISITOR, **form.cleaned_data
            )
        except NotPossible as error:
            form.add_error(None, error.message)
        else:
            return _back(visit, "emne")
    return _form_page(request, visit, "networks/my/topic_form.html", form)


@for_members
def offer(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Offer to host a meeting, or to give a talk."""
    form = OfferForm(visit.membership.network_id, request.POST or None)
    if form.is_valid():
        facts = dict(form.cleaned_data)
        meeting_id = facts.pop("meeting")
        try:
            contributions.make_offer(
                visit.membership.pk,
                address=visit.address,
                meeting_id=meeting_id,
                actor=VISITOR,
                **facts,
            )
        except NotPossible as error:
            form.add_error(None, error.message)
        else:
            return _back(visit, "tilbud")
    return _form_page(request, visit, "networks/my/offer_form.html", form)


def _form_page(request: HttpRequest, visit: Visit, template: str, form: forms.Form) -> HttpResponse:
    status = 422 if form.errors else 200
    return member_page(request, visit, template, {"form": form}, status=status)


@require_POST
@for_members
def support(request: HttpRequest, visit: Visit, topic_id: int) -> HttpResponse:
    """Support a topic or take the support back, as the button said."""
    wanted = request.POST.get("support") == "1"
    try:
        topic = contributions.support(topic_id, visit.membership.pk, wanted=wanted, actor=VISITOR)
    except Topic.DoesNotExist as error:
        raise Http404 from error
    return redirect(f"{reverse('membership_topics', args=[visit.token])}#emne-{topic.pk}")


@require_POST
@for_members
def withdraw(request: HttpRequest, visit: Visit, kind: str, key: int) -> HttpResponse:
    """Take back one's own topic (``emne``) or offer (``tilbud``)."""
    model = MODELS.get(kind)
    if model is None:
        raise Http404
    try:
        contributions.withdraw(
            model, key, membership_id=visit.membership.pk, address=visit.address, actor=VISITOR
        )
    except model.DoesNotExist as error:
        raise Http404 from error
    return _back(visit, "trukket")


def _back(visit: Visit, done: str) -> HttpResponse:
    return redirect(f"{reverse('membership_topics', args=[visit.token])}?gjort={done}")


@for_members
def people(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Fellow participants, and who of one's own membership is among them."""
    membership = visit.membership
    if request.method == "POST":
        return _show(request, visit)
    context = {
        "fellows": fellows.fellows_of(membership.network_id),
        "shown": fellows.shown_of(membership, visit.address, all_of_them=visit.is_contact),
    }
    return member_page(request, visit, "networks/my/people.html", context)


def _show(request: HttpRequest, visit: Visit) -> HttpResponse:
    try:
        fellows.show(
            visit.membership.pk,
            email=request.POST.get("email", "").replace("\x00", ""),
            by_address=visit.address,
            shown=request.POST.get("shown") == "1",
            actor=VISITOR,
        )
    except Participant.DoesNotExist as error:
        raise Http404 from error
    return redirect("membership_fellows", token=visit.token)
