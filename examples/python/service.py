"""A service that lets in the callers that have the scope it asks for.

    pip install 'stytch-m2m[fastapi]' uvicorn
    uvicorn service:app

It verifies tokens by the project's public keys, and so needs STYTCH_PROJECT_ID and no secret.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, Security
from stytch_m2m import AsyncTokenVerifier, KeysUnavailableError, TokenClaims
from stytch_m2m.fastapi import M2MAuth

logging.basicConfig()  # It shows the package's warnings too.
log = logging.getLogger(__name__)
verifier = AsyncTokenVerifier()
authenticated = M2MAuth(verifier)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    # Without keys it starts all the same, and answers 503 until they can be had.
    try:
        await verifier.warm_up()
    except KeysUnavailableError as error:
        log.warning("no keys yet: %s", error)
    yield
    await verifier.aclose()


app = FastAPI(lifespan=lifespan)


@app.get("/orders")
async def orders(
    claims: Annotated[TokenClaims, Security(authenticated, scopes=["read:orders"])],
) -> dict[str, object]:
    return {"orders": [1, 2, 3], "for": claims.client_id}
