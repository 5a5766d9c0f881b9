"""Secrets at rest: gateway keys and webhook secrets, encrypted with the installation's key.

AES-256-GCM under a key derived from the installation's (HKDF-SHA256), a fresh nonce for each, and bound to what the
secret belongs to: a value copied to another practice's row does not open. Stored as "v1:" and base64.
"""

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from trova_app.domain.refusals import Refusal

VERSION = "v1:"
NONCE_BYTES = 12
PURPOSE = b"trova secrets at rest v1"
ANOTHER_KEY = (
    "The stored gateway key cannot be read: this installation's own key (TROVA_SECRET_KEY, or secret.key in the "
    "data folder) is not the one it was stored with. Put that back, or disconnect and connect again."
)
NEWER = "The stored gateway key was written by a newer Trova. Please update Trova."


class Unreadable(Refusal):
    """What is stored does not open with this installation's key."""


class Vault:
    """Safe to share over threads. `about` says what a secret belongs to, such as "practice 3"."""

    def __init__(self, installation_key: bytes) -> None:
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(installation_key)
        self._cipher = AESGCM(key)

    def seal(self, secret: str, about: str) -> str:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, secret.encode(), about.encode())
        return VERSION + base64.b64encode(nonce + sealed).decode()

    def open(self, sealed: str, about: str) -> str:
        """Raises `Unreadable` with a sentence that says what to put right."""
        if not sealed.startswith(VERSION):
            raise Unreadable(NEWER if sealed.partition(":")[0].startswith("v") else ANOTHER_KEY)
        try:
            raw = base64.b64decode(sealed.removeprefix(VERSION), validate=True)
            return self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], about.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise Unreadable(ANOTHER_KEY) from None
