"""A program that was written for the package `stytch`, ported: it prints what it printed before."""

from stytch_m2m import Client, InsufficientScopeError, InvalidTokenError, StytchM2MError

client = Client()  # STYTCH_PROJECT_ID, STYTCH_SECRET, STYTCH_BASE_URL

# Manage
created = client.m2m.clients.create(scopes=["read:users", "write:users"], client_name="billing")
client_id = created.m2m_client.client_id
client_secret = created.m2m_client.client_secret
client.m2m.clients.update(client_id=client_id, client_description="sends invoices")
found = client.m2m.clients.search(
    query={
        "operator": "AND",
        "operands": [{"filter_name": "client_id", "filter_value": [client_id]}],
    }
)
print([(each.client_name, each.client_description) for each in found.m2m_clients])

# Fetch
token = client.m2m.token(client_id=client_id, client_secret=client_secret, scopes=["read:users"])
print(token.token_type, token.status_code)

# Verify
claims = client.m2m.authenticate_token(
    access_token=token.access_token, required_scopes=["read:users"]
)
print(claims.client_id == client_id, claims.scopes, claims.custom_claims)
try:
    client.m2m.authenticate_token(access_token=token.access_token, required_scopes=["write:users"])
except InsufficientScopeError:
    print("refused")
try:
    client.m2m.authenticate_token(access_token=token.access_token, max_token_age_seconds=0)
except InvalidTokenError:
    print("refused")
claims = client.m2m.authenticate_token(
    access_token=token.access_token,
    required_scopes=["anything"],
    authorize=lambda claims, required_scopes: "read:users" in claims.scopes,
)
print(claims is not None)

# Rotate
started = client.m2m.clients.secrets.rotate_start(client_id=client_id)
rotated = client.m2m.clients.secrets.rotate_finish(  # fetches a token with the secret first
    client_id=client_id, next_client_secret=started.m2m_client.next_client_secret
)
print(rotated.m2m_client.next_client_secret_last_four)

# Errors
client.m2m.clients.delete(client_id=client_id)
try:
    client.m2m.clients.get(client_id=client_id)
except StytchM2MError as error:
    print(error.status_code, error.error_type)
