import os

from stytch_m2m import IssuerConfig, TokenSource, TokenVerifier

tenant, audience = os.environ["AUTH0_URL"], os.environ["AUTH0_AUDIENCE"]
project, base_url = os.environ["STYTCH_PROJECT_ID"], os.environ.get("STYTCH_BASE_URL")

# A service: it accepts the tokens of both, each by its own keys, audience and profile.
verifier = TokenVerifier(
    issuers=[
        IssuerConfig.auth0(domain=tenant, audience=audience),
        IssuerConfig.stytch(project_id=project, base_url=base_url),
    ]
)

# A caller: the same id and secret before and after. To move, it changes the token endpoint.
client_id, client_secret = os.environ["M2M_CLIENT_ID"], os.environ["M2M_CLIENT_SECRET"]
before = TokenSource(
    client_id=client_id,
    client_secret=client_secret,
    token_url=f"{tenant}/oauth/token",
    extra={"audience": audience},
)
after = TokenSource(client_id=client_id, client_secret=client_secret)

for source in (before, after):
    token = source.get_token().access_token
    claims = verifier.authenticate_token(access_token=token, required_scopes=["read:invoices"])
    print(f"{claims.client_id} by {claims.issuer}")
