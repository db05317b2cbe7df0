"""Where the page meets rows that people depend on: copies, translations, old drafts."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from wagtail.models import Locale

from cms import audit
from networks.models import Meeting, NetworkPage, Question, Season
from networks.public.presentation import NetworkView
from networks.services import meetings, terms
from tests.factories.networks import (
    LADDER,
    MembershipFactory,
    make_index,
    make_network,
    season,
)
from tests.factories.signups import apply, confirmed

pytestmark = pytest.mark.django_db


def fresh(page) -> NetworkPage:
    return NetworkPage.objects.get(pk=page.pk)


def published(**facts) -> NetworkPage:
    network = make_network(**facts)
    network.save_revision().publish()
    return fresh(network)


class TestOldDrafts:
    def test_a_cancellation_survives_the_publication_of_an_older_draft(self):
        network = published()
        draft = network.save_revision()
        meeting = network.seasons.get().meetings.first()
        meetings.cancel_meeting(meeting.pk, actor=audit.SYSTEM, reason="Sygdom")
        draft.publish()
        stored = Meeting.objects.get(pk=meeting.pk)
        assert stored.is_cancelled
        assert stored.record.sequence == 1

    def test_publishing_keeps_the_keys_of_seasons_and_meetings(self):
        network = published()
        keys = set(Meeting.objects.values_list("pk", flat=True))
        network.title = "Nyt navn"
        network.save_revision().publish()
        assert set(Meeting.objects.values_list("pk", flat=True)) == keys

    def test_one_that_drops_a_meeting_in_use_is_a_validation_error_that_names_it(self):
        network = published()
        confirmed(network)
        row = network.seasons.get()
        row.meetings = [meeting for meeting in row.meetings.all() if meeting.title != "Møde 2"]
        network.seasons = [row]
        with pytest.raises(ValidationError, match="Møde 2"):
            network.save_revision().publish()
        assert Meeting.objects.count() == 3

    def test_one_that_drops_a_meeting_nobody_uses_is_published(self):
        network = published()
        network.free_of_charge = True
        network.seasons = []
        network.save_revision().publish()
        assert not Meeting.objects.exists()

    def test_a_cancelled_meeting_is_in_use(self):
        network = published()
        meeting = network.seasons.get().meetings.first()
        meetings.cancel_meeting(meeting.pk, actor=audit.SYSTEM, reason="Sygdom")
        network.seasons = []
        with pytest.raises(ValidationError, match="Møde 1"):
            network.save_revision().publish()

    def test_a_question_with_answers_is_in_use(self):
        network = published()
        question = Question.objects.create(page=network, label="Kost?", purpose="Forplejning")
        apply(network, answers={question.pk: "Vegetar"})
        network.questions = []
        with pytest.raises(ValidationError, match=r"Kost\?"):
            network.save_revision().publish()

    def test_the_unit_is_fixed_once_a_membership_exists_for_older_drafts_too(self):
        network = published()
        network.unit = "person"
        draft = network.save_revision()
        MembershipFactory(network=fresh(network))
        with pytest.raises(ValidationError):
            draft.publish()
        assert fresh(network).unit == "municipality"

    def test_moving_a_date_re_quotes_what_is_not_frozen_and_nothing_else(self):
        network = published()
        member = confirmed(network)
        started = network.seasons.get().meetings.first()
        started.starts_at = timezone.now() - timedelta(days=2)
        started.ends_at = started.starts_at + timedelta(hours=6)
        row = network.seasons.get()
        others = [meeting for meeting in row.meetings.all() if meeting.pk != started.pk]
        row.meetings = [started, *others]
        network.seasons = [row]
        network.save_revision().publish()
        network = fresh(network)
        assert terms.quote_for(network, terms.terms_of(network), row.pk).net == LADDER[2]
        member.refresh_from_db()
        assert member.price_net == LADDER[3]


class TestCopies:
    def copy(self, network) -> NetworkPage:
        return network.copy(
            to=make_index(), update_attrs={"slug": "kopi", "title": "Kopi"}, keep_live=False
        )

    def test_publishing_a_copy_takes_no_meeting_from_the_original(self):
        network = published()
        original = list(Meeting.objects.order_by("pk").values_list("pk", "season__page_id"))
        copy = self.copy(network)
        copy.get_latest_revision().publish()
        ours = Meeting.objects.filter(season__page=network).order_by("pk")
        assert list(ours.values_list("pk", "season__page_id")) == original
        assert Meeting.objects.filter(season__page=copy).count() == 3
        assert terms.terms_of(fresh(network))[0].ladder == LADDER
        assert terms.terms_of(fresh(copy))[0].ladder == LADDER

    def test_a_copy_starts_without_members(self):
        network = published()
        confirmed(network)
        copy = self.copy(network)
        copy.get_latest_revision().publish()
        assert not copy.memberships.exists()
        assert network.memberships.count() == 1

    def test_a_draft_of_a_copy_can_be_edited_and_published_again(self):
        copy = self.copy(published())
        draft = copy.get_latest_revision_as_object()
        draft.title = "Kopi 2"
        draft.save_revision().publish()
        draft = fresh(copy).get_latest_revision_as_object()
        draft.save_revision().publish()
        assert Meeting.objects.filter(season__page=copy).count() == 3
        assert Meeting.objects.count() == 6


class TestTranslationsAndAliases:
    @pytest.fixture
    def english(self):
        return Locale.objects.get_or_create(language_code="en")[0]

    def translate(self, network, locale) -> NetworkPage:
        translation = network.copy_for_translation(locale, copy_parents=True)
        translation.get_latest_revision().publish()
        return fresh(translation)

    def test_a_translation_holds_texts_and_reads_the_originals_facts(self, english):
        network = published(capacity=7)
        translation = self.translate(network, english)
        assert Season.objects.filter(page=network).count() == Season.objects.count() == 1
        assert translation.facts == network
        view = NetworkView(translation)
        assert view.places.capacity == 7
        assert view.current_season.price.net == LADDER[3]

    def test_its_publication_changes_nothing_of_the_original(self, english):
        network = published()
        confirmed(network)
        translation = self.translate(network, english)
        translation.title = "Network"
        translation.save_revision().publish()
        assert Meeting.objects.filter(season__page=network).count() == 3

    def test_an_alias_reads_its_originals_facts(self):
        network = published()
        alias = network.create_alias(parent=make_index(), update_slug="alias")
        assert fresh(alias).facts == network
        assert Season.objects.count() == 1

    def test_publishing_the_original_brings_its_alias_along_without_its_facts(self):
        network = published()
        alias = network.create_alias(parent=make_index(), update_slug="alias")
        confirmed(network)
        network = fresh(network)
        network.title = "Nyt navn"
        network.save_revision().publish()
        assert fresh(alias).title == "Nyt navn"
        assert Season.objects.get().page_id == network.pk
        assert Meeting.objects.count() == 3


def test_a_meeting_without_a_date_counts_as_left():
    later = Meeting(title="Studietur", date_text="Efteråret")
    network = make_network(seasons=[season(meetings=[later], ladder={1: 330_000})])
    row = network.seasons.get()
    assert terms.quote_for(network, terms.terms_of(network), row.pk).net == 330_000
