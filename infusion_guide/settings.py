"""The settings: where things lie and how the guide runs, read once from the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the message names the variable."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between one installation and another.

    `root` holds `knowledge/`, `data/`, `config.yml`; `variable` what the guide writes (database, key);
    `origins` are the other websites that may show the widget.
    """

    root: Path
    variable: Path
    database_url: str
    conversations_url: str
    host: str = "127.0.0.1"
    port: int = 5005
    max_characters: int = 1000
    reply_seconds: float = 8.0
    session_minutes: int = 30
    messages_a_minute: int = 60
    burst: int = 10
    origins: tuple[str, ...] = ()
    public_url: str = ""
    kiosk_idle_seconds: int = 60
    kiosk_warning_seconds: int = 20
    kiosk_emergency_seconds: int = 120
    environment: str = "development"
    redis_url: str | None = field(default=None, repr=False)
    workers: int = 1
    proxies: int = 0
    address_messages_a_minute: int = 300
    address_burst: int = 60
    keep_days: int = 30
    keep_unanswered: bool = False
    metrics_token: str | None = field(default=None, repr=False)

    @property
    def in_production(self) -> bool:
        """Whether patients are served: then nothing may be made up that the clinic has to set."""
        return self.environment == "production"

    @property
    def knowledge(self) -> Path:
        """The folder of the files that the clinic edits."""
        return self.root / "knowledge"

    @property
    def models(self) -> Path:
        """The folder of trained models."""
        return self.root / "models"


@dataclass(frozen=True)
class TextSettings:
    """What the door for text messages needs. An empty token or secret: that provider is not used.

    `key` makes the pseudonyms of numbers: whoever changes it loses every opt-out. `url` is the public address of
    Twilio's webhook exactly as Twilio knows it.
    """

    key: str = field(repr=False)
    url: str = ""
    twilio_token: str = field(default="", repr=False)
    json_secret: str = field(default="", repr=False)


# A shorter secret could be guessed, and a number found by trying all.
_SECRET_CHARACTERS = 32


def read_text_settings(environment: Mapping[str, str] = os.environ) -> TextSettings | None:
    """The settings of the door for text messages, or None where none of them is set.

    Raises:
        SettingsError: one is set and another that it needs is missing or cannot be used; names the variable.
    """
    names = ("GUIDE_TWILIO_TOKEN", "GUIDE_SMS_URL", "GUIDE_SMS_JSON_SECRET", "GUIDE_SMS_KEY")
    token, url, json_secret, key = (environment.get(name, "").strip() for name in names)
    if not (token or url or json_secret):
        return None
    if url and not token:
        raise SettingsError("GUIDE_TWILIO_TOKEN is missing: GUIDE_SMS_URL is set, and Twilio signs with this token")
    if token and not url:
        raise SettingsError("GUIDE_SMS_URL is missing: the public address of /webhooks/sms/twilio, as Twilio knows it")
    try:
        parts = urlsplit(url)
        usable = not url or (parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0)
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(f"GUIDE_SMS_URL must be an address like https://guide.example.org/..., not {url!r}")
    if not key:
        raise SettingsError("GUIDE_SMS_KEY is missing: a secret by which phone numbers are made unreadable")
    for name, secret in (("GUIDE_SMS_KEY", key), ("GUIDE_SMS_JSON_SECRET", json_secret)):
        if secret and len(secret) < _SECRET_CHARACTERS:
            raise SettingsError(f"{name} must have at least {_SECRET_CHARACTERS} characters")
    return TextSettings(key, url, token, json_secret)


def _number(environment: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environment.get(name, str(default))
    try:
        number = int(text)
    except ValueError:
        raise SettingsError(f"{name} must be a whole number, not {text!r}") from None
    if not low <= number <= high:
        raise SettingsError(f"{name} must lie between {low} and {high}, not {number}")
    return number


def _origins(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    """The origins of a list, as browsers write them.

    Raises:
        SettingsError: one is not an origin; "*" is none, because then any site could speak for a patient.
    """
    found = []
    for text in re.split(r"[\s,]+", environment.get(name, "").strip().lower()):
        origin = re.fullmatch(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(?::(\d{1,5}))?/?", text)
        if origin:
            scheme, host, port = origin.groups()
            default = port in (None, "80" if scheme == "http" else "443")
            found.append(f"{scheme}://{host}" if default else f"{scheme}://{host}:{port}")
        elif text:
            raise SettingsError(f"{name} must name origins like https://clinic.example, not {text!r}")
    return tuple(dict.fromkeys(found))


def _address(environment: Mapping[str, str], name: str) -> str:
    """The address of a page: http or https, without a fragment or a query; empty where it is not set."""
    text = environment.get(name, "").strip()
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment or parts.query):
        raise SettingsError(f"{name} must be a page's address like https://clinic.example/infusion, not {text!r}")
    return text


def _switch(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name, "0")
    if text not in ("0", "1"):
        raise SettingsError(f"{name} must be 0 or 1, not {text!r}")
    return text == "1"


# Without these a server in production would make up a key of its own or write to a file that goes with its container.
_SECRETS = ("GUIDE_SECRET", "DATABASE_URL")
_SECRET_CHARACTERS = 32


def _environment(environment: Mapping[str, str]) -> str:
    name = environment.get("GUIDE_ENVIRONMENT", "development")
    if name not in ("development", "production"):
        raise SettingsError(f"GUIDE_ENVIRONMENT must be development or production, not {name!r}")
    if name == "production":
        missing = [secret for secret in _SECRETS if not environment.get(secret)]
        if missing:
            raise SettingsError(f"{' and '.join(missing)} must be set where GUIDE_ENVIRONMENT is production")
        if len(environment["GUIDE_SECRET"]) < _SECRET_CHARACTERS:
            raise SettingsError(f"GUIDE_SECRET must have at least {_SECRET_CHARACTERS} characters")
    return name


def _postgres(url: str) -> str:
    # `postgres://` is what hosts hand out.
    return "postgresql://" + url[len("postgres://") :] if url.startswith("postgres://") else url


def read_settings(environment: Mapping[str, str] = os.environ, root: Path | None = None) -> Settings:
    """The settings from environment variables (docs/settings.md lists them).

    Raises:
        SettingsError: a variable holds a value that cannot be used.
    """
    base = (root or Path(environment.get("GUIDE_ROOT", "."))).resolve()
    variable = Path(environment.get("GUIDE_VAR", str(base / "var"))).resolve()
    # The tracker store keeps its own table, so one database can serve both.
    database_url = _postgres(environment.get("DATABASE_URL", f"sqlite:///{variable / 'guide.db'}"))
    return Settings(
        root=base,
        variable=variable,
        database_url=database_url,
        conversations_url=_postgres(environment.get("CONVERSATIONS_URL", database_url)),
        host=environment.get("GUIDE_HOST", "127.0.0.1"),
        port=_number(environment, "GUIDE_PORT", 5005, 0, 65535),
        max_characters=_number(environment, "GUIDE_MAX_CHARACTERS", 1000, 100, 10000),
        reply_seconds=float(_number(environment, "GUIDE_REPLY_SECONDS", 8, 1, 60)),
        session_minutes=_number(environment, "GUIDE_SESSION_MINUTES", 30, 1, 1440),
        messages_a_minute=_number(environment, "GUIDE_MESSAGES_A_MINUTE", 60, 1, 100000),
        burst=_number(environment, "GUIDE_BURST", 10, 1, 100000),
        origins=_origins(environment, "GUIDE_ORIGINS"),
        public_url=_address(environment, "GUIDE_PUBLIC_URL"),
        kiosk_idle_seconds=_number(environment, "GUIDE_KIOSK_IDLE_SECONDS", 60, 10, 600),
        # WCAG 2.2.1: somebody who is asked needs at least 20 seconds to say so.
        kiosk_warning_seconds=_number(environment, "GUIDE_KIOSK_WARNING_SECONDS", 20, 20, 120),
        kiosk_emergency_seconds=_number(environment, "GUIDE_KIOSK_EMERGENCY_SECONDS", 120, 60, 900),
        environment=_environment(environment),
        redis_url=environment.get("REDIS_URL") or None,
        workers=_number(environment, "GUIDE_WORKERS", 1, 1, 64),
        proxies=_number(environment, "GUIDE_PROXIES", 0, 0, 5),
        address_messages_a_minute=_number(environment, "GUIDE_ADDRESS_MESSAGES_A_MINUTE", 300, 1, 100000),
        address_burst=_number(environment, "GUIDE_ADDRESS_BURST", 60, 1, 100000),
        keep_days=_number(environment, "GUIDE_KEEP_DAYS", 30, 1, 3650),
        keep_unanswered=_switch(environment, "GUIDE_KEEP_UNANSWERED"),
        metrics_token=environment.get("GUIDE_METRICS_TOKEN") or None,
    )
