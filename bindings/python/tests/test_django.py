"""Django's middleware and decorator and the class for Django REST framework, through Django's own
test clients, gunicorn (WSGI) and uvicorn (ASGI)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import django
import pytest

os.environ["DJANGO_SETTINGS_MODULE"] = "django_project.settings"
django.setup()

from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.test import AsyncClient, Client  # noqa: E402
from django.test.utils import override_settings  # noqa: E402
from processes import fetch, running  # noqa: E402
from refusals import (  # noqa: E402
    NO_KEYS,
    Case,
    answer,
    assert_no_keys,
    assert_two_headers_are_refused,
)
from rest_framework.test import APIClient  # noqa: E402
from stytch_m2m.django import m2m_required  # noqa: E402
from support import issue  # noqa: E402

HERE = Path(__file__).parent
PROTECT_ALL = override_settings(MIDDLEWARE=["stytch_m2m.django.M2MMiddleware"])
EITHER = pytest.mark.parametrize("make", [Client, AsyncClient])
DECORATED = pytest.mark.parametrize("path", ["/users", "/async-users"])
PLAIN = pytest.mark.parametrize("path", ["/plain", "/async-plain"])

Get = Callable[..., Awaitable[Any]]


def getter(make: Callable[..., Any], authorization: str | None = None, **options: Any) -> Get:
    headers = {} if authorization is None else {"Authorization": authorization}

    async def get(path: str, method: str = "get") -> Any:
        call = getattr(make(**options), method)
        if make is AsyncClient:
            return await call(path, headers=headers)
        return await asyncio.to_thread(call, path, headers=headers)

    return get


def bearer(*scopes: str, **changes: object) -> str:
    return f"Bearer {issue(list(scopes), **changes)}"


@EITHER
@DECORATED
async def test_a_good_token_is_let_in(make: Callable[..., Any], path: str) -> None:
    response = await getter(make, bearer("read:users"))(path)
    assert response.status_code == 200
    assert response.json() == {"client_id": "m2m-client-test-1", "scopes": ["read:users"]}


@EITHER
@pytest.mark.parametrize("path", ["/users", "/async-users", "/drf/users"])
async def test_a_refusal(make: Callable[..., Any], path: str, refused: Case) -> None:
    response = await getter(make, refused.authorization)(path)
    assert answer(response.status_code, response.headers, response.content) == refused.answer()


@EITHER
@pytest.mark.parametrize("path", ["/own-rule", "/async-own-rule", "/drf/own-rule"])
async def test_a_rule_of_ones_own_replaces_the_comparison_of_scopes(
    make: Callable[..., Any], path: str
) -> None:
    assert (await getter(make, bearer("write:users"))(path)).status_code == 200
    assert (await getter(make, bearer("read:users"))(path)).status_code == 403


@EITHER
@DECORATED
async def test_a_protected_view_needs_no_csrf_token(make: Callable[..., Any], path: str) -> None:
    post = getter(make, bearer("read:users"), enforce_csrf_checks=True)
    assert (await post(path, method="post")).status_code == 200
    assert (await post("/plain", method="post")).status_code == 403


@EITHER
@PLAIN
async def test_the_middleware_protects_every_view(make: Callable[..., Any], path: str) -> None:
    with PROTECT_ALL:
        response = await getter(make, bearer("a:b"))(path)
        assert response.json() == {"client_id": "m2m-client-test-1", "scopes": ["a:b"]}
        for authorization in (None, "Bearer a.b.c", bearer("a:b", signature="corrupted")):
            response = await getter(make, authorization)(path)
            assert response.status_code == 401
            assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert (await getter(make)("/health")).json() == {"client_id": None, "scopes": None}
        assert (await getter(make)("/users")).status_code == 401
        assert (await getter(make, bearer("a:b"))("/users")).status_code == 403


@EITHER
@pytest.mark.parametrize("path", ["/users", "/async-users", "/plain", "/drf/me"])
async def test_no_keys_are_a_503(make: Callable[..., Any], path: str) -> None:
    with PROTECT_ALL, override_settings(STYTCH_M2M={"base_url": NO_KEYS}):
        get = getter(make, bearer("read:users"))
        for _ in range(2):
            response = await get(path)
            assert_no_keys(response.status_code, response.headers, response.content)
        assert int(response.headers["Retry-After"]) > 0


@EITHER
@pytest.mark.parametrize("path", ["/users", "/async-users", "/drf/users"])
async def test_a_wildcard_scope_grants_what_it_covers(make: Callable[..., Any], path: str) -> None:
    assert (await getter(make, bearer("read:*"))(path)).status_code == 200
    assert (await getter(make, bearer("write:*"))(path)).status_code == 403


@EITHER
async def test_an_empty_setting_is_none(make: Callable[..., Any]) -> None:
    with override_settings(STYTCH_M2M={"project_id": "", "base_url": "", "proxy": ""}):
        assert (await getter(make, bearer("read:users"))("/users")).status_code == 200


def test_scopes_that_are_one_string_are_refused_where_the_guard_is_made() -> None:
    with pytest.raises(TypeError, match="required_scopes must be a list"):
        m2m_required(required_scopes="read:users")


def test_a_browser_gets_the_same_refusal_of_rest_framework() -> None:
    refused = APIClient(HTTP_ACCEPT="text/html").get("/drf/users")
    expected = Case(None, 401, "Bearer", "invalid_token").answer()
    assert answer(refused.status_code, refused.headers, refused.content) == expected


async def test_an_async_view_is_not_left_for_a_thread() -> None:
    """With a warm key set, middleware and decorator run on the event loop's thread."""
    get = getter(AsyncClient, bearer("read:users"))
    with PROTECT_ALL:
        for path in ("/async-users", "/async-plain"):
            assert (await get(path)).status_code == 200


def test_rest_framework() -> None:
    caller = APIClient()
    assert caller.get("/drf/open").json() == {"client_id": None}
    caller.credentials(HTTP_AUTHORIZATION=bearer("a:b"))
    assert caller.get("/drf/me").json() == {"client_id": "m2m-client-test-1", "scopes": ["a:b"]}
    assert caller.get("/drf/open").json() == {"client_id": "m2m-client-test-1"}
    assert caller.get("/drf/users").status_code == 403
    caller.credentials(HTTP_AUTHORIZATION="Bearer a.b.c")
    refused = caller.get("/drf/open")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    with pytest.raises(ImproperlyConfigured, match=r"Forgotten\.required_scopes"):
        caller.credentials(HTTP_AUTHORIZATION=bearer("a:b"))
        caller.get("/drf/forgotten")


@pytest.mark.parametrize(
    "server",
    [
        ["gunicorn", "--bind", "127.0.0.1:PORT", "django_project.wsgi"],
        ["uvicorn", "--port", "PORT", "--lifespan", "off", "django_project.asgi:application"],
    ],
    ids=["wsgi", "asgi"],
)
def test_over_http(server: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROTECT_ALL", "1")
    with running(*server, folder=HERE) as base_url:
        for path in ("/users", "/async-users", "/plain", "/async-plain", "/drf/users"):
            status, body = fetch(base_url + path, issue(["read:users"]))
            assert (status, "m2m-client-test-1" in body) == (200, True)
            assert fetch(base_url + path)[0] == 401
        assert fetch(f"{base_url}/users", issue(["write:users"]))[0] == 403
        assert fetch(f"{base_url}/health")[0] == 200
        for path in ("/users", "/async-users", "/plain", "/async-plain", "/drf/users"):
            assert_two_headers_are_refused(base_url + path)
