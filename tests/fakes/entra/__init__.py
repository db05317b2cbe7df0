"""A fake Entra ID over real HTTP: discovery, keys (RS256), sign-in, token."""

from tests.fakes.entra.server import FakeEntra

__all__ = ["FakeEntra"]
