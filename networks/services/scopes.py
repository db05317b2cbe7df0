"""How payments and the outbox, which know nothing of networks, are told whose something is."""

from networks.models import NetworkPage

_PREFIX = "network:"


def scope_of(network: NetworkPage) -> str:
    """The scope of a charge, of a message, of a message's text."""
    return scope_of_key(network.pk)


def scope_of_key(network_id: int) -> str:
    return f"{_PREFIX}{network_id}"


def scope_prefix() -> str:
    """What a network's key follows in its scope, for comparing them in the database."""
    return _PREFIX


def network_key(scope: str) -> int | None:
    """The network's key in a scope; None in the whole site's."""
    return int(scope.removeprefix(_PREFIX)) if scope.startswith(_PREFIX) else None
