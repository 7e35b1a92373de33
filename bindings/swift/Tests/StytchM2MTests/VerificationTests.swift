import Foundation
import StytchM2M
import Testing

@Suite struct VerificationTests {
    let emulator: Emulator

    init() throws {
        emulator = try Emulator()
    }

    func token() async throws -> (client: M2MClientWithClientSecret, token: Secret) {
        let client = try await emulator.createClient()
        let token = try await emulator.tokenSource(of: client).getToken()
        return (client, token.accessToken)
    }

    @Test func claimsAreRead() async throws {
        let (client, token) = try await token()
        let claims = try await emulator.client().m2m.authenticateToken(
            accessToken: token, requiredScopes: ["read:users"], maxTokenAge: .seconds(300),
            clockTolerance: .seconds(5))
        #expect(claims.clientID == client.clientID)
        #expect(claims.scopes == ["read:users", "write:users"])
        #expect(claims.issuer == "stytch.com/\(emulator.projectID)")
        #expect(claims.audience == [emulator.projectID])
        let issuedAt = try #require(claims.issuedAt)
        #expect(abs(issuedAt.timeIntervalSinceNow) < 60)
        #expect(claims.expiresAt == issuedAt.addingTimeInterval(3600))
    }

    @Test func aVerifierNeedsNoSecret() async throws {
        let (client, token) = try await token()
        for vertical in [Vertical.consumer, .b2b] {
            let verifier = try TokenVerifier(
                projectID: emulator.projectID, baseURL: emulator.baseURL, vertical: vertical)
            try await verifier.warmUp()
            let claims = try await verifier.authenticateToken(accessToken: token)
            #expect(claims.clientID == client.clientID)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func aThousandVerifyAtOnce() async throws {
        let (client, token) = try await token()
        let m2m = try emulator.client().m2m
        let verified = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<1_000 {
                group.addTask { try await m2m.authenticateToken(accessToken: token).clientID }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(verified == Array(repeating: client.clientID, count: 1_000))
    }

    @Test func b2bProjectsVerifyToo() async throws {
        let (client, token) = try await token()
        let b2b = try B2BClient(
            projectID: emulator.projectID, secret: .value(emulator.secret),
            baseURL: emulator.baseURL)
        let claims = try await b2b.m2m.authenticateToken(
            accessToken: token, requiredScopes: ["write:users"])
        #expect(claims.clientID == client.clientID)
    }

    @Test func severalIssuersAreChosenByTheirKeys() async throws {
        let (client, token) = try await token()
        let stytch = try IssuerConfig.stytch(
            projectID: emulator.projectID, baseURL: emulator.baseURL)
        let auth0 = try IssuerConfig.auth0(domain: "example.eu.auth0.com", audience: "https://api")
        #expect(auth0.profile == .auth0)
        let renamed = try IssuerConfig.auth0(
            domain: "example.eu.auth0.com", audience: "https://api", scopeMap: ["a": "b"])
        #expect(renamed.scopeMap == ["a": "b"])
        let other = IssuerConfig(
            issuers: ["https://other.example/"], audiences: ["api"], algorithms: [.es256, .edDSA],
            keys: .url("https://other.example/jwks"))
        let verifier = try TokenVerifier(issuers: [auth0, stytch, other])
        let claims = try await verifier.authenticateToken(accessToken: token)
        #expect(claims.clientID == client.clientID)

        let noKeys = IssuerConfig(
            issuers: ["https://other.example/"], audiences: ["api"], keys: .jwks(#"{"keys": []}"#))
        let error = try await failure { try TokenVerifier(issuers: [noKeys]) }
        #expect(error.code == "invalid_config")
        #expect(error.field == "jwks")
    }

    @Test func aLackingScopeIsNamed() async throws {
        let (_, token) = try await token()
        let error = try await failure {
            try await emulator.client().m2m.authenticateToken(
                accessToken: token, requiredScopes: ["read:users", "delete:users"])
        }
        #expect(error.code == "insufficient_scope")
        #expect(error.missingScopes == ["delete:users"])
        #expect(error.httpStatus == 403)
        #expect(error.wwwAuthenticate?.contains("insufficient_scope") == true)
    }

    @Test func aRefusedTokenHasAReason() async throws {
        let (_, token) = try await token()
        let m2m = try emulator.client().m2m
        func reason(
            _ token: Secret, maxTokenAge: Duration? = nil
        ) async throws -> M2MError.InvalidTokenReason? {
            let error = try await failure {
                try await m2m.authenticateToken(accessToken: token, maxTokenAge: maxTokenAge)
            }
            #expect(error.code == "invalid_token")
            #expect(error.httpStatus == 401)
            return error.reason
        }
        let parts = token.reveal().split(separator: ".")
        let forged = "\(parts[0]).\(parts[1]).\(String(repeating: "A", count: parts[2].count))"
        #expect(try await reason("not a token") == .malformed)
        #expect(try await reason(Secret(forged)) == .signatureInvalid)
        #expect(try await reason(token, maxTokenAge: .zero) == .tooOld)
    }

    @Test func theTokenIsTakenFromAnAuthorizationHeader() async throws {
        #expect(try tokenFromAuthorizationHeader("bearer  a.b.c") == "a.b.c")
        let refused: [(String?, M2MError.InvalidTokenReason, String)] = [
            (nil, .missing, "Bearer"),
            ("Basic a.b.c", .missing, "Bearer"),
            ("Bearer", .malformed, "Bearer error=\"invalid_token\""),
            ("Bearer a.b.c d.e.f", .malformed, "Bearer error=\"invalid_token\""),
        ]
        for (header, reason, challenge) in refused {
            let error = try await failure { try tokenFromAuthorizationHeader(header) }
            #expect(error.reason == reason)
            #expect(error.wwwAuthenticate == challenge)
            #expect(error.httpStatus == 401)
        }
    }

    @Test func twoAuthorizationHeadersAreRefused() async throws {
        #expect(try tokenFromAuthorizationHeaders(["Bearer a.b.c"]) == "a.b.c")
        let refused: [([String], M2MError.InvalidTokenReason)] = [
            ([], .missing), (["Bearer a.b.c", "Bearer a.b.c"], .malformed),
            (["Basic x", "Bearer a.b.c"], .malformed),
        ]
        for (headers, reason) in refused {
            let error = try await failure { try tokenFromAuthorizationHeaders(headers) }
            #expect(error.reason == reason)
        }
    }

    @Test func claimsKnowWhichScopesTheyLack() async throws {
        let client = try await emulator.createClient(scopes: ["read:*", "write:users"])
        let token = try await emulator.tokenSource(of: client).getToken()
        let claims = try await emulator.client().m2m.authenticateToken(
            accessToken: token.accessToken)
        #expect(claims.wildcardScopes)
        let required = ["read:users", "write:users", "write:keys"]
        #expect(claims.missingScopes(required) == ["write:keys"])
    }

    @Test func anAuthorizerReplacesTheComparisonOfScopes() async throws {
        let (client, token) = try await token()
        let m2m = try emulator.client().m2m
        let claims = try await m2m.authenticateToken(
            accessToken: token, requiredScopes: ["admin"]
        ) { claims, required in
            claims.clientID == client.clientID && required == ["admin"]
        }
        #expect(claims.clientID == client.clientID)

        let required = ["read:users", "delete:users"]
        let refused = try await failure {
            try await m2m.authenticateToken(accessToken: token, requiredScopes: required) {
                _, _ in false
            }
        }
        #expect(refused.code == "insufficient_scope")
        #expect(refused.missingScopes == ["delete:users"])
        #expect(
            refused.wwwAuthenticate == #"Bearer error="insufficient_scope", scope="delete:users""#)
        let granted = try await failure {
            try await m2m.authenticateToken(accessToken: token, requiredScopes: ["read:users"]) {
                _, _ in false
            }
        }
        #expect(granted.missingScopes == [])

        struct Closed: Error {}
        await #expect(throws: Closed.self) {
            try await m2m.authenticateToken(accessToken: token) { _, _ in throw Closed() }
        }
    }

    @Test(arguments: [Duration.seconds(-1), .seconds(301)])
    func aToleranceOutOfRangeIsRefused(tolerance: Duration) async throws {
        let (_, token) = try await token()
        let error = try await failure {
            try await emulator.client().m2m.authenticateToken(
                accessToken: token, clockTolerance: tolerance)
        }
        #expect(error.code == "invalid_config")
        #expect(error.field == "clock_tolerance_seconds")
    }
}
