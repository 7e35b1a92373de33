import Foundation
import StytchM2M

func setting(_ name: String) -> String {
    ProcessInfo.processInfo.environment[name] ?? ""
}

let (tenant, audience) = (setting("AUTH0_URL"), setting("AUTH0_AUDIENCE"))

// A service: it accepts the tokens of both, each by its own keys, audience and profile.
let verifier = try TokenVerifier(issuers: [
    .auth0(domain: tenant, audience: audience),
    .stytch(),
])

// A caller: the same id and secret before and after. To move, it changes the token endpoint.
let clientID = setting("M2M_CLIENT_ID")
let clientSecret = SecretSource.env("M2M_CLIENT_SECRET")
let before = try TokenSource(
    clientID: clientID, clientSecret: clientSecret, tokenURL: "\(tenant)/oauth/token",
    extra: ["audience": audience])
let after = try TokenSource(clientID: clientID, clientSecret: clientSecret)

for source in [before, after] {
    let token = try await source.getToken().accessToken
    let claims = try await verifier.authenticateToken(
        accessToken: token, requiredScopes: ["read:invoices"])
    print("\(claims.clientID) by \(claims.issuer)")
}
