"""Every case of `tests/vectors`, as every language runs them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from stytch_m2m import (
    ANY_ORGANIZATION,
    IssuerConfig,
    StytchM2MError,
    TokenVerifier,
    _base,
    _native,
    refuses_token,
    token_from_authorization_headers,
)

FOLDER = Path(__file__).parents[3] / "tests" / "vectors"


def test_every_token_gets_what_it_must(capsys: pytest.CaptureFixture[str]) -> None:
    ran, failures = 0, []
    for path in sorted(FOLDER.glob("*.json")):
        file = json.loads(path.read_text(encoding="utf-8"))
        for case in file["cases"]:
            ran += 1
            seen = bearer(case) if "call" in case else outcome(file, case)
            expect = case["expect"].get("ok", case["expect"])
            wrong = {name: seen.get(name) for name in expect if seen.get(name) != expect[name]}
            if wrong or ("ok" in case["expect"]) != ("client_id" in seen):
                failures.append(f"{path.stem} {case['id']} {case['name']}: {wrong or seen}")
    with capsys.disabled():
        print(f"\nvectors: {ran} cases")
    assert ran >= 600, "cases are missing"
    assert not failures, "\n".join(failures)


def outcome(file: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    token = case["token"] * case.get("repeat", 1)
    try:
        issuers = [settings(**issuer) for issuer in case.get("issuers", file["issuers"])]
        verifier = TokenVerifier(issuers=issuers)
        # As it is, with a clock that stands still, which the public constructor does not offer.
        verifier._verifier = _native.TokenVerifier(
            issuers, None, 0, _base.complete(verifier, _native.Hidden({})), file["now"]
        )
        options = case.get("options", {})
        if isinstance(options.get("organization"), dict):
            options = {**options, "organization": ANY_ORGANIZATION}
        claims = verifier.authenticate_token(access_token=token, **options)
    except StytchM2MError as error:
        return refused(error)
    times = {
        name: int(time.timestamp()) if (time := getattr(claims, name)) else None
        for name in ("issued_at", "not_before", "expires_at")
    }
    return times | {
        "client_id": claims.client_id,
        "scopes": list(claims.scopes),
        "wildcard_scopes": claims.wildcard_scopes,
        "custom_claims": claims.custom_claims,
        "custom_claims_json": json.dumps(claims.custom_claims, separators=(",", ":")),
        "issuer": claims.issuer,
        "audience": list(claims.audience),
        "token_id": claims.token_id,
        "subject": claims.subject,
        "organization": claims.organization,
    }


def settings(*, preset: str = "", jwks: str, **given: Any) -> IssuerConfig:
    """An issuer of the files: its settings, or a provider's with other keys."""
    if not preset:
        return IssuerConfig(jwks=jwks, **given)
    provider = getattr(IssuerConfig, preset)(**given["arguments"])
    return dataclasses.replace(provider, jwks_url=None, discovery=None, jwks=jwks)


def refused(error: StytchM2MError) -> dict[str, Any]:
    shown = ("code", "reason", "claim", "field", "missing_scopes")
    refusal = error.refusal and dataclasses.asdict(error.refusal)
    return {name: getattr(error, name) for name in shown} | {"refusal": refusal}


def bearer(case: dict[str, Any]) -> dict[str, Any]:
    """A case of `bearer.json`."""
    given = case["given"]
    errors = dict(_native.sample_errors())
    try:
        match case["call"]:
            case "token_from_authorization_headers":
                return {"token": token_from_authorization_headers(given["values"])}
            case "refuses_token":
                return {"refuses": refuses_token(given["status"], given["www_authenticate"])}
            case "origins":
                return {"allows": _native.Origins(given["origins"]).allows(given["url"])}
            case "missing_scopes":
                return {"missing": _native.missing_scopes(**given)}
            case "insufficient_scope":
                raise _native.insufficient_scope(given["missing"])
            case "error":
                raise errors[given["code"]]
            case call:
                raise AssertionError(f"there is no {call}")
    except StytchM2MError as error:
        return refused(error)
