"""What the demo's members have brought: topics, supports, offers, and a programme made of them."""

from django.contrib.auth.models import User

from cms.audit import SYSTEM, VISITOR, Actor
from cms.messages.models import Message, MessageState
from networks.demo.site import DemoSite
from networks.models import Membership, NetworkPage, OfferKind, ProgrammeKind, Topic
from networks.rules.states import Status
from networks.services import contributions, materials, programme

TOPICS = {
    "leisure": (
        (
            "Fælles booking af haller",
            "Hvordan får I foreninger, skoler og selvorganiserede til at dele haltiden?",
        ),
        ("Energirenovering uden at lukke svømmehallen", ""),
    ),
    "culture": (
        (
            "Kulturpolitik, der bliver brugt",
            "Vi skal i gang med en ny kulturpolitik og vil gerne høre, hvad der virkede hos andre.",
        ),
        ("Frivillige på kulturhusene", ""),
    ),
    "art": (
        (
            "Vedligehold af værker i byrummet",
            "Hvem ejer værket, når det skal repareres, og hvordan afsætter I penge til det?",
        ),
    ),
}


def build_taking_part(site: DemoSite) -> None:
    """Once, after the members; nothing is mailed for it."""
    for name, topics in TOPICS.items():
        network: NetworkPage = getattr(site, name)
        _topics(network, topics)
    _offers(site.leisure)
    _answered(site.art)
    _programme(site.culture)
    Message.objects.filter(template__startswith="contribution_").update(state=MessageState.SENT)


def _members(network: NetworkPage) -> list[Membership]:
    rows = Membership.objects.filter(network=network, status=Status.ACTIVE)
    return list(rows.select_related("contact").order_by("signed_up_at"))


def _topics(network: NetworkPage, topics: tuple[tuple[str, str], ...]) -> None:
    """Each from another member; the first is supported by three more."""
    members = _members(network)
    brought = [
        contributions.propose_topic(
            member.pk, address=member.contact.email, title=title, text=text, actor=VISITOR
        )
        for member, (title, text) in zip(members, topics, strict=False)
    ]
    for member in members[len(topics) : len(topics) + 3]:
        contributions.support(brought[0].pk, member.pk, wanted=True, actor=VISITOR)


def _offers(network: NetworkPage) -> None:
    host, speaker = _members(network)[:2]
    for member, kind, title in (
        (host, OfferKind.HOST, "Vores nye idrætshus"),
        (speaker, OfferKind.TALK, "Sådan halverede vi varmeregningen"),
    ):
        contributions.make_offer(
            member.pk,
            address=member.contact.email,
            kind=kind,
            title=title,
            text="",
            meeting_id=None,
            actor=VISITOR,
        )


def _answered(network: NetworkPage) -> None:
    topic = Topic.objects.filter(network=network).first()
    if topic:
        contributions.answer(
            topic,
            text="Godt emne. Vi undersøger, om en konservator kan komme til workshoppen.",
            actor=Actor.by(User.objects.get(username="koordinator")),
        )


def _programme(network: NetworkPage) -> None:
    """The supported topic becomes an agenda item that everybody sees; sparring is for members."""
    meeting = programme.coming_meetings_of(network.pk).first()
    topic = Topic.objects.filter(network=network).order_by("created_at").first()
    if meeting is None or topic is None:
        return
    contributions.plan(
        topic,
        meeting_id=meeting.pk,
        kind=ProgrammeKind.AGENDA,
        text=topic.title,
        on_page=True,
        message="Tak for emnet. Vi tager det op efter frokost.",
        actor=SYSTEM,
    )
    programme.add_item(
        meeting.pk,
        kind=ProgrammeKind.AGENDA,
        text="Fortrolig sparring i mindre grupper",
        on_page=False,
        actor=SYSTEM,
    )
    materials.add_link(
        meeting.pk,
        title="Baggrund: eksempler på kulturpolitikker",
        url="https://example.org/kulturpolitikker",
        actor=SYSTEM,
    )
