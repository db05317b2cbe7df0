"""Who guesses must wait; colleagues at the same address need not."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.accounts import lockout
from cms.accounts.lockout import FailedAttempt, LockedOut, Step
from networks import roles
from tests.factories.networks import make_user

ELSEWHERE = {"REMOTE_ADDR": "198.51.100.7"}
LOCKED = "For mange mislykkede forsøg. Vent 15 minutter"


def guess(give_password, login, times=lockout.PER_USER_AND_ADDRESS, **more):
    for _number in range(times):
        assert LOCKED not in give_password(login, "wrong", **more).content.decode()


def test_five_wrong_passwords_lock_the_user_out_even_with_the_right_one(user, give_password):
    guess(give_password, user.username)
    answer = give_password(user.username)
    assert answer.status_code == 200
    assert LOCKED in answer.content.decode()


@pytest.mark.parametrize("login", ["BRUGER1", "bruger1@example.org"])
def test_another_spelling_of_the_user_counts_as_the_same(user, give_password, login):
    guess(give_password, login)
    assert LOCKED in give_password(user.username).content.decode()


def test_nobody_locks_a_colleague_out_from_elsewhere(user, give_password):
    guess(give_password, user.username, **ELSEWHERE)
    assert give_password(user.username).url == reverse("mfa_authenticate")


def test_others_at_the_address_still_sign_in(user, give_password):
    colleague = make_user(roles.FINANCE)
    guess(give_password, user.username)
    assert give_password(colleague.username).url == reverse("mfa_authenticate")


def test_a_right_password_forgives_the_wrong_ones(user, give_password):
    for _round in range(3):
        guess(give_password, user.username, times=lockout.PER_USER_AND_ADDRESS - 1)
        assert give_password(user.username, by=Client()).status_code == 302


def test_a_user_is_locked_out_after_guesses_from_many_addresses(user):
    for number in range(lockout.PER_USER):
        lockout.begin(Step.PASSWORD, user.username, f"198.51.100.{number}")
    with pytest.raises(LockedOut):
        lockout.begin(Step.PASSWORD, user.username, "203.0.113.1")


def test_an_address_is_locked_out_after_guesses_of_many_users(db):
    for number in range(lockout.PER_ADDRESS):
        lockout.begin(Step.PASSWORD, f"user{number}", "198.51.100.7")
    with pytest.raises(LockedOut):
        lockout.begin(Step.PASSWORD, "another", "198.51.100.7")
    assert lockout.unlock_address("198.51.100.7") == lockout.PER_ADDRESS
    lockout.begin(Step.PASSWORD, "another", "198.51.100.7")


def test_wrong_codes_lock_out_and_a_right_password_does_not_forgive_them(
    user, give_password, give_code
):
    for _number in range(lockout.PER_USER_AND_ADDRESS):
        give_password(user.username, by=(browser := Client()))
        assert LOCKED not in give_code("000000", by=browser).content.decode()
    give_password(user.username)
    assert LOCKED in give_code().content.decode()


def test_who_tries_on_does_not_wait_longer(user):
    start = timezone.now()
    for _number in range(lockout.PER_USER_AND_ADDRESS):
        lockout.begin(Step.PASSWORD, user.username, "198.51.100.7")
    FailedAttempt.objects.update(at=start - timedelta(minutes=10))
    for _number in range(3):
        with pytest.raises(LockedOut) as refusal:
            lockout.begin(Step.PASSWORD, user.username, "198.51.100.7")
        assert refusal.value.minutes == 5
    FailedAttempt.objects.update(at=start - lockout.WINDOW)
    lockout.begin(Step.PASSWORD, user.username, "198.51.100.7")
    assert FailedAttempt.objects.count() == 1


def test_rows_name_nobody(user, give_password):
    give_password(user.username, "wrong")
    row = FailedAttempt.objects.get()
    assert user.username not in row.who
    assert len(row.who) == 64


def test_commands_unlock(user, give_password, capsys):
    guess(give_password, user.username)
    call_command("unlock_sign_in", user=user.username)
    assert give_password(user.username).status_code == 302
    guess(give_password, user.username)
    call_command("unlock_sign_in", address="127.0.0.1")
    assert give_password(user.username, by=Client()).status_code == 302
    with pytest.raises(CommandError):
        call_command("unlock_sign_in", user="nobody")


def test_attempts_at_the_same_time_count_each_other(transactional_db, at_once):
    def attempt():
        return lockout.begin(Step.PASSWORD, "somebody", "198.51.100.7")

    results = at_once(*[attempt] * (lockout.PER_USER_AND_ADDRESS + 3))
    let_in = [result for result in results if isinstance(result, FailedAttempt)]
    assert len(let_in) <= lockout.PER_USER_AND_ADDRESS
