"""One frozen Settings; the only reader of the environment and of `.env`."""

import os
import secrets
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Every variable stands in `.env.example` with a line about it."""

    model_config = SettingsConfigDict(env_prefix="TROVA_", env_file=ROOT / ".env", extra="ignore", frozen=True)

    mode: Literal["demo", "test", "live"] = "demo"
    data_dir: Path = ROOT / "data"
    database_url: str = ""
    port: int = 3000
    base_url: str = ""
    secret_key: SecretStr = SecretStr("")
    redis_url: str = ""
    smtp_url: SecretStr = SecretStr("")
    mail_from: str = ""
    log_format: Literal["text", "json"] = "text"
    trusted_proxy_hops: int = 0
    stripe_api_key: SecretStr = Field(SecretStr(""), validation_alias=AliasChoices("STRIPE_API_KEY", "stripe_api_key"))
    stripe_webhook_secret: SecretStr = Field(
        SecretStr(""), validation_alias=AliasChoices("STRIPE_WEBHOOK_SECRET", "stripe_webhook_secret")
    )
    stripe_api_base: str = ""
    paystack_api_base: str = ""
    test_clock: str = ""  # an ISO moment; not read when mode is "live"
    cheap_passwords: bool = False  # argon2id with its cheapest parameters, for the tests' speed; refused in live mode
    private_calendars: bool = False  # other calendars may lie on this machine, for tests; not read in live mode
    embedded_worker: bool = True
    open_check_seconds: int = 15

    @property
    def origin(self) -> str:
        """Where people reach us: scheme, host and port without a trailing slash."""
        return (self.base_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'trova.sqlite3'}"

    @property
    def is_https(self) -> bool:
        return self.origin.startswith("https://")

    def key(self) -> bytes:
        """The installation's secret: from the environment, else made once and kept in the data folder (mode 0600)."""
        given = self.secret_key.get_secret_value()
        return given.encode() if given else _kept_key(self.data_dir / "secret.key")


def _kept_key(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as out:
        out.write(secrets.token_hex(32).encode())
    return path.read_bytes()


@cache
def settings() -> Settings:
    return Settings()
