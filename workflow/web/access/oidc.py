"""An OpenID Connect provider, as its discovery document describes it: where to redirect a browser, and how
its answer is read. The authorization code flow with PKCE, state and nonce; Authlib speaks OAuth, joserfc
checks the token.
"""

from __future__ import annotations

import secrets
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from workflow.domain.errors import TiendoError, WrongSetting
from workflow.domain.words import Words
from workflow.settings import Settings

with warnings.catch_warnings():
    # Authlib asks for httpx2 at every start, by a filter of its own; the locked httpx is what it works with.
    import authlib.deprecate  # noqa: F401

    warnings.simplefilter("ignore")
    from authlib.common.errors import AuthlibBaseError
    from authlib.integrations.httpx_client import AsyncOAuth2Client

TIMEOUT_SECONDS = 10
LEEWAY_SECONDS = 60
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Signatures only by keys the provider publishes: none that the client's secret could make."""


class ProviderSilent(TiendoError):
    """The provider could not be reached, or did not answer as it should."""


class NotProven(TiendoError):
    """The provider's answer proves no address."""


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in under way: where to send the browser, and what it must bring back."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider: its `metadata` is its discovery document."""

    settings: Settings
    metadata: Mapping[str, Any]

    def start(self) -> Started:
        """Where to send a browser to sign in."""
        nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        client = self._client()
        address, state = client.create_authorization_url(
            self.metadata["authorization_endpoint"], nonce=nonce, code_verifier=verifier
        )
        return Started(str(address), str(state), nonce, verifier)

    async def address_of(self, code: str, nonce: str, verifier: str) -> str:
        """The mail address the provider vouches for, of who brought the code."""
        try:
            async with self._client() as client:
                token = await client.fetch_token(
                    self.metadata["token_endpoint"], code=code, code_verifier=verifier
                )
                claims = await self._claims(str(token.get("id_token", "")), nonce)
                _check_client(claims, self.settings.oidc_client_id)
                claim = self.settings.oidc_claim
                if claim not in claims and self.metadata.get("userinfo_endpoint"):
                    answer = await client.get(self.metadata["userinfo_endpoint"])
                    answer.raise_for_status()
                    more = answer.json()
                    # The answer counts for the one the token is about, and for nobody else.
                    if isinstance(more, dict) and more.get("sub") == claims["sub"]:
                        claims = {**more, **claims}
        except httpx.HTTPError as error:
            raise _silent(self.settings) from error
        except (AuthlibBaseError, JoseError, KeyError, ValueError) as error:
            raise NotProven(
                Words("Máy chủ đăng nhập trả lời không hợp lệ."), cure=Words("Đăng nhập lại từ đầu.")
            ) from error
        found = claims.get(claim)
        if not isinstance(found, str) or "@" not in found:
            raise NotProven(Words("Máy chủ đăng nhập không cho biết địa chỉ thư của anh/chị."), where=claim)
        # Some providers send the string `true` instead of the boolean.
        if self.settings.oidc_needs_verified and claims.get("email_verified") not in (True, "true"):
            raise NotProven(Words("Máy chủ đăng nhập chưa xác minh địa chỉ thư này."), where=found)
        return found

    async def _claims(self, id_token: str, nonce: str) -> dict[str, Any]:
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
            answer = await client.get(self.metadata["jwks_uri"])
        answer.raise_for_status()
        token = jwt.decode(id_token, KeySet.import_key_set(answer.json()), algorithms=_ALGORITHMS)
        checks = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.metadata["issuer"]},
            aud={"essential": True, "value": self.settings.oidc_client_id},
            sub={"essential": True},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        checks.validate(token.claims)
        return dict(token.claims)

    def _client(self) -> Any:
        methods = self.metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        return AsyncOAuth2Client(
            self.settings.oidc_client_id,
            self.settings.oidc_client_secret,
            token_endpoint_auth_method=method,
            scope="openid email profile",
            redirect_uri=f"{self.settings.where_pages}/sign-in/oidc/callback",
            code_challenge_method="S256",
            timeout=TIMEOUT_SECONDS,
        )


def _check_client(claims: Mapping[str, Any], client_id: str) -> None:
    """Raises ValueError unless we are the only audience of the token."""
    # OpenID Connect Core 1.0, 3.1.3.7: a token with other audiences is refused, as none of
    # them is trusted here; `azp`, where present, is the client it was issued to.
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if audience != [client_id]:
        raise ValueError("aud")
    if claims.get("azp", client_id) != client_id:
        raise ValueError("azp")


async def discover(settings: Settings) -> Provider:
    """The provider of the settings, fetched each time, since it may have changed.

    Raises ProviderSilent where it can't be reached, WrongSetting where its answer is not the discovery
    document of that issuer.
    """
    issuer = settings.oidc_issuer
    where = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
            answer = await client.get(where)
    except httpx.HTTPError as error:
        raise _silent(settings) from error
    if answer.status_code >= 500:
        raise _silent(settings)
    metadata: Any = None
    if answer.status_code == 200:
        try:
            metadata = answer.json()
        except ValueError:
            metadata = None
    if not isinstance(metadata, dict) or str(metadata.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
        raise WrongSetting(
            Words("Địa chỉ này không phải của một máy chủ đăng nhập OIDC, hoặc máy chủ xưng tên khác."),
            where=f"oidc_issuer: {where}",
            cure=Words("Ghi oidc_issuer đúng như “issuer” trong tài liệu cấu hình của máy chủ đăng nhập."),
        )
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(metadata.get(name), str):
            raise WrongSetting(
                Words("Máy chủ đăng nhập không cho biết %(name)s.", name=name), where=f"oidc_issuer: {where}"
            )
    if "S256" not in metadata.get("code_challenge_methods_supported", ["S256"]):
        raise WrongSetting(Words("Máy chủ đăng nhập không nhận PKCE S256."), where=f"oidc_issuer: {where}")
    return Provider(settings, metadata)


def _silent(settings: Settings) -> ProviderSilent:
    return ProviderSilent(
        Words("Chưa liên lạc được với máy chủ đăng nhập."),
        where=settings.oidc_issuer,
        cure=Words("Thử lại sau ít phút, hoặc đăng nhập bằng thư."),
    )
