from stytch_m2m import Client, InsufficientScopeError

client = Client()  # STYTCH_PROJECT_ID, STYTCH_SECRET, STYTCH_BASE_URL

created = client.m2m.clients.create(scopes=["read:users"]).m2m_client
token = client.m2m.token(
    client_id=created.client_id, client_secret=created.client_secret
).access_token

claims = client.m2m.authenticate_token(access_token=token, required_scopes=["read:users"])
print(claims.client_id, claims.scopes)

try:
    client.m2m.authenticate_token(access_token=token, required_scopes=["write:users"])
except InsufficientScopeError as error:
    print(error.code, error.missing_scopes)
