"""One module reads the environment."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from cms import env


def test_a_required_variable_that_is_missing_or_empty_is_named(monkeypatch):
    monkeypatch.delenv("A_SECRET", raising=False)
    with pytest.raises(ImproperlyConfigured, match="A_SECRET"):
        env.required("A_SECRET")
    monkeypatch.setenv("A_SECRET", "")
    with pytest.raises(ImproperlyConfigured, match="A_SECRET"):
        env.required("A_SECRET")
    monkeypatch.setenv("A_SECRET", "x")
    assert env.required("A_SECRET") == "x"


def test_a_childs_environment_adds_to_this_one_and_leaves_it_alone(monkeypatch):
    monkeypatch.setenv("KEPT", "yes")
    environment = env.environment_with(ADDED="yes")
    assert (environment["KEPT"], environment["ADDED"]) == ("yes", "yes")
    assert "ADDED" not in env.environment_with()
