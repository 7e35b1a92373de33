"""The organization of a client: managed, verified, and in the guard of every framework. Views
answer with the organization of the token that they let in."""

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import django
import flask
import httpx
import pytest

os.environ["DJANGO_SETTINGS_MODULE"] = "django_project.settings"
django.setup()

from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.test import Client as DjangoClient  # noqa: E402
from fastapi import FastAPI, Request, Security, WebSocket  # noqa: E402
from stytch_m2m import (  # noqa: E402
    ANY_ORGANIZATION,
    AsyncClient,
    AsyncTokenVerifier,
    Client,
    ConflictError,
    InsufficientScopeError,
    InvalidConfigError,
    OrganizationFrom,
    TokenClaims,
    TokenVerifier,
)
from stytch_m2m.django import m2m_required  # noqa: E402
from stytch_m2m.fastapi import M2MAuth as FastAPIAuth  # noqa: E402
from stytch_m2m.flask import M2MAuth as FlaskAuth  # noqa: E402
from stytch_m2m.flask import current_claims  # noqa: E402
from support import answer, eventually, issue  # noqa: E402

PATH, HEADER = OrganizationFrom.path("tenant"), OrganizationFrom.header("X-Tenant")
SCOPES = ["read:users"]
Headers = list[tuple[str, str]]
Get = Callable[[str, Headers], Awaitable[tuple[int, bytes]]]
UUID_TEXT = "0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a"


def token_of(organization: object = None, scopes: list[str] = SCOPES) -> str:
    return issue(scopes, claims={} if organization is None else {"org_id": organization})


def by_fastapi() -> Get:
    app = FastAPI()
    verifier = AsyncTokenVerifier()

    async def by_query(request: Request) -> str | None:
        return request.query_params.get("tenant")

    for route, organization in {
        "/path/{tenant}": PATH,
        "/number/{tenant:int}": PATH,
        "/header": HEADER,
        "/no-path": PATH,
        "/any": ANY_ORGANIZATION,
        "/acme": "acme",
        "/query": by_query,
    }.items():
        guard: Any = FastAPIAuth(verifier, organization=organization)  # type: ignore[arg-type]

        def view(claims: Annotated[TokenClaims, Security(guard, scopes=SCOPES)]) -> str | None:
            return claims.organization

        app.get(route)(view)

    async def get(path: str, headers: Headers) -> tuple[int, bytes]:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as caller:
            response = await caller.get(path, headers=headers)
            return response.status_code, response.content

    return get


def by_flask() -> Get:
    app = flask.Flask(__name__)
    verifier = TokenVerifier()

    def by_query(request: flask.Request) -> str | None:
        return request.args.get("tenant")

    def view(**_: object) -> flask.Response:
        return flask.jsonify(current_claims.organization)

    for route, organization in {
        "/path/<tenant>": PATH,
        "/number/<int:tenant>": PATH,
        "/header": HEADER,
        "/no-path": PATH,
        "/any": ANY_ORGANIZATION,
        "/acme": "acme",
        "/query": by_query,
    }.items():
        guard = FlaskAuth(verifier, organization=organization)  # type: ignore[arg-type]
        app.add_url_rule(route, route, guard(required_scopes=SCOPES)(view))

    async def get(path: str, headers: Headers) -> tuple[int, bytes]:
        response = app.test_client().get(path, headers=headers)
        return response.status_code, response.data.strip()

    return get


def by_django(kind: str) -> Get:
    async def get(path: str, headers: Headers) -> tuple[int, bytes]:
        # As a server joins them (RFC 9110, section 5.3).
        joined: dict[str, str] = {}
        for name, value in headers:
            joined[name] = f"{joined[name]},{value}" if name in joined else value
        caller = DjangoClient(raise_request_exception=False)
        response = await asyncio.to_thread(caller.get, f"/of/{kind}{path}", headers=joined)
        return response.status_code, response.content

    return get


GUARDS: dict[str, Callable[[], Get]] = {
    "fastapi": by_fastapi,
    "flask": by_flask,
    "django": lambda: by_django("sync"),
    "django-async": lambda: by_django("async"),
    "rest-framework": lambda: by_django("drf"),
}


@pytest.fixture(params=list(GUARDS))
def get(request: pytest.FixtureRequest) -> Get:
    return GUARDS[request.param]()


def bearer(token: str, *more: tuple[str, str]) -> Headers:
    return [("Authorization", f"Bearer {token}"), *more]


REFUSED = (403, b'{"error":"insufficient_scope"}')


async def test_a_guard_takes_the_organization_from_the_path(get: Get) -> None:
    assert await get("/path/acme", bearer(token_of("acme"))) == (200, b'"acme"')
    for other in ("other", "Acme", "ACME", "acme2", "acm", "acme ", "\u0430cme", "a%63me", None):
        assert await get("/path/acme", bearer(token_of(other))) == REFUSED, other
    assert await get("/path/ACME", bearer(token_of("acme"))) == REFUSED
    assert await get("/path/acme%20", bearer(token_of("acme"))) == REFUSED
    # As the view gets it: decoded once.
    assert await get("/path/%61cme", bearer(token_of("acme"))) == (200, b'"acme"')
    assert await get("/path/%2561cme", bearer(token_of("acme"))) == REFUSED
    assert await get("/path/caf%C3%A9", bearer(token_of("cafe\u0301"))) == REFUSED
    assert (await get("/path/caf%C3%A9", bearer(token_of("caf\xe9"))))[0] == 200
    assert await get("/number/7", bearer(token_of("7"))) == (200, b'"7"')
    assert await get("/number/8", bearer(token_of("7"))) == REFUSED


async def test_a_guard_takes_the_organization_from_a_header(get: Get) -> None:
    acme = token_of("acme")
    assert await get("/header", bearer(acme, ("X-Tenant", "acme"))) == (200, b'"acme"')
    for values in ([], [""], ["other"], ["acme", "other"], ["other", "acme"], ["acme,other"]):
        headers = bearer(acme, *(("X-Tenant", value) for value in values))
        assert await get("/header", headers) == REFUSED, values
    assert await get("/header", bearer(token_of(), ("X-Tenant", ""))) == REFUSED
    assert await get("/header", bearer(token_of(), ("X-Tenant", "None"))) == REFUSED


async def test_a_guard_takes_the_organization_from_a_function(get: Get) -> None:
    acme = bearer(token_of("acme"))
    assert await get("/query?tenant=acme", acme) == (200, b'"acme"')
    for query in ("", "?tenant=", "?tenant=other", "?Tenant=acme"):
        assert await get(f"/query{query}", acme) == REFUSED, query
    assert await get("/query", bearer(token_of())) == REFUSED


async def test_a_guard_wants_one_organization_or_any(get: Get) -> None:
    for organization, of_any, of_acme in [("acme", 200, 200), ("b", 200, 403), (None, 403, 403)]:
        headers = bearer(token_of(organization))
        assert (await get("/any", headers))[0] == of_any
        assert (await get("/acme", headers))[0] == of_acme


async def test_a_guard_whose_route_lacks_the_parameter_is_a_fault_of_the_service(get: Get) -> None:
    for headers in (bearer(token_of("acme")), bearer(token_of())):
        assert (await get("/no-path", headers))[0] == 500


async def test_a_foreign_token_is_not_told_what_it_lacks(get: Get) -> None:
    status, body = await get("/path/acme", bearer(token_of("other", ["write:users"])))
    assert (status, body) == REFUSED


async def test_a_request_without_a_token_is_a_401(get: Get) -> None:
    for path in ("/path/acme", "/header", "/any", "/acme", "/query"):
        assert (await get(path, []))[0] == 401
        assert (await get(path, bearer("a.b.c")))[0] == 401


async def test_a_claim_of_the_wrong_type_is_refused(
    get: Get, request: pytest.FixtureRequest
) -> None:
    # REST framework's permissions are asked after the authentication.
    expected = 403 if request.node.callspec.id == "rest-framework" else 401
    for value in (["acme"], {"id": "acme"}, 7, True, ""):
        assert (await get("/path/acme", bearer(token_of(value))))[0] == expected


def test_what_a_guard_cannot_check_is_refused_where_it_is_made() -> None:
    for wrong in (None, "", 7, ["acme"], UUID(UUID_TEXT)):
        given: Any = wrong
        with pytest.raises(TypeError, match="organization must be"):
            FlaskAuth(TokenVerifier(), organization=given)
        with pytest.raises(TypeError, match="organization must be"):
            FastAPIAuth(AsyncTokenVerifier(), organization=given)
        with pytest.raises(TypeError, match="organization must be"):
            m2m_required(organization=given)
    for wrong in (None, "", 7):
        given = wrong
        with pytest.raises(TypeError, match="the name must be a str"):
            OrganizationFrom.path(given)
        with pytest.raises(TypeError, match="the name must be a str"):
            OrganizationFrom.header(given)
    with pytest.raises(TypeError, match="use OrganizationFrom"):
        OrganizationFrom()


async def test_rest_framework_asks_for_the_organization_of_the_view() -> None:
    caller = DjangoClient(headers={"Authorization": f"Bearer {token_of('acme')}"})
    with pytest.raises(ImproperlyConfigured, match="organization must be set"):
        await asyncio.to_thread(caller.get, "/of/drf/forgotten")
    with pytest.raises(TypeError, match="organization must be"):
        await asyncio.to_thread(caller.get, "/of/drf/none")


async def test_a_websocket_of_another_organization_is_not_opened() -> None:
    app = FastAPI()
    guard = FastAPIAuth(AsyncTokenVerifier(), organization=PATH)

    @app.websocket("/path/{tenant}")
    async def socket(
        socket: WebSocket, claims: Annotated[TokenClaims, Security(guard, scopes=SCOPES)]
    ) -> None:
        await socket.accept()
        await socket.send_text(str(claims.organization))

    async def opened(tenant: str) -> list[str]:
        """The events with which the service answers."""
        authorization = f"Bearer {token_of('acme')}".encode()
        scope = {
            "type": "websocket",
            "path": f"/path/{tenant}",
            "query_string": b"",
            "headers": [(b"authorization", authorization)],
            "subprotocols": [],
        }
        events: list[str] = []

        async def receive() -> dict[str, str]:
            return {"type": "websocket.connect"}

        async def send(event: Any) -> None:
            events.append(event["type"])

        await app(scope, receive, send)
        return events

    assert (await opened("acme"))[:2] == ["websocket.accept", "websocket.send"]
    assert await opened("other") == await opened("Acme") == ["websocket.close"]


def either(request: Any) -> Any:
    return Client().m2m if request.param == "sync" else AsyncClient().m2m


@pytest.fixture(params=["sync", "async"])
def m2m(request: pytest.FixtureRequest) -> Any:
    return either(request)


async def test_a_token_of_another_organization_is_refused(m2m: Any) -> None:
    token = token_of("acme")
    claims = await answer(m2m.authenticate_token(access_token=token))
    assert (claims.organization, claims.custom_claims) == ("acme", {"org_id": "acme"})
    for wanted in ("acme", ANY_ORGANIZATION):
        await answer(m2m.authenticate_token(access_token=token, organization=wanted))
    for wanted in ("other", "", "acme ", "\ud800", "ACME"):
        with pytest.raises(InsufficientScopeError) as refused:
            await answer(m2m.authenticate_token(access_token=token, organization=wanted))
        error = refused.value
        assert (error.reason, error.http_status, error.missing_scopes) == (
            "wrong_organization",
            403,
            [],
        )
        assert "acme" not in str(error)
    for wrong in (None, 7, ["acme"], b"acme"):
        with pytest.raises(TypeError, match="organization"):
            await answer(m2m.authenticate_token(access_token=token, organization=wrong))


async def test_a_rule_of_ones_own_does_not_replace_the_organization(m2m: Any) -> None:
    asked = []

    def authorize(claims: TokenClaims, required: object) -> bool:
        asked.append(claims.organization)
        return True

    token = token_of("acme")
    for wanted in ("other", "acme"):
        try:
            await answer(
                m2m.authenticate_token(access_token=token, organization=wanted, authorize=authorize)
            )
        except InsufficientScopeError as error:
            assert error.reason == "wrong_organization"
    assert asked == ["acme"]


@pytest.mark.parametrize("make", [TokenVerifier, AsyncTokenVerifier])
async def test_a_remembered_token_is_checked_each_time(make: Any) -> None:
    verifier = make(verified_token_cache_size=8)
    token = token_of("acme")
    for _ in range(3):
        await answer(verifier.authenticate_token(access_token=token, organization="acme"))
        with pytest.raises(InsufficientScopeError):
            await answer(verifier.authenticate_token(access_token=token, organization="other"))


async def test_management(m2m: Any, caplog: pytest.LogCaptureFixture) -> None:
    clients = m2m.clients
    organization = "acme-of-this-test"
    made = (await answer(clients.create(scopes=[], organization_id=organization))).m2m_client
    try:
        assert made.organization_id == organization
        assert made.trusted_metadata == {"organization_id": organization}
        with caplog.at_level(logging.DEBUG, logger="stytch_m2m"):
            found = await everything(clients.search_all(organization_id=organization))
            assert [client.client_id for client in found] == [made.client_id]
            assert eventually(lambda: pages_read(caplog) == [1])
        moved = await answer(clients.update(client_id=made.client_id, organization_id="b"))
        assert moved.m2m_client.organization_id == "b"
        page = await answer(clients.search(organization_id="b"))
        assert [client.client_id for client in page.m2m_clients] == [made.client_id]
        with pytest.raises(InvalidConfigError, match="differ") as refused:
            await answer(
                clients.update(
                    client_id=made.client_id,
                    organization_id="b",
                    trusted_metadata={"organization_id": "c"},
                )
            )
        assert refused.value.field == "organization_id"
        with pytest.raises(ConflictError):
            await answer(
                clients.create(
                    client_id=made.client_id,
                    client_secret=made.client_secret,
                    scopes=[],
                    organization_id="c",
                    idempotent=True,
                )
            )
    finally:
        await answer(clients.delete(client_id=made.client_id))


async def test_the_key_of_the_metadata_has_another_name(m2m: Any) -> None:
    client: Any = type(Client()) if isinstance(m2m, type(Client().m2m)) else AsyncClient
    clients = client(organization_key="tenant").m2m.clients
    made = await answer(
        clients.create(
            scopes=[], organization_id="acme", trusted_metadata={"organization_id": "elsewhere"}
        )
    )
    made = made.m2m_client
    assert made.organization_id == "acme"
    assert made.trusted_metadata == {"tenant": "acme", "organization_id": "elsewhere"}
    await answer(clients.delete(client_id=made.client_id))
    for wrong in ("", "a.b", "a b", "x" * 65, "ä"):
        with pytest.raises(InvalidConfigError) as refused:
            client(organization_key=wrong)
        assert refused.value.field == "organization_key"


def pages_read(caplog: pytest.LogCaptureFixture) -> list[int]:
    read = [record for record in caplog.records if "read all clients" in record.getMessage()]
    return [record.stytch_m2m["pages"] for record in read]  # type: ignore[attr-defined]


async def everything(clients: Any) -> list[Any]:
    return [one async for one in clients] if hasattr(clients, "__aiter__") else list(clients)


def test_the_words_are_shown() -> None:
    assert repr(ANY_ORGANIZATION) == "ANY_ORGANIZATION"
    assert repr(PATH) == "OrganizationFrom.path('tenant')"
    assert json.dumps(repr(HEADER)) == "\"OrganizationFrom.header('X-Tenant')\""
