"""The only reader of the environment.

Every setting that an operator may give is read here by settings modules and by
``cms.database``; nothing else in the project looks at ``os.environ``.
"""

import os

from django.core.exceptions import ImproperlyConfigured
from environs import Env

env = Env()


def required(name: str) -> str:
    """The variable's value; refuses to start, naming it, when it is missing or empty."""
    value = env.str(name, "")
    if not value:
        raise ImproperlyConfigured(f"The environment variable {name} must be set.")
    return value


def environment_with(**variables: str) -> dict[str, str]:
    """This process's environment with variables added: what a child process is started with."""
    return {**os.environ, **variables}


def use_settings(module: str) -> None:
    """Let this process and its children use these settings, whatever was set."""
    os.environ["DJANGO_SETTINGS_MODULE"] = module
