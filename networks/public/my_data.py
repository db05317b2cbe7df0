"""My data: to correct it, see all of it, take it along, and ask for its erasure."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from cms.audit import VISITOR
from networks.models import ErasureRequest, Participant, Person
from networks.public.member_page import CONTACT, MONEY, Visit, member_page, member_view
from networks.public.own_data_forms import LanguageForm, NewAddressForm, OwnDataForm
from networks.public.personal_link import opened_by
from networks.services import access_report, consents, own_data, people, personal_data, requests
from networks.services.errors import NotPossible

#: What was just done, named in the address that the button leads back to.
DONE = frozenset({"oplysninger", "adresse", "sprog", "sletning", "samtykke"})


@member_view()
def data(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Everything that a person can see and change about themselves."""
    if request.method != "POST":
        return _page(request, visit)
    form = _own_form(visit, request.POST)
    if not form.is_valid():
        return _page(request, visit, own_form=form)
    own_data.correct_own_data(
        visit.membership.pk, address=visit.address, actor=VISITOR, **form.cleaned_data
    )
    return _done(visit, "oplysninger")


def _own_form(visit: Visit, posted: Any = None) -> OwnDataForm:
    """Filled in with what is known; of a participant who is nothing else no phone is kept."""
    holder = own_data.holder_of(visit.membership, visit.address)
    form = OwnDataForm(posted)
    if not isinstance(holder, Person):
        del form.fields["phone"]
    form.initial = {name: getattr(holder, name) for name in form.fields}
    return form


def _done(visit: Visit, what: str) -> HttpResponse:
    address = reverse("membership_data", args=[visit.token])
    return redirect(f"{address}?gemt={what}")


def _page(request: HttpRequest, visit: Visit, **bound: forms.Form) -> HttpResponse:
    """The page, with the forms that were filled in wrong in place of empty ones."""
    done = request.GET.get("gemt", "")
    context: dict[str, Any] = {
        "own_form": _own_form(visit),
        "address_form": NewAddressForm(),
        "language_form": LanguageForm(initial={"language": visit.membership.language}),
        "done": done if done in DONE else "",
        "address": visit.address,
        "may_hand_over": visit.may(MONEY),
        "erasure": ErasureRequest.objects.filter(
            person__email=visit.address, handled_at=None
        ).first(),
        "consents": consents.of_address(visit.address).filter(withdrawn_at=None),
        **bound,
    }
    errors = any(form.errors for form in bound.values())
    return member_page(request, visit, "networks/my/data.html", context, 422 if errors else 200)


@member_view()
@require_POST
def address(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask for another address: it is mailed a link that proves it."""
    form = NewAddressForm(request.POST)
    if form.is_valid():
        try:
            own_data.ask_for_new_address(
                visit.membership.pk,
                address=visit.address,
                new_address=form.cleaned_data["new_address"],
                actor=VISITOR,
            )
        except NotPossible as error:
            form.add_error("new_address", error.message)
        else:
            return _done(visit, "adresse")
    return _page(request, visit, address_form=form)


@member_view(CONTACT)
@require_POST
def language(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The language of the mails about the membership."""
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return _page(request, visit, language_form=form)
    own_data.change_language(visit.membership.pk, actor=VISITOR, **form.cleaned_data)
    return _done(visit, "sprog")


@member_view()
@require_POST
def erasure(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask to be erased."""
    requests.ask_for_erasure(visit.membership.pk, address=visit.address, actor=VISITOR)
    return _done(visit, "sletning")


@member_view()
@require_POST
def withdraw_consent(request: HttpRequest, visit: Visit, given: int) -> HttpResponse:
    """Take a consent back, whichever membership it was given with."""
    try:
        consents.withdraw(visit.membership.pk, given, address=visit.address, actor=VISITOR)
    except NotPossible as error:
        raise Http404 from error
    return _done(visit, "samtykke")


@member_view()
@require_safe
def everything(request: HttpRequest, visit: Visit) -> HttpResponse:
    """All that is kept about the address, to read."""
    context = {"sections": personal_data.sections_about(visit.address)}
    return member_page(request, visit, "networks/my/everything.html", context)


@member_view()
@require_safe
def download(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The same for a machine (GDPR article 20)."""
    response = JsonResponse(
        personal_data.as_json(visit.address), json_dumps_params={"ensure_ascii": False, "indent": 1}
    )
    response["Content-Disposition"] = 'attachment; filename="mine-data.json"'
    return response


@member_view()
@require_safe
def download_pdf(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The same as a document to read and print."""
    response = HttpResponse(access_report.as_pdf(visit.address), content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="mine-data.pdf"'
    return response


# The new address ----------------------------------------------------------------------------------


@opened_by("address", rows=(Person.objects.all, Participant.objects.all))
def new_address(request: HttpRequest, holder: Person | Participant, token: str) -> HttpResponse:
    """Opened from the mail to the new address, which that proves; only the button changes it.
    Whoever asked is a person, or a participant and nothing else."""
    new: str = request.link.address  # type: ignore[attr-defined]
    if request.method == "POST":
        membership = own_data.change_address(holder, new_address=new, actor=VISITOR)
        return redirect("membership", token=people.link_on_screen(membership, new))
    context = {"old": holder.email, "new": new, "network": None}
    return render(request, "networks/my/new_address.html", context)
