import Foundation
@testable import StytchM2M
import Testing

/// No public value shows a secret, however it is printed.
@Suite struct CanaryTests {
    @Test func noSecretShows() async throws {
        let emulator = try Emulator()
        let own: Secret = "canary-secret-of-the-client-0123456789"
        let client = try emulator.client()
        let m2m = client.m2m
        let id = "canary-\(UInt32.random(in: 0...UInt32.max))"
        let created = try await m2m.clients.create(
            scopes: ["read:users"], clientID: id, clientSecret: own)
        let rotation = try await m2m.clients.secrets.rotateStart(clientID: id)
        let source = try TokenSource(
            clientID: id, clientSecret: .value(own),
            projectID: emulator.projectID, baseURL: emulator.baseURL)
        let token = try await source.getToken()
        let page = try await m2m.clients.search(query: SearchQuery(operands: [.clientID([id])]))

        let secrets = [
            emulator.secret, own, rotation.m2mClient.nextClientSecret, token.accessToken,
            token.authorizationHeader, "canary-of-a-wrong-secret",
        ]
        let b2b = try B2BClient(
            projectID: emulator.projectID, secret: .value(emulator.secret),
            baseURL: emulator.baseURL)
        let claims = try await m2m.authenticateToken(accessToken: token.accessToken)
        var values: [Any] = [
            client, b2b, m2m, m2m.clients, m2m.clients.secrets, m2m.clients.searchAll(),
            m2m.verifier,
            created, created.m2mClient, created.m2mClient.clientSecret, rotation,
            rotation.m2mClient, page, source, token, token.accessToken, claims,
            try await source.authorizationHeader(),
        ]
        values += secrets
        values += await errors(of: emulator, id: id, token: token.accessToken)

        for value in values {
            for shown in printed(value) {
                for secret in secrets {
                    #expect(!shown.contains(secret.reveal()), "\(type(of: value))")
                }
            }
        }
        #expect(printed(own) == Array(repeating: "[REDACTED]", count: 3) + ["- [REDACTED]\n"])
    }

    @Test func printedClaimsShowNoValue() {
        let custom = CustomClaims(
            json: #"{"tenant":"canary-claim","plan":{"name":"canary-claim"}}"#)
        let claims = TokenClaims(
            clientID: "canary-claim", scopes: ["canary-claim"], wildcardScopes: false,
            customClaims: custom, issuer: "canary-claim", audience: ["canary-claim"], issuedAt: nil,
            notBefore: nil, expiresAt: .distantFuture, tokenID: "canary-claim",
            subject: "canary-claim", organization: "canary-claim")
        #expect("\(claims)" == "TokenClaims(aud, exp, iss, jti, plan, scope, sub, tenant)")
        for shown in ["\(claims)", String(reflecting: claims)] + printed(custom) {
            #expect(!shown.contains("canary-claim"), "\(shown)")
        }
    }

    /// Errors of calls that were given secrets.
    func errors(of emulator: Emulator, id: String, token: Secret) async -> [Error] {
        var errors: [Error] = []
        func collect(_ call: () async throws -> Void) async {
            do {
                try await call()
                Issue.record("no error")
            } catch {
                errors.append(error)
            }
        }
        await collect {
            let wrong = try StytchClient(
                projectID: emulator.projectID, secret: "canary-of-a-wrong-secret",
                baseURL: emulator.baseURL)
            _ = try await wrong.m2m.clients.get(clientID: id)
        }
        await collect {
            _ = try await emulator.client().m2m.token(
                clientID: id, clientSecret: "canary-of-a-wrong-secret")
        }
        await collect { _ = try StytchClient(secret: "canary-of-a-wrong-secret\n") }
        await collect {
            _ = try StytchClient(baseURL: "https://u:canary-of-a-wrong-secret@example.com")
        }
        await collect {
            _ = try await emulator.client().m2m.authenticateToken(
                accessToken: token, requiredScopes: ["fly"])
        }
        await collect {
            _ = try await emulator.client().m2m.authenticateToken(
                accessToken: Secret(token.reveal() + "x"))
        }
        return errors
    }

    /// All the ways in which a value shows itself.
    func printed(_ value: Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        return ["\(value)", String(reflecting: value), String(describing: value), dumped]
    }
}
