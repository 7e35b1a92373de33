"""What holds connections and secrets is not copied, and says what to do instead."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from stytch_m2m import (
    AsyncClient,
    AsyncOrganizationClient,
    AsyncTokenSource,
    AsyncTokenVerifier,
    B2BClient,
    Client,
    OrganizationClient,
    TokenSource,
    TokenVerifier,
)

SOURCE = {"client_id": "x", "client_secret": "canary-5f0c9b4e"}
ORGANIZATION = {"base_url": "http://127.0.0.1:9", "authorization": "Bearer canary-5f0c9b4e"}
OBJECTS: list[Callable[[], Any]] = [
    Client,
    B2BClient,
    AsyncClient,
    TokenVerifier,
    AsyncTokenVerifier,
    lambda: TokenSource(**SOURCE),
    lambda: AsyncTokenSource(**SOURCE),
    lambda: OrganizationClient(**ORGANIZATION),
    lambda: AsyncOrganizationClient(**ORGANIZATION),
    lambda: Client().m2m,
    lambda: Client().m2m.clients,
    lambda: AsyncClient().m2m.clients.secrets,
]


@pytest.mark.parametrize("make", OBJECTS)
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_copy_is_refused_with_advice(
    make: Callable[[], Any], duplicate: Callable[[Any], Any]
) -> None:
    original = make()
    name = type(original).__name__
    with pytest.raises(TypeError, match=f"{name} cannot be copied or pickled.*share.*another"):
        duplicate(original)
    with pytest.raises(TypeError, match="share"):
        duplicate([original] if duplicate is not copy.copy else original)
