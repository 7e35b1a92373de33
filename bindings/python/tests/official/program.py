"""A program for Stytch's own package, `stytch`; `examples/python/ported.py` is the same, ported."""

import os

import stytch
from stytch.core.response_base import StytchError

client = stytch.Client(
    project_id=os.environ["STYTCH_PROJECT_ID"],
    secret=os.environ["STYTCH_SECRET"],
    environment=os.environ["STYTCH_BASE_URL"] + "/",  # an emulator
)

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
token = client.m2m.token(client_id, client_secret, scopes=["read:users"])
print(token.token_type, token.status_code)

# Verify
claims = client.m2m.authenticate_token(token.access_token, required_scopes=["read:users"])
assert claims is not None
print(claims.client_id == client_id, claims.scopes, claims.custom_claims)
if client.m2m.authenticate_token(token.access_token, required_scopes=["write:users"]) is None:
    print("refused")
if client.m2m.authenticate_token(token.access_token, max_token_age=0) is None:
    print("refused")
claims = client.m2m.authenticate_token(
    token.access_token,
    required_scopes=["anything"],
    scope_authorization_func=lambda params: "read:users" in params.has_scopes,
)
print(claims is not None)

# Rotate
started = client.m2m.clients.secrets.rotate_start(client_id=client_id)
client.m2m.token(client_id, started.m2m_client.next_client_secret)
rotated = client.m2m.clients.secrets.rotate(client_id=client_id)
print(rotated.m2m_client.next_client_secret_last_four)

# Errors
client.m2m.clients.delete(client_id=client_id)
try:
    client.m2m.clients.get(client_id=client_id)
except StytchError as error:
    print(error.details.status_code, error.details.error_type)
