"""Those beside whom `stytch-m2m` does its work: each as strict as it can be set, keys made once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import jose.jwk
import jose.jwt
import jwt
import stytch
from joserfc import jwk as joserfc_jwk
from joserfc import jwt as joserfc_jwt
from measure import DATA

PROJECT = os.environ["STYTCH_PROJECT_ID"]
SECRET = os.environ["STYTCH_SECRET"]
BASE_URL = os.environ["STYTCH_BASE_URL"]
ISSUER = f"stytch.com/{PROJECT}"
SCOPES = ["read:users", "write:users"]

Verify = Callable[[str], object]


def official() -> stytch.Client:
    return stytch.Client(PROJECT, SECRET, environment=f"{BASE_URL}/", suppress_warnings=True)


def verifiers(jwks: str) -> dict[str, Verify]:
    """By name, each with the keys of the file `jwks`. All read every claim."""
    keys = json.loads((DATA / jwks).read_text())
    return {
        "PyJWT": pyjwt(keys),
        "python-jose": python_jose(keys),
        "joserfc": joserfc(keys),
    }


def pyjwt(jwks: dict[str, list[dict[str, str]]]) -> Verify:
    keys = {key["kid"]: jwt.PyJWK(key) for key in jwks["keys"]}

    def verify(token: str) -> object:
        key = keys[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            issuer=ISSUER,
            audience=PROJECT,
            options={"require": ["exp", "iss", "aud"]},
        )
        return check_scopes(claims)

    return verify


def python_jose(jwks: dict[str, list[dict[str, str]]]) -> Verify:
    keys = {key["kid"]: jose.jwk.construct(key) for key in jwks["keys"]}

    def verify(token: str) -> object:
        key = keys[jose.jwt.get_unverified_header(token)["kid"]]
        claims = jose.jwt.decode(token, key, algorithms=["RS256"], issuer=ISSUER, audience=PROJECT)
        return check_scopes(claims)

    return verify


def joserfc(jwks: dict[str, list[dict[str, str]]]) -> Verify:
    keys = joserfc_jwk.KeySet.import_key_set(jwks)
    registry = joserfc_jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": PROJECT},
        exp={"essential": True},
    )

    def verify(token: str) -> object:
        claims = joserfc_jwt.decode(token, keys, algorithms=["RS256"]).claims
        registry.validate(claims)
        return check_scopes(claims)

    return verify


def check_scopes(claims: dict[str, str]) -> dict[str, str]:
    held = claims["scope"].split(" ")
    assert all(scope in held for scope in SCOPES)
    return claims
