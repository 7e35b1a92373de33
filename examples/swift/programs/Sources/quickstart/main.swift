import StytchM2M

let client = try StytchClient()  // STYTCH_PROJECT_ID, STYTCH_SECRET, STYTCH_BASE_URL

let created = try await client.m2m.clients.create(scopes: ["read:users"]).m2mClient
let token = try await client.m2m.token(
    clientID: created.clientID, clientSecret: created.clientSecret
).accessToken

let claims = try await client.m2m.authenticateToken(
    accessToken: token, requiredScopes: ["read:users"])
print(claims.clientID, claims.scopes)

do {
    _ = try await client.m2m.authenticateToken(accessToken: token, requiredScopes: ["write:users"])
} catch let error as M2MError {
    print(error.code, error.missingScopes)
}
