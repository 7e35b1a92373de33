"""The main job, end to end: create a client, fetch a token, verify it, refuse what must be refused.

`cargo xtask demo python` runs it on the emulator. With `STYTCH_PROJECT_ID`, `STYTCH_SECRET` and
`STYTCH_BASE_URL` set it runs against that server.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request

from stytch_m2m import AuthenticationError, Client, InsufficientScopeError


def main() -> None:
    with Client() as client:
        tell(client)


def tell(client: Client) -> None:
    print("1. Create a client with scopes and metadata")
    created = client.m2m.clients.create(
        client_name="payments worker",
        scopes=["read:users", "write:users"],
        trusted_metadata={"team": "payments"},
    ).m2m_client
    client_id, client_secret = created.client_id, created.client_secret
    fact("client_id", client_id)
    fact("scopes", " ".join(created.scopes))
    fact("metadata", compact(created.trusted_metadata))

    print("2. Fetch a token")
    token = client.m2m.token(client_id=client_id, client_secret=client_secret)
    fact("expires_in", f"{token.expires_in} s")
    fact("token requests", requests(client_id, "counted by the server"))

    print("3. Fetch it again")
    again = client.m2m.token(client_id=client_id, client_secret=client_secret)
    check(again.access_token == token.access_token, "the second fetch is another token")
    fact("same token", "yes")
    fact("token requests", requests(client_id, "still: it came from the cache"))

    print("4. Authenticate it")
    claims = client.m2m.authenticate_token(access_token=token.access_token)
    check(claims.client_id == client_id, "the token is another client's")
    fact("client_id", claims.client_id)
    fact("scopes", " ".join(claims.scopes))
    fact("custom_claims", compact(claims.custom_claims))

    print("5. Ask for a scope that it lacks")
    try:
        client.m2m.authenticate_token(
            access_token=token.access_token, required_scopes=["delete:users"]
        )
    except InsufficientScopeError as error:
        fact("error", error.code)
        fact("missing_scopes", " ".join(error.missing_scopes))
    else:
        sys.exit("expected insufficient_scope, got claims")

    print("6. Deactivate the client")
    client.m2m.clients.update(client_id=client_id, status="inactive")
    try:
        client.m2m.token(client_id=client_id, client_secret=client_secret, force_refresh=True)
    except AuthenticationError as error:
        fact("a new token", f"refused: {error.code} (HTTP {error.status_code})")
    else:
        sys.exit("an inactive client got a token")
    claims = client.m2m.authenticate_token(access_token=token.access_token)
    fact("the old token", f"still verifies for {claims.client_id}")

    print("7. Delete the client")
    fact("deleted", client.m2m.clients.delete(client_id=client_id).client_id)


def fact(name: str, value: str) -> None:
    print(f"   {name:<15} {value}")


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def check(holds: bool, otherwise: str) -> None:
    if not holds:
        sys.exit(otherwise)


def requests(client_id: str, remark: str) -> str:
    """How many tokens the server was asked for, where it is an emulator and counts."""
    url = f"{os.environ.get('STYTCH_BASE_URL', '')}/_emulator/counts?client_id={client_id}"
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            count = json.load(response)["token"]
    except (ValueError, KeyError, OSError):
        return "not shown by this server"
    check(count == 1, f"{count} token requests, where one was needed")
    return f"1 ({remark})"


if __name__ == "__main__":
    main()
