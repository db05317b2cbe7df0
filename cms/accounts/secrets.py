"""Secrets in the database, sealed: a copy of it gives nobody a second factor.

The key follows from SECRET_KEY; to change that, keep the old one in SECRET_KEY_FALLBACKS.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(key)) for key in keys])


def _key(secret: str | bytes) -> bytes:
    digest = hashlib.sha256(b"cms.accounts:" + force_bytes(secret)).digest()
    return base64.urlsafe_b64encode(digest)


def seal(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises InvalidToken when it was sealed with a key that is not there any more."""
    return _box().decrypt(sealed.encode()).decode()
