import Foundation
import StytchM2M
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
            projectID: emulator.projectID, clientID: id, clientSecret: own,
            baseURL: emulator.baseURL)
        let token = try await source.getToken()
        let text = token.accessToken.reveal()
        let page = try await m2m.clients.search(query: SearchQuery(operands: [.clientID([id])]))

        let secrets = [
            emulator.secret, own, rotation.m2mClient.nextClientSecret, token.accessToken,
            token.authorizationHeader, "canary-of-a-wrong-secret",
        ]
        let b2b = try B2BClient(
            projectID: emulator.projectID, secret: emulator.secret, baseURL: emulator.baseURL)
        let claims = try await m2m.authenticateToken(accessToken: text)
        var values: [Any] = [
            client, b2b, m2m, m2m.clients, m2m.clients.secrets, m2m.clients.searchAll(),
            m2m.verifier,
            created, created.m2mClient, created.m2mClient.clientSecret, rotation,
            rotation.m2mClient, page, source, token, token.accessToken, claims,
            try await source.authorizationHeader(),
        ]
        values += secrets
        values += await errors(of: emulator, id: id, token: text)

        for value in values {
            for shown in printed(value) {
                for secret in secrets {
                    #expect(!shown.contains(secret.reveal()), "\(type(of: value))")
                }
            }
        }
        #expect(printed(own) == Array(repeating: "[REDACTED]", count: 3) + ["- [REDACTED]\n"])
    }

    /// Errors of calls that were given secrets.
    func errors(of emulator: Emulator, id: String, token: String) async -> [Error] {
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
            let wrong = try Client(
                projectID: emulator.projectID, secret: "canary-of-a-wrong-secret",
                baseURL: emulator.baseURL)
            _ = try await wrong.m2m.clients.get(clientID: id)
        }
        await collect {
            _ = try await emulator.client().m2m.token(
                clientID: id, clientSecret: "canary-of-a-wrong-secret")
        }
        await collect { _ = try Client(secret: "canary-of-a-wrong-secret\n") }
        await collect { _ = try Client(baseURL: "https://u:canary-of-a-wrong-secret@example.com") }
        await collect {
            _ = try await emulator.client().m2m.authenticateToken(
                accessToken: token, requiredScopes: ["fly"])
        }
        await collect {
            _ = try await emulator.client().m2m.authenticateToken(accessToken: token + "x")
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
