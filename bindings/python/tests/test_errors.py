"""The mapping of the core's errors to exceptions."""

from __future__ import annotations

import copy
import pickle

import pytest
import stytch_m2m
from stytch_m2m import StytchM2MError, _errors, _native

SAMPLES = dict(_native.sample_errors())
CODES = [
    "invalid_config",
    "authentication",
    "permission_denied",
    "not_found",
    "conflict",
    "invalid_request",
    "rate_limited",
    "service",
    "network",
    "timeout",
    "unexpected_response",
    "outcome_unknown",
    "invalid_token",
    "insufficient_scope",
    "keys_unavailable",
    "cancelled",
]
TRANSIENT = {"rate_limited", "service", "network", "timeout", "keys_unavailable"}


def test_every_code_has_a_class_of_its_own() -> None:
    assert list(SAMPLES) == CODES
    assert sorted(_errors.BY_CODE) == sorted(CODES)
    assert len({type(error) for error in SAMPLES.values()}) == len(CODES)
    for error in SAMPLES.values():
        assert getattr(stytch_m2m, type(error).__name__) is type(error)
        assert type(error).__name__ in stytch_m2m.__all__


@pytest.mark.parametrize("code", CODES)
def test_every_field_arrives(code: str) -> None:
    error = SAMPLES[code]
    assert isinstance(error, StytchM2MError)
    assert error.code == code
    statuses = {"invalid_token": 401, "insufficient_scope": 403, "keys_unavailable": 503}
    challenges = {
        "invalid_token": 'Bearer error="invalid_token"',
        "insufficient_scope": 'Bearer error="insufficient_scope", scope="read:users"',
    }
    assert vars(error) == {
        "message": "message",
        "field": "field",
        "status_code": 418,
        "request_id": "request-id",
        "error_type": "error_type",
        "error_message": "error message",
        "error_url": "https://example.com/error",
        "retry_after_seconds": 1.5,
        "reason": "expired",
        "claim": "exp",
        "missing_scopes": ["read:users"],
        "recovery": "recovery",
        "is_transient": code in TRANSIENT,
        "http_status": statuses.get(code, 500),
        "www_authenticate": challenges.get(code),
        "refusal": refusal(code, statuses.get(code), challenges.get(code)),
    }
    assert str(error) == "message (request_id request-id)"


def refusal(code: str, status: int | None, challenge: str | None) -> stytch_m2m.Refusal | None:
    if status is None:
        return None
    headers = {"Cache-Control": "no-store", "Content-Type": "application/json"}
    if challenge is not None:
        headers["WWW-Authenticate"] = challenge
    if status == 503:
        headers["Retry-After"] = "2"
    return stytch_m2m.Refusal(status=status, headers=headers, body=f'{{"error":"{code}"}}')


@pytest.mark.parametrize("code", CODES)
def test_errors_travel_between_processes(code: str) -> None:
    error = SAMPLES[code]
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is type(error)
        assert vars(twin) == vars(error)
        assert str(twin) == str(error)


def test_a_class_of_ones_own_is_possible() -> None:
    error = stytch_m2m.NotFoundError("gone", request_id="r")
    assert (error.code, error.request_id, error.field) == ("not_found", "r", None)
    assert isinstance(stytch_m2m.InvalidConfigError("x"), ValueError)
