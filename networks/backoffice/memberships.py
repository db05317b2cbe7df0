"""Memberships in the administration."""

from django.utils.translation import gettext_lazy as _

from cms.backoffice.admin import RowAdmin
from networks.backoffice import membership_actions as actions
from networks.backoffice import seat_actions as seats
from networks.backoffice.bulk import ApproveManyView, RejectManyView
from networks.backoffice.bulk_course import CancelManyView, MoveUpManyView, NewLinkManyView
from networks.backoffice.bulk_message import WriteToManyView
from networks.backoffice.import_preview import ImportErrorsView, ImportPreviewView
from networks.backoffice.import_run import ImportRunView
from networks.backoffice.importing import ImportColumnsView, ImportView
from networks.backoffice.invite import InviteView
from networks.backoffice.membership_list import MembershipIndexView
from networks.backoffice.membership_page import MembershipInspectView
from networks.backoffice.sign_up import SignUpOnBehalfView
from networks.backoffice.waiting_list import WaitingListsView, WaitingListView
from networks.models import Membership
from networks.policies import membership_policy


class MembershipAdmin(RowAdmin):
    model = Membership
    shows_people = True
    policy = membership_policy
    menu_label = _("Memberships")
    menu_icon = "group"
    index_view_class = MembershipIndexView
    inspect_view_class = MembershipInspectView
    pages = (
        SignUpOnBehalfView,
        InviteView,
        ImportView,
        ImportColumnsView,
        ImportPreviewView,
        ImportErrorsView,
        ImportRunView,
        WaitingListsView,
        WaitingListView,
    )
    bulk_actions = (
        ApproveManyView,
        RejectManyView,
        MoveUpManyView,
        WriteToManyView,
        NewLinkManyView,
        CancelManyView,
    )
    actions = (
        actions.ApproveView,
        actions.RejectView,
        actions.OfferView,
        actions.MoveInLineView,
        actions.NewLinkView,
        actions.CorrectContactView,
        actions.CorrectBuyerView,
        actions.CancelView,
        actions.UndoCancellationView,
        actions.WithdrawView,
        seats.NameParticipantView,
        seats.SwapParticipantView,
        seats.GiveBackView,
        seats.TakeOffParticipantView,
    )
