// The guide's snippets: each `[name]` to `[end]` is on one of its pages. Run as a whole.

import Foundation
import StytchM2M

let environment = ProcessInfo.processInfo.environment
let client = try StytchClient()

// [create]
let created = try await client.m2m.clients.create(
    scopes: ["read:invoices"],
    clientName: "billing worker",
    idempotent: true  // a lost response does not lead to a second client
).m2mClient
let clientID = created.clientID
let clientSecret = created.clientSecret  // shown only once

for try await found in client.m2m.clients.searchAll() {
    print(found.clientID, found.status, found.scopes)
}
// [end]

// [fetch]
// STYTCH_PROJECT_ID, STYTCH_BASE_URL
let source = try TokenSource(
    clientID: clientID, clientSecret: .value(clientSecret), scopes: ["read:invoices"])

// From the cache while it is fresh; one request for all concurrent callers.
let fetched = try await source.getToken()
let header = fetched.authorizationHeader  // "Bearer ..."

// When a server has refused this token with 401: the next call fetches a new one.
source.invalidate(accessToken: fetched.accessToken)
// [end]

func secrets() async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try clientSecret.reveal().write(toFile: path, atomically: true, encoding: .utf8)
    let readVault: @Sendable (String) async throws -> String = { [clientSecret] _ in
        clientSecret.reveal()
    }
    // [credential]
    // Read again when the file changes, and when the server refuses the secret.
    let fromFile = try TokenSource(clientID: clientID, clientSecret: .file(path))
    _ = try await fromFile.getToken()

    // Called at first use, and again when the server refuses the secret.
    let fromVault = try TokenSource(
        clientID: clientID, clientSecret: .function { try await readVault("billing") })
    _ = try await fromVault.getToken()
    // [end]
    try FileManager.default.removeItem(atPath: path)
}
try await secrets()

let token = try tokenFromAuthorizationHeader(header.reveal())

// [verify]
let verifier = try TokenVerifier()  // STYTCH_PROJECT_ID, STYTCH_BASE_URL
try await verifier.warmUp()  // optional: the first verification does not wait for the keys

let claims = try await verifier.authenticateToken(
    accessToken: token, requiredScopes: ["read:invoices"], maxTokenAge: .seconds(3600))
print(claims.clientID, claims.scopes, claims.customClaims)
// [end]

func resolve(_ customers: [String: String]) throws -> TokenVerifier {
    // [resolve]
    let resolver = IssuerResolver { iss in
        let projectID = customers[iss]  // your table of customers, such as a database
        return try projectID.map { try IssuerConfig.stytch(projectID: $0) }
    }
    let verifier = try TokenVerifier(issuers: [], issuerResolver: resolver)
    // [end]
    return verifier
}
let ofCustomers = try resolve(["stytch.com/\(client.projectID)": client.projectID])
_ = try await ofCustomers.authenticateToken(accessToken: token)

// [organization-client]
let ofAcme = try await client.m2m.clients.create(
    scopes: ["read:invoices"], organizationID: "acme"
).m2mClient
for try await found in client.m2m.clients.searchAll(organizationID: "acme") {
    print(found.clientID, found.organizationID ?? "")
}
// [end]
try await client.m2m.clients.delete(clientID: ofAcme.clientID)

// [organization]
/// Whose data a request for this organization may reach: its own, or an error.
func customer(_ verifier: TokenVerifier, token: Secret, id: String) async throws -> String? {
    try await verifier.authenticateToken(accessToken: token, organization: .exactly(id))
        .organization
}
// [end]
do {
    _ = try await customer(verifier, token: token, id: "acme")
    preconditionFailure("the token is of no customer")
} catch let error as M2MError {
    precondition(error.reason == .wrongOrganization)
}

// [protect]
/// How a request with these `Authorization` headers is refused; `nil` lets it in.
func protect(_ verifier: TokenVerifier, headers: [String]) async throws -> Refusal? {
    do {
        let token = try tokenFromAuthorizationHeaders(headers)
        _ = try await verifier.authenticateToken(
            accessToken: token, requiredScopes: ["read:invoices"])
        return nil
    } catch let error as M2MError {
        // 401, 403 or 503 with its headers and body. Any other error is a fault of this service.
        guard let refusal = error.refusal else { throw error }
        return refusal
    }
}
// [end]

let accepted = try await protect(verifier, headers: [header.reveal()])
let refused = try await protect(verifier, headers: [])
precondition(accepted == nil && refused?.status == 401)

let vault = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)

// [rotate]
// Starts the rotation, gives you the next secret, tests it by fetching a token, and only then
// makes it the only one. If storing fails, the rotation is cancelled; nothing else cancels it.
try await client.m2m.clients.secrets.rotateWith(clientID: clientID) { next in
    try next.reveal().write(to: vault, atomically: true, encoding: .utf8)
}
// [end]

try FileManager.default.removeItem(at: vault)

func share() async throws {
    let key = environment["TOKEN_STORE_KEY"] ?? "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoyMzQ1Njc="
    let url = environment["REDIS_URL"] ?? "redis://127.0.0.1:6379"
    // [share]
    let source = try TokenSource(
        clientID: clientID,
        clientSecret: .value(clientSecret),
        tokenStoreURL: Secret(url),  // rediss://... with TLS
        tokenStoreKey: Secret(key)  // openssl rand -base64 32
    )
    _ = try await source.getToken()
    // [end]
}

do {
    try await share()
    preconditionFailure("the old secret is gone")
} catch M2MError.authentication {
}

func operate() throws {
    // [operate]
    let transport = TransportConfig(
        attemptTimeout: .seconds(3), totalTimeout: .seconds(8), maxKeyAge: .seconds(12 * 3600))
    let client = try StytchClient(transport: transport)
    print(client.stats().tokens)
    for keys in verifier.health() {
        print(keys.issuer, keys.state, keys.age as Any)
    }
    // [end]
}
try operate()

// [delete]
// No new tokens from here on; existing tokens stay valid until they expire.
try await client.m2m.clients.update(clientID: clientID, status: .inactive)
try await client.m2m.clients.delete(clientID: clientID)

do {
    _ = try await client.m2m.clients.get(clientID: clientID)
} catch let error as M2MError {
    print(error.code, error.requestID ?? "")  // not_found
}
// [end]
