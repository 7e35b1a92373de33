"""A service with several customers. The machine of one never reaches the data of another.

    pip install 'stytch-m2m[fastapi]' uvicorn
    uvicorn tenants:app

The organization comes from the token, where the project's template puts it:

    { "org_id": {{ client.trusted_metadata.organization_id }} }
"""

from typing import Annotated

from fastapi import FastAPI, HTTPException, Security
from stytch_m2m import ANY_ORGANIZATION, AsyncTokenVerifier, OrganizationFrom, TokenClaims
from stytch_m2m.fastapi import M2MAuth

app = FastAPI()
verifier = AsyncTokenVerifier()

# The organization in the token must be the one in the path, or there must be one.
of_path = M2MAuth(verifier, organization=OrganizationFrom.path("organization"))
of_any = M2MAuth(verifier, organization=ANY_ORGANIZATION)

invoices: dict[str, dict[str, str]] = {
    "acme": {"1": "anvils"},
    "globex": {"1": "rockets", "2": "fuel"},
}

Reader = Annotated[TokenClaims, Security(of_path, scopes=["read:invoices"])]
Writer = Annotated[TokenClaims, Security(of_path, scopes=["write:invoices"])]


def invoices_of(claims: TokenClaims) -> dict[str, str]:
    """Looked up by the token's organization, never by what else the request says."""
    assert claims.organization is not None
    return invoices.setdefault(claims.organization, {})


@app.get("/organizations/{organization}/invoices")
async def all_invoices(claims: Reader) -> dict[str, str]:
    return invoices_of(claims)


@app.get("/organizations/{organization}/invoices/{number}")
async def one_invoice(number: str, claims: Reader) -> str:
    if number not in invoices_of(claims):
        raise HTTPException(404)
    return invoices_of(claims)[number]


@app.put("/organizations/{organization}/invoices/{number}")
async def write_invoice(number: str, text: str, claims: Writer) -> None:
    invoices_of(claims)[number] = text


@app.delete("/organizations/{organization}/invoices/{number}")
async def delete_invoice(number: str, claims: Writer) -> None:
    invoices_of(claims).pop(number, None)


@app.get("/invoices")
async def own_invoices(
    claims: Annotated[TokenClaims, Security(of_any, scopes=["read:invoices"])],
) -> dict[str, str]:
    return invoices_of(claims)
