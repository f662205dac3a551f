"""How mail goes over the network: encrypted, to the right server, signed; against real servers here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dkim
import pytest
from aiosmtpd.smtp import AuthResult
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.builders import a_plan, a_store, an_open_period
from tests.mail.certificates import a_certificate
from tests.mail.post_office import PostOffice, Sending, a_post_office
from workflow.domain.errors import WrongSetting
from workflow.mail.post.sending import Mailer
from workflow.mail.post.signing import Signer
from workflow.mail.post.transport import Server
from workflow.settings import Settings


def a_mailer(folder: Path, office: PostOffice, **settings: Any) -> Mailer:
    sending = Sending(an_open_period(a_store(folder), plan=a_plan(1)), folder, office.port)
    changed = sending.settings.model_copy(update=settings)
    return Mailer(sending.opened.store, changed, sending.clock, sending.files)


def _authenticates(_server: object, _session: object, _envelope: object, _how: str, given: Any) -> AuthResult:
    is_right = (given.login, given.password) == (b"tiendo", b"mat-khau")
    return AuthResult(success=is_right, handled=is_right)


async def test_starttls_is_spoken_and_only_then_the_password_said(tmp_path: Path) -> None:
    file, context = a_certificate(tmp_path)
    given = {"tls_context": context, "require_starttls": True, "authenticator": _authenticates}
    with a_post_office(auth_required=True, **given) as office:
        mailer = a_mailer(
            tmp_path,
            office,
            smtp_security="starttls",
            smtp_ca_file=str(file),
            smtp_user="tiendo",
            smtp_password="mat-khau",
        )
        assert (await mailer.drain()).accepted == 1
        await mailer.close()


async def test_a_wrong_password_is_told_and_costs_no_attempt(tmp_path: Path) -> None:
    file, context = a_certificate(tmp_path)
    with a_post_office(tls_context=context, authenticator=_authenticates, auth_required=True) as office:
        mailer = a_mailer(
            tmp_path,
            office,
            smtp_security="starttls",
            smtp_ca_file=str(file),
            smtp_user="tiendo",
            smtp_password="sai",
        )
        assert (await mailer.drain()).trouble.startswith("535")
    assert office.accepted == []


async def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    file, context = a_certificate(tmp_path)
    with a_post_office(ssl_context=context) as office:
        mailer = a_mailer(tmp_path, office, smtp_security="tls", smtp_ca_file=str(file))
        assert (await mailer.drain()).accepted == 1
        await mailer.close()


async def test_a_server_without_tls_is_not_spoken_to_in_clear(tmp_path: Path) -> None:
    with a_post_office() as office:
        done = await a_mailer(tmp_path, office, smtp_security="starttls").drain()
    assert done.trouble
    assert office.accepted == []


@pytest.mark.parametrize("name", ["127.0.0.1", "thu.khac.example"])
async def test_a_certificate_that_is_not_trusted_or_not_the_servers_is_refused(
    tmp_path: Path, name: str
) -> None:
    file, context = a_certificate(tmp_path, name)
    trusted = str(file) if name != "127.0.0.1" else ""
    with a_post_office(tls_context=context) as office:
        refused = await a_mailer(tmp_path, office, smtp_security="starttls", smtp_ca_file=trusted).drain()
    assert refused.trouble.startswith("chứng thư của máy chủ thư không được tin cậy")
    assert office.accepted == []


async def test_not_verifying_is_possible_and_risky(tmp_path: Path) -> None:
    _, context = a_certificate(tmp_path, "thu.khac.example")
    with a_post_office(tls_context=context) as office:
        mailer = a_mailer(tmp_path, office, smtp_security="starttls", smtp_verify=False)
        assert (await mailer.drain()).accepted == 1
        await mailer.close()
    risky = Server.of(Settings(smtp_host="mail.phuong.example", smtp_verify=False))
    assert "KHÔNG kiểm tra chứng thư" in risky.risk


@pytest.mark.parametrize(
    ("host", "port", "security"),
    [
        ("mail.phuong.example", 587, "starttls"),
        ("mail.phuong.example", 25, "starttls"),
        ("mail.phuong.example", 465, "tls"),
        ("127.0.0.1", 25, "none"),
        ("localhost", 25, "none"),
    ],
)
def test_tls_is_the_default_off_this_machine(host: str, port: int, security: str) -> None:
    server = Server.of(Settings(smtp_host=host, smtp_port=port))
    assert (server.security, server.risk) == (security, "")


def test_clear_text_over_a_network_is_told_as_a_risk() -> None:
    server = Server.of(Settings(smtp_host="mail.phuong.example", smtp_security="none"))
    assert "KHÔNG mã hóa" in server.risk


def test_a_file_of_certificates_that_is_none_stops_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="chứng thư"):
        Server.of(Settings(smtp_host="mail.phuong.example", smtp_ca_file=str(tmp_path / "không-có")))


def a_key(folder: Path) -> tuple[Path, str]:
    """A DKIM key's file, and the record that DNS would hold."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = folder / "dkim.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    told = "".join(public.decode().splitlines()[1:-1])
    return file, f"v=DKIM1; k=rsa; p={told}"


async def test_a_signed_mail_verifies_and_a_changed_one_does_not(tmp_path: Path) -> None:
    file, told = a_key(tmp_path)
    asked: list[str] = []

    def dns(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name.decode())
        return told.encode()

    with a_post_office() as office:
        mailer = a_mailer(tmp_path, office, dkim_selector="t2026", dkim_key_file=str(file))
        assert (await mailer.drain()).accepted == 1
        await mailer.close()
    ((_, body),) = office.accepted
    assert dkim.verify(body, dnsfunc=dns)
    assert asked == ["t2026._domainkey.hoaxuan.example."]
    assert not dkim.verify(body.replace(b"Reply-To: ", b"Reply-To: X", 1), dnsfunc=dns)


def test_a_key_that_cannot_sign_stops_with_its_place(tmp_path: Path) -> None:
    wrong = tmp_path / "dkim.pem"
    wrong.write_text("không phải khóa")
    for given, why in (
        ({"dkim_selector": "a", "dkim_key_file": str(wrong)}, "không phải khóa RSA"),
        ({"dkim_selector": "a", "dkim_key_file": str(tmp_path / "không-có")}, "không đọc được"),
        ({"dkim_selector": "a"}, "thiếu dkim_key_file"),
    ):
        with pytest.raises(WrongSetting, match=why):
            Signer.of(Settings(**given))
