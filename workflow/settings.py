"""Settings, from the environment (`TIENDO_...`) or one TOML file (`tiendo.toml`); defaults run one machine.

A wrong value stops the program with its name, its place and the cure.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.sources import InitSettingsSource

from workflow.domain.errors import WrongSetting
from workflow.hosts import Network, is_this_machine, networks, origin_of
from workflow.storage.key_files import FILE_NAME, KeyFile

FILE_VARIABLE = "TIENDO_CONFIG"

OWN_CLAIMS = frozenset({"preferred_username", "nickname", "name", "given_name", "family_name", "profile"})
"""Claims of OpenID Connect that people choose for themselves."""


class Settings(BaseSettings):
    """All that an administrator may set. Each name is `TIENDO_` and the field in capitals in the
    environment, and the field itself in the TOML file."""

    model_config = SettingsConfigDict(env_prefix="TIENDO_", extra="forbid")

    data: Path = Field(default=Path("tiendo-data"), description="folder of everything tiendo keeps")
    database_url: str = Field(default="", description="empty: SQLite in the data folder")
    files_url: str = Field(default="", description="empty: a folder in the data folder; else an fsspec URL")
    signing_key: str = Field(
        default="",
        description="file of the key that signs manifests, PEM or PKCS#12; empty: in the data folder",
    )
    signing_key_password: str = Field(default="", description="of that file, where it has one")
    pdf_signing_file: str = Field(
        default="", description="PKCS#12 file that issued PDFs are signed with; empty: not signed with one"
    )
    pdf_signing_module: str = Field(
        default="", description="PKCS#11 library (.so) of a token that issued PDFs are signed with"
    )
    pdf_signing_token: str = Field(default="", description="label of the token in that library")
    pdf_signing_key: str = Field(default="", description="label of key and certificate on the token")
    pdf_signing_secret: str = Field(
        default="", repr=False, description="passphrase of the file, or PIN of the token"
    )
    pdf_signing_secret_file: str = Field(
        default="", description="file with the passphrase or PIN; used where pdf_signing_secret is empty"
    )
    anchor_to: str = Field(
        default="", description="addresses outside that also get the audit log's daily anchor, by commas"
    )
    host: str = "127.0.0.1"
    port: int = Field(default=8480, ge=1, le=65535)
    base_url: str = Field(default="", description="how people reach the pages; empty: http://host:port")
    trusted_proxies: str = Field(
        default="", description="proxies whose X-Forwarded-For is believed: addresses or networks (CIDR)"
    )
    language: Literal["vi", "en"] = "vi"

    smtp_host: str = Field(default="", description="empty: the built-in mail catcher")
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_security: Literal["auto", "starttls", "tls", "none"] = Field(
        default="auto", description="auto: TLS on port 465, none on this machine, else STARTTLS or nothing"
    )
    smtp_verify: bool = Field(default=True, description="whether the server's certificate must be trusted")
    smtp_ca_file: str = Field(default="", description="certificates to trust besides the system's (PEM)")
    mail_from: str = "tiendo@localhost"
    mail_from_name: str = ""
    mail_per_second: float = Field(default=10, gt=0, description="the pace of sending")
    mail_per_domain_per_minute: int = Field(default=60, ge=1, description="the pace for one domain's server")
    mail_connections: int = Field(default=4, ge=1, le=20, description="connections to the server at once")
    dkim_selector: str = Field(default="", description="empty: mails are not signed here")
    dkim_domain: str = Field(default="", description="empty: the domain of mail_from")
    dkim_key_file: str = Field(default="", description="the private RSA key (PEM)")
    catcher_port: int = Field(default=8425, ge=0, le=65535)
    catcher_open: bool = Field(
        default=False, description="whether other machines may open the mail catcher, and so every link"
    )

    imap_host: str = Field(default="", description="the mailbox of mail_from, for bounces; empty: not read")
    imap_port: int = Field(default=993, ge=1, le=65535)
    imap_security: Literal["tls", "starttls", "none"] = "tls"
    imap_user: str = ""
    imap_password: str = ""
    imap_folder: str = "INBOX"
    imap_every_seconds: int = Field(default=300, ge=10, description="how often it is looked into")

    evidence_files: int = Field(default=10, ge=1, le=50, description="files with one report")
    evidence_file_mb: int = Field(default=20, ge=1, le=100, description="the largest file taken")
    picture_side: int = Field(default=2000, ge=600, le=8000, description="pixels a picture is made small to")

    offers_keep_days: int = Field(
        default=60, ge=0, description="days that an uploaded plan nobody accepted is kept; 0: for ever"
    )

    addresses_keep_days: int = Field(
        default=180,
        ge=0,
        description="days that a link use keeps its network address and browser; 0: for ever",
    )
    links_keep_days: int = Field(
        default=365, ge=0, description="days that an ended link and its uses are kept; 0: for ever"
    )
    sign_ins_keep_days: int = Field(
        default=90, ge=0, description="days that an ended session or sign-in link is kept; 0: for ever"
    )
    codes_keep_days: int = Field(
        default=7, ge=0, description="days that a one-time code is kept; 0: for ever"
    )
    mails_keep_days: int = Field(
        default=180, ge=0, description="days that a mail keeps its text and address once sent; 0: for ever"
    )
    bounces_keep_days: int = Field(
        default=90, ge=0, description="days that a mail that failed or came back keeps both; 0: for ever"
    )
    webhooks_keep_days: int = Field(
        default=90, ge=0, description="days that what a webhook was told is kept; 0: for ever"
    )
    logs_keep_days: int = Field(
        default=30, ge=0, description="days that log files and caught mails are kept; 0: for ever"
    )

    webhook_private_hosts: bool = Field(
        default=False, description="whether webhooks may go to http and to addresses of inner networks"
    )
    session_idle_minutes: int = Field(default=120, ge=5, description="a session unused for so long ends")
    session_hours: int = Field(
        default=12, ge=1, le=720, description="a session ends after so long in any case"
    )
    oidc_issuer: str = Field(default="", description="empty: sign-in by mailed link alone")
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = Field(default="", description="how people call the provider, on the button")
    oidc_claim: str = Field(default="email", description="the claim that holds the address on file")
    oidc_needs_verified: bool = Field(default=True, description="only addresses the provider has verified")

    prefect_api_url: str = Field(default="", description="empty: a Prefect server of our own")
    prefect_port: int = Field(default=8482, ge=1, le=65535)
    prefect_auth: str = Field(
        default="", description="user:password of Prefect's API; empty: the one made in the data folder"
    )
    prefect_keep_days: int = Field(
        default=3, ge=0, description="days that ended sweeps stay in Prefect's list of runs; 0: for ever"
    )

    @field_validator("base_url")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("http", "https"):
            raise ValueError("phải bắt đầu bằng http:// hoặc https://")
        if value and origin_of(value) is None:
            raise ValueError("phải có tên máy, và cổng nếu có phải là số, như https://tiendo.phuong.example")
        return value.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        networks(value)
        return value

    @model_validator(mode="after")
    def _knows_one_way_to_sign(self) -> Settings:
        if self.pdf_signing_file and self.pdf_signing_module:
            raise ValueError("ký số chọn một: pdf_signing_file (PKCS#12) hoặc pdf_signing_module (PKCS#11)")
        if self.pdf_signing_module and not (self.pdf_signing_token and self.pdf_signing_key):
            raise ValueError("ký số bằng PKCS#11 cần đủ pdf_signing_token và pdf_signing_key")
        return self

    @model_validator(mode="after")
    def _knows_all_of_the_provider(self) -> Settings:
        values = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)
        if any(values) and not all(values):
            raise ValueError("đăng nhập OIDC cần đủ oidc_issuer, oidc_client_id và oidc_client_secret")
        if self.oidc_claim in OWN_CLAIMS:
            # OpenID Connect Core 1.0, section 5.7: these may change and be anybody's.
            raise ValueError(
                f"oidc_claim = “{self.oidc_claim}” là tên người dùng tự đặt được, không chứng minh được "
                "địa chỉ thư là của ai; đặt oidc_claim = “email”"
            )
        if self.oidc_claim != "email" and self.oidc_needs_verified:
            # Core, section 5.1: `email_verified` is about the claim `email` and no other.
            raise ValueError(
                f"“email_verified” chỉ nói về “email”, không nói về oidc_claim = “{self.oidc_claim}”; đặt "
                "oidc_claim = “email”, hoặc oidc_needs_verified = false nếu chỉ quản trị viên của máy chủ "
                f"đăng nhập đặt được “{self.oidc_claim}”"
            )
        return self

    @field_validator("oidc_issuer")
    @classmethod
    def _is_secure_address(cls, value: str) -> str:
        parts = urlsplit(value)
        is_here = is_this_machine(parts.hostname or "")
        if value and (not parts.hostname or (parts.scheme != "https" and not is_here)):
            raise ValueError("phải là địa chỉ https:// của máy chủ đăng nhập")
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_mail_address(cls, value: str) -> str:
        if value.count("@") != 1:
            raise ValueError("phải là một địa chỉ thư, như vanphong@phuong.example")
        return value

    @field_validator("anchor_to")
    @classmethod
    def _are_mail_addresses(cls, value: str) -> str:
        if any(one.count("@") != 1 for one in filter(None, map(str.strip, value.split(",")))):
            raise ValueError("phải là các địa chỉ thư, cách nhau bằng dấu phẩy")
        return value

    @property
    def where_signing_key(self) -> KeyFile:
        """The file of the key that manifests and anchors are signed with."""
        path = Path(self.signing_key) if self.signing_key else self.data / FILE_NAME
        return KeyFile(path.absolute(), self.signing_key_password)

    @property
    def anchor_addresses(self) -> tuple[str, ...]:
        """The outside addresses that receive the audit log's daily anchor."""
        return tuple(filter(None, map(str.strip, self.anchor_to.split(","))))

    @property
    def where_database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{(self.data / 'tiendo.db').absolute()}"

    @property
    def where_files(self) -> str:
        """The file store's URL."""
        return self.files_url or f"file://{(self.data / 'files').absolute()}"

    @property
    def where_pages(self) -> str:
        """The address of the pages, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.base_url or f"http://{host}:{self.port}"

    @property
    def is_https(self) -> bool:
        """Whether people reach the pages by HTTPS."""
        return self.where_pages.startswith("https://")

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The networks of trusted proxies, whose `X-Forwarded-For` is used."""
        return networks(self.trusted_proxies)

    @property
    def has_proxy(self) -> bool:
        """Whether people evidently reach the pages through a proxy: tiendo itself speaks no TLS, and listens
        on its own port alone."""
        parts = urlsplit(self.where_pages)
        return self.is_https or (parts.port or 80) != self.port

    @property
    def is_for_this_machine(self) -> bool:
        """Whether the pages are reached from this machine alone."""
        return is_this_machine(self.host) and is_this_machine(urlsplit(self.where_pages).hostname or "")

    @property
    def where_prefect(self) -> str:
        """The address of Prefect's API."""
        return self.prefect_api_url or f"http://127.0.0.1:{self.prefect_port}/api"

    @property
    def private_places(self) -> tuple[Path, ...]:
        """What only the user tiendo runs as may read: the data folder, and where the settings put the
        database and the files elsewhere on this machine."""
        found = [self.data]
        if self.database_url.startswith("sqlite:///"):
            database = self.database_url.removeprefix("sqlite:///")
            found += [Path(f"{database}{end}") for end in ("", "-wal", "-shm")]
        if self.files_url.startswith("file://"):
            found.append(Path(self.files_url.removeprefix("file://")))
        return tuple(one for one in found if one.exists())

    @property
    def keep_days(self) -> dict[str, int]:
        """The settings that say how many days data stays in the database, by name."""
        return {name: getattr(self, name) for name in type(self).model_fields if name.endswith("_keep_days")}

    @property
    def reads_bounces(self) -> bool:
        """Whether a mailbox is polled for bounced mails."""
        return bool(self.imap_host)

    @property
    def has_oidc(self) -> bool:
        """Whether people may sign in by an OpenID Connect provider."""
        return bool(self.oidc_issuer)

    @property
    def catches_mail(self) -> bool:
        """Whether mail goes to the built-in catcher."""
        return not self.smtp_host

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments override the environment, which overrides the file."""
        return init_settings, env_settings, InitSettingsSource(settings_cls, init_kwargs=_from_file())


def load_settings(**given: Any) -> Settings:
    """The settings in force; raises WrongSetting naming the first invalid one."""
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:
            # A rule about several settings together: its message names them.
            message = first["msg"].removeprefix("Value error, ").capitalize() + "."
            raise WrongSetting("Các thiết lập không khớp nhau.", where=_file_name(), cure=message) from None
        name = str(first["loc"][0])
        if first["type"] == "extra_forbidden":
            known = ", ".join(Settings.model_fields)
            raise WrongSetting(
                f"Không có thiết lập nào tên “{name}”.", where=_file_name(), cure=f"Các tên có: {known}."
            ) from None
        raise WrongSetting(
            f"Thiết lập “{name}” có giá trị không dùng được: {first.get('input')!r}.",
            where=f"TIENDO_{name.upper()} hoặc {name} trong {_file_name()}",
            cure=first["msg"].removeprefix("Value error, ").capitalize() + ".",
        ) from None


def _file_name() -> str:
    return os.environ.get(FILE_VARIABLE, "tiendo.toml")


def _from_file() -> dict[str, Any]:
    path = Path(_file_name())
    if not path.exists():
        if FILE_VARIABLE in os.environ:
            raise WrongSetting("Không có tệp thiết lập.", where=str(path), cure=f"Sửa {FILE_VARIABLE}.")
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongSetting(
            f"Tệp thiết lập không đọc được: {error}.", where=str(path), cure="Sửa đúng cú pháp TOML."
        ) from None
