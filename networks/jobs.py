"""The membership module's jobs: due and not yet done, never "today is the day"."""

import logging
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from cms import bulk, queue
from cms.audit import SYSTEM, Actor
from networks.backoffice.bulk import ApproveManyView, RejectManyView
from networks.backoffice.bulk_course import CancelManyView, MoveUpManyView, NewLinkManyView
from networks.backoffice.bulk_message import WriteToManyView
from networks.backoffice.bulk_messages import HandleManyView, SendManyAgainView
from networks.backoffice.bulk_people import EraseManyView
from networks.backoffice.bulk_requests import TakeInManyView, TurnDownManyView
from networks.backoffice.import_run import carry_out as take_in_list
from networks.services import (
    changes,
    compensation,
    lifecycle,
    materials,
    people,
    publication,
    reminders,
    renewal,
    retention,
    take_overs,
    waitlist,
)
from networks.services.paying import PaymentUnavailable
from networks.services.retention_kinds import KINDS

logger = logging.getLogger(__name__)

#: By the names that their runs have.
BULK_ACTIONS = {
    view.name: view
    for view in (
        MoveUpManyView,
        WriteToManyView,
        NewLinkManyView,
        CancelManyView,
        EraseManyView,
        TakeInManyView,
        TurnDownManyView,
        SendManyAgainView,
        HandleManyView,
    )
}


@queue.handles("networks.fill_places")
def fill_places(network_id: int) -> None:
    waitlist.fill_places(network_id)


@queue.handles("networks.approve_many")
def approve_many(run_id: str) -> None:
    ApproveManyView.carry_out(run_id)


@queue.handles("networks.reject_many")
def reject_many(run_id: str) -> None:
    RejectManyView.carry_out(run_id)


@queue.handles("networks.carry_out_many")
def carry_out_many(run_id: str) -> None:
    if view := BULK_ACTIONS.get(bulk.action_of(run_id)):
        view.carry_out(run_id)


@queue.handles("networks.take_in_list")
def take_in_members(import_id: str) -> None:
    take_in_list(import_id)


@queue.handles("networks.delete_material_file")
def delete_material_file(name: str) -> None:
    materials.delete_file(name)


@queue.handles("networks.mail_links")
def mail_links(address: str) -> None:
    people.mail_links(address)


@queue.handles("networks.ask_to_take_over")
def ask_to_take_over(network_id: int, municipality_id: int, **asker: str) -> None:
    take_overs.begin_take_over(network_id, municipality_id, **asker)


@queue.periodic("networks.let_time_pass", cron="* * * * *")
def let_time_pass() -> None:
    """Deadlines that are over, memberships whose last day is, and places that became free without
    anybody's doing. A deadline that fails is tried again next minute and holds up no other."""
    lapsed, ended = lifecycle.due_memberships()
    for key in lapsed:
        try:
            lifecycle.expire_if_due(key)
        except PaymentUnavailable:
            logger.warning("Stripe can't be asked about membership %s; its place is kept.", key)
    for key in ended:
        lifecycle.end_if_due(key)
    for network_id in waitlist.networks_in_line():
        waitlist.fill_places(network_id)


@queue.handles("networks.change_year")
def change_year(season_id: int, early: bool = False, user_id: int | None = None) -> None:
    user = get_user_model().objects.filter(pk=user_id).first() if user_id else None
    renewal.run(season_id, actor=Actor.by(user) if user else SYSTEM, early=early)


@queue.periodic("networks.change_years", cron="17 * * * *")
def change_years() -> None:
    """Announcements and charges of the seasons to come; each season is a job of its own, so that
    one that fails holds up no other."""
    renewal.start_due()


@queue.handles("networks.tell_changes")
def tell_changes(network_id: int) -> None:
    changes.tell_changes(network_id)


@queue.periodic("networks.catch_up_changes", cron="*/5 * * * *")
def catch_up_changes() -> None:
    """A publication whose wake-up was lost."""
    for network_id in changes.networks_with_news():
        changes.wake(network_id)


@queue.handles("networks.compensate")
def compensate(membership_id: str, meeting_id: int, **decided: Any) -> None:
    compensation.give(membership_id, meeting_id, **decided)


@queue.periodic("networks.forget_personal_data", cron="47 2 * * *")
def forget_personal_data() -> None:
    """What has been kept as long as the settings say."""
    retention.forget_due(KINDS)


@queue.periodic("networks.publish_scheduled", cron="* * * * *")
def publish_scheduled() -> None:
    """Publish what was scheduled. One version that can't be published is reported and taken off
    the schedule, instead of stopping every other."""
    publication.publish_due(timezone.now())


@queue.periodic("networks.remind_of_meetings", cron="*/15 * * * *")
def remind_of_meetings() -> None:
    """Who comes, and who is missing."""
    reminders.remind_of_meetings()
    reminders.remind_of_names()


@queue.periodic("networks.remind_of_payments", cron="*/15 * * * *")
def remind_of_payments() -> None:
    """Places that lapse within a day, and charges that stay unpaid."""
    reminders.remind_of_deadlines()
    reminders.remind_of_charges()
