"""What people tripped over on their first day."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import httpx
import pytest
import stytch_m2m.aiohttp
import stytch_m2m.fastapi
import stytch_m2m.flask
import stytch_m2m.requests
from fastapi import FastAPI
from refusals import NO_KEYS
from stytch_m2m import (
    AsyncClient,
    AsyncTokenSource,
    AsyncTokenVerifier,
    Client,
    TokenSource,
    TokenVerifier,
)
from support import issue

SERVICE = Path(__file__).parents[3] / "examples" / "python" / "service.py"
ORIGINS = ["https://api.example.com"]
CREDENTIAL = {"client_id": "billing", "client_secret": "billing-secret-1"}


async def test_the_fastapi_sample_starts_without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    headers = {"Authorization": f"Bearer {issue(['read:orders'])}"}
    monkeypatch.setenv("STYTCH_BASE_URL", NO_KEYS)
    spec = importlib.util.spec_from_file_location("service", SERVICE)
    assert spec is not None
    assert spec.loader is not None
    service = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(service)
    app: FastAPI = service.app
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as caller:
            assert (await caller.get("/orders", headers=headers)).status_code == 503


def test_a_guard_refuses_at_once_a_verifier_that_it_cannot_ask() -> None:
    for verifier in (TokenVerifier(), Client().m2m, AsyncClient(), object()):
        with pytest.raises(TypeError, match="verifier must be an AsyncTokenVerifier"):
            stytch_m2m.fastapi.M2MAuth(verifier)  # type: ignore[arg-type]
    for verifier in (AsyncTokenVerifier(), AsyncClient().m2m, Client(), object()):
        with pytest.raises(TypeError, match="verifier must be a TokenVerifier"):
            stytch_m2m.flask.M2MAuth(verifier)  # type: ignore[arg-type]


def test_a_plug_refuses_at_once_a_source_that_it_cannot_ask() -> None:
    with pytest.raises(TypeError, match="source must be an AsyncTokenSource"):
        stytch_m2m.aiohttp.TokenMiddleware(TokenSource(**CREDENTIAL), origins=ORIGINS)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="source must be a TokenSource"):
        stytch_m2m.requests.TokenAuth(AsyncTokenSource(**CREDENTIAL), origins=ORIGINS)  # type: ignore[arg-type]
