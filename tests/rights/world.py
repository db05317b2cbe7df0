"""Two networks with a row of everything, and a user in each role: whoever looks after the first
must never meet the second."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.files.base import ContentFile
from django.db.models import Model
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, GroupApprovalTask, Page, Revision, Site, Workflow

from cms import audit
from cms.access_log import AccessEntry, AccessKind
from cms.audit import reference
from cms.messages.models import Message, MessageState
from networks import roles
from networks.models import (
    Consent,
    ConsentText,
    Coordinator,
    Meeting,
    MeetingHost,
    NetworkPage,
    ProcessingActivity,
    RetentionRun,
    Seat,
)
from networks.services.scopes import scope_of
from payments.models import (
    BalanceCategory,
    BalanceTransaction,
    BankTransfer,
    Invoice,
    Posting,
)
from payments.services import invoicing, journal
from tests.factories.contributions import (
    MaterialFactory,
    OfferFactory,
    ProgrammeItemFactory,
    TopicFactory,
)
from tests.factories.meeting_day import GuestFactory
from tests.factories.networks import (
    FacilitatorFactory,
    JoinRequestFactory,
    MembershipFactory,
    ParticipantFactory,
    make_network,
    make_user,
)
from tests.factories.requests import ErasureRequestFactory, HandoverFactory
from tests.factories.sellers import make_seller
from tests.payments.backoffice.rows import make_charge, make_payment

#: The columns of the table, and what each is called in it.
COLUMNS = {
    "S": "superuser",
    "E": roles.EDITORS,
    "P": roles.PUBLISHERS,
    "M": roles.MEMBER_ADMINISTRATORS,
    "C": roles.COORDINATORS,
    "H": roles.HOSTS,
    "F": roles.FINANCE,
    "A": roles.AUDITORS,
    "D": roles.DATA_PROTECTION,
    "-": "signed in, without a role",
    "V": "visitor",
}


@dataclass(frozen=True)
class Side:
    """A network and its rows, by ``app_model``."""

    network: NetworkPage
    meeting: Meeting
    revision: Revision
    rows: dict[str, Model]


@dataclass(frozen=True)
class World:
    ours: Side
    theirs: Side
    #: Rows of no network.
    site: dict[str, Model]
    users: dict[str, User | AnonymousUser]


def make_world() -> World:
    make_seller()
    # Wagtail's own first page greets in English.
    Page.objects.filter(slug="home").update(title="Forside", draft_title="Forside")
    ours, theirs = make_side("Vores netværk"), make_side("Deres netværk")
    issue_documents(ours, theirs)
    users = {column: user_of(column, ours) for column in COLUMNS}
    return World(ours=ours, theirs=theirs, site=make_site_rows(), users=users)


def make_side(title: str) -> Side:
    network = make_network(title=title)
    membership = MembershipFactory(network=network, with_buyer=True)
    meeting = Meeting.objects.filter(season__page=network).order_by("starts_at").first()
    participant = ParticipantFactory(membership=membership)
    charge = make_charge(membership)
    rows: dict[str, Model] = {
        "networks_membership": membership,
        "networks_person": membership.contact,
        "networks_meeting": meeting,
        "networks_season": meeting.season,
        "networks_seat": Seat.objects.create(
            meeting=meeting, membership=membership, participant=participant, number=1
        ),
        "networks_guest": GuestFactory(meeting=meeting),
        "networks_joinrequest": JoinRequestFactory(membership=membership),
        "networks_handover": HandoverFactory(membership=membership),
        "networks_erasurerequest": ErasureRequestFactory(person=membership.contact),
        "networks_topic": TopicFactory(membership=membership),
        "networks_offer": OfferFactory(membership=membership),
        "networks_programmeitem": ProgrammeItemFactory(meeting=meeting),
        "networks_material": MaterialFactory(meeting=meeting),
        "networks_municipality": membership.municipality,
        "payments_charge": charge,
        "payments_payment": make_payment(make_charge(membership, method="card")),
        "cms_message": Message.objects.create(
            key=f"welcome:{membership.pk}",
            template="welcome",
            about=reference(membership),
            scope=scope_of(network),
            to_email=membership.contact.email,
            subject="Velkommen",
            body="Velkommen til netværket.",
            state=MessageState.FAILED,
        ),
    }
    revision = network.save_revision(user=make_user())
    return Side(network=network, meeting=meeting, revision=revision, rows=rows)


def issue_documents(*sides: Side) -> None:
    """The invoices of the sides' charges, by the service; the ledger's postings with them."""
    invoicing.issue_due()
    journal.post_due()
    for side in sides:
        charge = side.rows["payments_charge"]
        side.rows["payments_invoice"] = Invoice.objects.get(charge=charge)


def make_site_rows() -> dict[str, Model]:
    collection = Collection.get_first_root_node()
    consent = Consent.objects.create(title="Nyhedsbrev")
    return {
        "facilitators": FacilitatorFactory(),
        "wagtaildocs": Document.objects.create(
            title="Vejledning", file=ContentFile(b"text", "v.txt"), collection=collection
        ),
        "wagtailimages": Image.objects.create(
            title="Billede", file=get_test_image_file(), collection=collection
        ),
        "wagtailadmin_workflows": Workflow.objects.first() or Workflow.objects.create(name="Flow"),
        "task": GroupApprovalTask.objects.create(name="Godkend"),
        "payments_banktransfer": BankTransfer.objects.create(
            received_on=timezone.localdate(), amount=1_000, text="Ukendt", key="1"
        ),
        "payments_posting": Posting.objects.first(),
        "wagtailadmin_collections": Collection.get_first_root_node().add_child(name="Billeder"),
        "wagtailsites": Site.objects.get(is_default_site=True),
        "wagtailusers_users": make_user(),
        "networks_consent": consent,
        "networks_consenttext": ConsentText.objects.create(
            consent=consent, version=1, text="Jeg vil gerne have nyheder."
        ),
        "networks_retentionrun": RetentionRun.objects.create(kind="unconfirmed", number=1),
        "processing_activities": ProcessingActivity.objects.create(title="Fotos"),
        "cms_auditentry": audit.record(
            actor=audit.SYSTEM, action="list.exported", subject=make_network()
        ),
        "cms_accessentry": AccessEntry.objects.create(kind=AccessKind.PAGE, subject="x:1"),
        "payments_balancetransaction": BalanceTransaction.objects.create(
            stripe_id="txn_1",
            livemode=False,
            type="stripe_fee",
            category=BalanceCategory.FEE,
            amount=-100,
            fee=0,
            net=-100,
            created_at=timezone.now(),
            available_on=timezone.now(),
        ),
        "redirect": Redirect.objects.create(old_path="/gammel", redirect_link="/ny/"),
        "coordinators": Coordinator.objects.create(network=make_network(), user=make_user()),
        "group": Group.objects.get(name=roles.EDITORS),
    }


def user_of(column: str, ours: Side) -> User | AnonymousUser:
    """A user with the column's role, who coordinates or hosts in the first network."""
    name = COLUMNS[column]
    if column == "V":
        return AnonymousUser()
    if column == "S":
        return make_user(superuser=True)
    networks = [ours.network] if name == roles.COORDINATORS else []
    user = make_user("" if column == "-" else name, networks=networks)
    if name == roles.HOSTS:
        MeetingHost.objects.create(meeting=ours.meeting, user=user)
    return user
