import StytchM2M
import StytchM2MTesting

let emulator = try await Emulator.start(seed: [
    "clients": [
        [
            "client_id": "billing", "client_secret": "a-secret-for-tests-0123456789",
            "scopes": ["read:invoices"],
        ]
    ]
])
let issuer = try IssuerConfig.stytch(projectID: emulator.projectID, baseURL: emulator.baseURL)
let verifier = try TokenVerifier(issuers: [issuer])

let good = try await emulator.issueToken(clientID: "billing")
_ = try await verifier.authenticateToken(accessToken: good, requiredScopes: ["read:invoices"])

let expired = try await emulator.issueToken(
    clientID: "billing", changes: ["issued_at_offset_seconds": -7200])
do {
    _ = try await verifier.authenticateToken(accessToken: expired)
} catch let error as M2MError {
    print(error.httpStatus)  // 401
}

try await emulator.addFault(
    ["type": "status", "status": 503], operation: "jwks", duration: .seconds(60))
do {
    _ = try await TokenVerifier(issuers: [issuer]).authenticateToken(accessToken: good)
} catch let error as M2MError {
    print(error.httpStatus)  // 503: the keys are unavailable, and the caller is not to blame
}
