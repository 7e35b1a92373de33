"""The client that these tests have in the emulator, and how its secret changes."""

from __future__ import annotations

from stytch_m2m import AsyncTokenSource, Client, TokenSource
from stytch_m2m.testing import Emulator
from support import answer

ID, SECRET = "billing", "billing-secret-1"
Kind = type[TokenSource] | type[AsyncTokenSource]


def rotate(emulator: Emulator, to: str | None = None) -> str:
    """Makes another secret the only one."""
    with Client(**emulator.settings) as client:
        secrets = client.m2m.clients.secrets
        new = secrets.rotate_start(client_id=ID).m2m_client.next_client_secret
        secrets.rotate(client_id=ID)
    return new


async def refetch(source: TokenSource | AsyncTokenSource) -> str:
    """Another token than the cached one."""
    source.invalidate((await answer(source.get_token())).access_token)
    return (await answer(source.get_token())).access_token
