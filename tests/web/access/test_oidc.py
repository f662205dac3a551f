"""Signing in by an OpenID Connect provider, against a real one on the loopback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx import Response
from joserfc.jwk import RSAKey

from tests.builders import OFFICER, a_directory, an_open_period
from tests.web.a_provider import CLIENT, SECRET, Provider, a_provider
from tests.web.signing import a_signing_visit
from tests.web.visiting import Visit, page_of, text_of
from workflow.cli.running import about_provider
from workflow.domain.errors import WrongSetting
from workflow.settings import Settings, load_settings


def _settings(provider: Provider) -> dict[str, Any]:
    return {"oidc_issuer": provider.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}


def _visit(folder: Path, provider: Provider, **settings: Any) -> Visit:
    return a_signing_visit(
        folder, base_url="http://testserver", oidc_name="Cổng phường", **_settings(provider), **settings
    )


def _sign_in(visit: Visit) -> Response:
    """As a browser does: to the provider, and back with what it says."""
    there = visit.client.get("/sign-in/oidc", follow_redirects=False)
    assert there.status_code == 303, there.text
    back = httpx.get(there.headers["location"])
    return visit.client.get(back.headers["location"])


def test_who_is_on_file_is_let_in(tmp_path: Path) -> None:
    with a_provider(email=OFFICER.upper(), email_verified=True) as provider:
        visit = _visit(tmp_path, provider)
        assert "Đăng nhập bằng Cổng phường" in text_of(visit.client.get("/sign-in"))
        assert _sign_in(visit).url.path == "/o/me"
        assert visit.client.get("/o/me/owing").status_code == 200


@pytest.mark.parametrize("email", ["nguoi-la@hoaxuan.example", "ubnd@hoaxuan.example"])
def test_who_is_not_on_file_with_rights_is_told_so_clearly(tmp_path: Path, email: str) -> None:
    with a_provider(email=email, email_verified=True) as provider:
        visit = _visit(tmp_path, provider)
        answer = _sign_in(visit)
        assert answer.status_code == 403
        assert email in text_of(answer)
        assert visit.client.get("/o/me").url.path == "/sign-in"


@pytest.mark.parametrize(
    "forged",
    [
        {"nonce": "khac"},
        {"aud": "may-khach-khac"},
        {"aud": [CLIENT, "may-khach-khac"]},
        {"azp": "may-khach-khac"},
        {"iss": "https://noi-khac.example"},
        {"exp": 1_700_000_000},
        {"email_verified": False},
        {"email": None},
    ],
    ids=lambda forged: next(iter(forged)),
)
def test_a_token_that_proves_nothing_lets_nobody_in(tmp_path: Path, forged: dict[str, Any]) -> None:
    with a_provider(email=OFFICER, email_verified=True) as provider:
        provider.forged = forged
        visit = _visit(tmp_path, provider)
        assert _sign_in(visit).status_code == 400
        assert visit.client.get("/o/me").url.path == "/sign-in"


def test_a_token_for_us_alone_that_names_us_as_the_asker_lets_in(tmp_path: Path) -> None:
    with a_provider(email=OFFICER, email_verified=True) as provider:
        provider.forged = {"aud": [CLIENT], "azp": CLIENT}
        assert _sign_in(_visit(tmp_path, provider)).url.path == "/o/me"


def test_a_token_signed_by_another_key_lets_nobody_in(tmp_path: Path) -> None:
    with a_provider(email=OFFICER, email_verified=True) as provider:
        provider.signing_key = RSAKey.generate_key(2048, {"kid": "mot"})
        assert _sign_in(_visit(tmp_path, provider)).status_code == 400


def test_an_answer_counts_only_in_the_browser_that_began_and_once(tmp_path: Path) -> None:
    with a_provider(email=OFFICER, email_verified=True) as provider:
        visit = _visit(tmp_path, provider)
        there = visit.client.get("/sign-in/oidc", follow_redirects=False)
        back = httpx.get(there.headers["location"]).headers["location"]
        cookies = dict(visit.client.cookies)
        visit.client.cookies.clear()
        assert visit.client.get(back).status_code == 400
        visit.client.cookies.update(cookies)
        assert visit.client.get(back.replace("state=", "state=x")).status_code == 400
        assert visit.client.get(back).url.path == "/o/me"
        assert visit.client.get(back).status_code == 400


def test_a_claim_only_the_userinfo_has_is_asked_for_there(tmp_path: Path) -> None:
    with a_provider() as provider:
        provider.userinfo = {"thu": OFFICER}
        visit = _visit(tmp_path, provider, oidc_claim="thu", oidc_needs_verified=False)
        assert _sign_in(visit).url.path == "/o/me"


def test_an_officer_of_two_organisations_chooses(tmp_path: Path) -> None:
    with a_provider(email=OFFICER, email_verified=True) as provider:
        visit = _visit(tmp_path, provider)
        an_open_period(visit.opened.store, directory=a_directory("Đảng ủy phường Khác"))
        answer = _sign_in(visit)
        rows = page_of(answer).select("ul.rows > li")
        other = next(row for row in rows if "phường Khác" in row.text)
        action = str(other.select_one("form")["action"])  # type: ignore[index]
        assert "Đảng ủy phường Khác" in text_of(visit.client.post(action))


def test_without_a_provider_there_is_no_such_way(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path)
    assert visit.client.get("/sign-in/oidc").status_code == 404
    assert "/sign-in/oidc" not in visit.client.get("/sign-in").text


def test_a_silent_provider_is_told_and_mail_still_lets_in(tmp_path: Path) -> None:
    with a_provider() as provider:
        visit = _visit(tmp_path, provider)
    answer = visit.client.get("/sign-in/oidc")
    assert answer.status_code == 503
    assert "đăng nhập bằng thư" in text_of(answer)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"oidc_issuer": "https://cong.example"}, "oidc_client_id"),
        (
            {"oidc_issuer": "http://cong.example", "oidc_client_id": "a", "oidc_client_secret": "b"},
            "https://",
        ),
        ({"oidc_claim": "preferred_username"}, "oidc_claim = “email”"),
        ({"oidc_claim": "preferred_username", "oidc_needs_verified": False}, "oidc_claim = “email”"),
        ({"oidc_claim": "upn"}, "oidc_needs_verified = false"),
    ],
)
def test_settings_that_cannot_stand_stop_with_a_message(given: dict[str, Any], told: str) -> None:
    with pytest.raises(WrongSetting) as caught:
        load_settings(**given)
    assert told in caught.value.cure


async def test_an_address_that_is_no_provider_stops_the_start_and_a_silent_one_does_not(
    tmp_path: Path,
) -> None:
    with a_provider() as provider:
        settings = Settings(data=tmp_path, **_settings(provider))
        assert provider.url in await about_provider(settings)
        provider.discovery = {"issuer": "https://noi-khac.example"}
        with pytest.raises(WrongSetting):
            await about_provider(settings)
        with pytest.raises(WrongSetting):
            await about_provider(settings.model_copy(update={"oidc_issuer": f"{provider.url}/khong-co"}))
    assert "Chưa liên lạc được" in await about_provider(settings)
