"""How to test a service of your own: its tokens come from the emulator, good and bad."""

import pytest
from stytch_m2m import StytchM2MError, TokenVerifier, token_from_authorization_header
from stytch_m2m.testing import Emulator


def list_invoices(verifier: TokenVerifier, authorization: str | None) -> int:
    """The service: the HTTP status that it answers a request with."""
    try:
        verifier.authenticate_token(
            access_token=token_from_authorization_header(authorization),
            required_scopes=["read:invoices"],
        )
    except StytchM2MError as error:
        return error.http_status
    return 200


@pytest.fixture
def verifier(stytch_m2m_emulator: Emulator) -> TokenVerifier:
    return TokenVerifier()  # The environment names the emulator.


@pytest.mark.parametrize(
    ("scopes", "changes", "status"),
    [
        (["read:invoices"], {}, 200),
        (["write:invoices"], {}, 403),
        (["read:invoices"], {"issued_at_offset_seconds": -7200}, 401),
        (["read:invoices"], {"signature": "corrupted"}, 401),
        (["read:invoices"], {"claims": {"aud": ["another"]}}, 401),
    ],
)
def test_callers_get_the_status_that_their_token_earns(
    stytch_m2m_emulator: Emulator,
    verifier: TokenVerifier,
    scopes: list[str],
    changes: dict[str, object],
    status: int,
) -> None:
    token = stytch_m2m_emulator.issue_token("billing", scopes=scopes, changes=changes)
    assert list_invoices(verifier, f"Bearer {token}") == status


def test_without_a_token_there_is_no_answer(verifier: TokenVerifier) -> None:
    assert list_invoices(verifier, None) == 401


def test_without_keys_nobody_is_blamed(
    stytch_m2m_emulator: Emulator, verifier: TokenVerifier
) -> None:
    token = stytch_m2m_emulator.issue_token("billing", scopes=["read:invoices"])
    stytch_m2m_emulator.add_fault({"type": "status", "status": 503}, operation="jwks", seconds=60)
    assert list_invoices(verifier, f"Bearer {token}") == 503
