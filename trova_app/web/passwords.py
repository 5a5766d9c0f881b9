"""argon2id for passwords, in two threads of its own so that a crowd at the door cannot hold up the house."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from trova_app.settings import settings

SHORTEST = 12
LONGEST = 1024
MOST_AT_THE_DOOR = 32  # passwords being looked at or waiting for it; a guess takes about 50 ms
_AT_THE_DOOR = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")


_looking = 0


class Crowded(Exception):
    """Too many passwords wait to be looked at; nobody looked at this one."""


@cache
def _hasher() -> PasswordHasher:
    chosen = settings()
    if chosen.cheap_passwords and chosen.mode == "test":
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return PasswordHasher()


@cache
def _nobodys() -> str:
    """Stands in for the hash of an address nobody has, so that both answers take the same time."""
    return _hasher().hash(secrets.token_urlsafe(32))


def hash_password(password: str) -> str:
    return _hasher().hash(password)


def is_password(known_hash: str | None, typed: str) -> bool:
    """Whether `typed` belongs to `known_hash`; takes as long for an unknown member (None) as for a known one."""
    try:
        return _hasher().verify(known_hash or _nobodys(), typed[:LONGEST]) and bool(known_hash)
    except (VerificationError, InvalidHashError):
        return False


async def is_password_aside(known_hash: str | None, typed: str) -> bool:
    """`is_password` off the event loop. Raises `Crowded` where too many wait already."""
    global _looking
    if is_crowded():
        raise Crowded
    _looking += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_AT_THE_DOOR, is_password, known_hash, typed)
    finally:
        _looking -= 1


def is_crowded() -> bool:
    """Asked on the event loop, where nothing comes between the question and the answer's use."""
    return _looking >= MOST_AT_THE_DOOR


def is_outdated(known_hash: str) -> bool:
    """True where today's parameters are stronger than those it was made with."""
    return _hasher().check_needs_rehash(known_hash)


def problem_with(password: str) -> str:
    """A sentence about a new password that cannot be taken, "" for a good one."""
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. A short sentence is easy to remember."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    if password.strip().lower() in _TOO_COMMON or len(set(password)) < 5:
        return "This password is among the first ones tried by strangers. Please choose another."
    return ""


_TOO_COMMON = frozenset(
    {
        "password1234", "password12345", "passwordpassword", "123456789012", "1234567890123", "qwertyuiop123",
        "qwertyuiopas", "qwerty123456", "administrator", "letmeinletmein", "welcome12345", "iloveyou1234",
        "changemechangeme", "trovatrovatrova", "practice1234", "psychologist",
    }
)  # fmt: skip
