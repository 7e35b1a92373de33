"""The guide's snippets: each `[name]` to `[end]` is on one of its pages. Run as a whole."""

import logging
import os
from contextvars import ContextVar
from dataclasses import replace

from stytch_m2m import (
    AuthenticationError,
    Client,
    InsufficientScopeError,
    InvalidTokenError,
    IssuerConfig,
    NotFoundError,
    StytchM2MError,
    TokenSource,
    TokenVerifier,
    token_from_authorization_header,
)


def main() -> None:
    log()
    client = Client()
    client_id, client_secret = create(client)
    header = fetch(client_id, client_secret)
    verifier = verify(header.removeprefix("Bearer "))
    another = audience(client.project_id, os.environ.get("STYTCH_BASE_URL"))
    try:
        another.authenticate_token(access_token=header.removeprefix("Bearer "))
    except InvalidTokenError as error:
        assert error.claim == "aud"
    customers = {f"stytch.com/{client.project_id}": client.project_id}
    of_customers = resolve(customers, os.environ.get("STYTCH_BASE_URL"))
    of_customers.authenticate_token(access_token=header.removeprefix("Bearer "))
    assert protect(verifier, header) == (200, None)
    assert protect(verifier, None)[0] == 401
    for_customer(client)
    try:
        customer(verifier, header.removeprefix("Bearer "), "acme")
    except InsufficientScopeError as error:
        assert error.reason == "wrong_organization"  # The token is of no customer's client.
    else:
        raise AssertionError("the token is of no customer")
    rotate(client, client_id)
    try:
        share(client_id, client_secret)
    except AuthenticationError:
        pass  # The old secret is gone.
    else:
        raise AssertionError("the old secret is gone")
    operate(verifier)
    remove(client, client_id)


def create(client: Client) -> tuple[str, str]:
    # [create]
    created = client.m2m.clients.create(
        client_name="billing worker",
        scopes=["read:invoices"],
        idempotent=True,  # a lost response does not lead to a second client
    ).m2m_client
    client_id = created.client_id
    client_secret = created.client_secret  # shown only once

    for found in client.m2m.clients.search_all():
        print(found.client_id, found.status, found.scopes)
    # [end]
    return client_id, client_secret


def fetch(client_id: str, client_secret: str) -> str:
    # [fetch]
    source = TokenSource(  # STYTCH_PROJECT_ID, STYTCH_BASE_URL
        client_id=client_id, client_secret=client_secret, scopes=["read:invoices"]
    )

    # From the cache while it is fresh; one request for all concurrent callers.
    token = source.get_token()
    header = source.authorization_header()  # the same, as "Bearer ..."

    # When a server has refused this token with 401: the next call fetches a new one.
    source.invalidate(token.access_token)
    # [end]
    return header


def verify(token: str) -> TokenVerifier:
    # [verify]
    verifier = TokenVerifier()  # STYTCH_PROJECT_ID, STYTCH_BASE_URL
    verifier.warm_up()  # optional: the first verification does not wait for the keys

    claims = verifier.authenticate_token(
        access_token=token, required_scopes=["read:invoices"], max_token_age_seconds=3600
    )
    print(claims.client_id, claims.scopes, claims.custom_claims)
    # [end]
    return verifier


def audience(project_id: str, base_url: str | None) -> TokenVerifier:
    # [audience]
    issuer = IssuerConfig.stytch(project_id=project_id, base_url=base_url)
    issuer = replace(issuer, audiences=["https://api.example.com"])
    verifier = TokenVerifier(issuers=[issuer])
    # [end]
    return verifier


def for_customer(client: Client) -> None:
    # [organization-client]
    created = client.m2m.clients.create(scopes=["read:invoices"], organization_id="acme")
    for found in client.m2m.clients.search_all(organization_id="acme"):
        print(found.client_id, found.organization_id)
    # [end]
    client.m2m.clients.delete(client_id=created.m2m_client.client_id)


# [organization]
def customer(verifier: TokenVerifier, token: str, organization: str) -> str | None:
    """Whose data a request for this organization may reach: its own, or an error."""
    claims = verifier.authenticate_token(access_token=token, organization=organization)
    return claims.organization


# [end]


def resolve(customers: dict[str, str], base_url: str | None) -> TokenVerifier:
    # [resolve]
    def customers_issuer(iss: str) -> IssuerConfig | None:
        project_id = customers.get(iss)  # your table of customers, such as a database
        if project_id is None:
            return None
        return IssuerConfig.stytch(project_id=project_id, base_url=base_url)

    verifier = TokenVerifier(issuer_resolver=customers_issuer)
    # [end]
    return verifier


# [protect]
def protect(verifier: TokenVerifier, header: str | None) -> tuple[int, str | None]:
    """The response to a request with this `Authorization` header."""
    try:
        verifier.authenticate_token(
            access_token=token_from_authorization_header(header),
            required_scopes=["read:invoices"],
        )
    except StytchM2MError as error:
        # 401, 403 or 503, and the WWW-Authenticate header that goes with it.
        return error.http_status, error.www_authenticate
    return 200, None


# [end]


def rotate(client: Client, client_id: str) -> None:
    vault: dict[str, str] = {}

    # [rotate]
    def store(next_client_secret: str) -> None:
        vault["billing"] = next_client_secret

    # Starts the rotation, gives you the next secret, tests it by fetching a token, and only then
    # makes it the only one. If storing fails, the rotation is cancelled; nothing else cancels it.
    client.m2m.clients.secrets.rotate_with(client_id=client_id, store=store)
    # [end]
    assert "billing" in vault


def share(client_id: str, client_secret: str) -> None:
    key = os.environ.get("TOKEN_STORE_KEY", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoyMzQ1Njc=")
    url = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
    # [share]
    source = TokenSource(
        client_id=client_id,
        client_secret=client_secret,
        token_store_url=url,  # rediss://... with TLS
        token_store_key=key,  # openssl rand -base64 32
    )
    source.get_token()
    # [end]


def operate(verifier: TokenVerifier) -> None:
    # [operate]
    client = Client(
        attempt_timeout_seconds=3, total_timeout_seconds=8, max_key_age_seconds=12 * 3600
    )
    print(client.stats().tokens)
    for keys in verifier.health():
        print(keys.issuer, keys.state, keys.age_seconds)
    # [end]


def log() -> None:
    # [log]
    request_id: ContextVar[str] = ContextVar("request_id", default="-")  # each request sets its own

    def add_request_id(record: logging.LogRecord) -> bool:
        record.request = request_id.get()
        return True

    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(request)s %(levelname)s %(message)s"))
    handler.addFilter(add_request_id)
    logger = logging.getLogger("stytch_m2m")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)  # each request; without it, only what you should know
    # [end]


def remove(client: Client, client_id: str) -> None:
    # [delete]
    # No new tokens from here on; existing tokens stay valid until they expire.
    client.m2m.clients.update(client_id=client_id, status="inactive")
    client.m2m.clients.delete(client_id=client_id)

    try:
        client.m2m.clients.get(client_id=client_id)
    except NotFoundError as error:
        print(error.code, error.request_id)  # not_found
    # [end]


if __name__ == "__main__":
    main()
