import Foundation
import StytchM2M
import Testing

@Suite struct TokenTests {
    let emulator: Emulator

    init() throws {
        emulator = try Emulator()
    }

    @Test func aTokenIsFetchedOnce() async throws {
        let m2m = try emulator.client().m2m
        let client = try await emulator.createClient()

        let token = try await m2m.token(
            clientID: client.clientID, clientSecret: client.clientSecret)
        let again = try await m2m.token(
            clientID: client.clientID, clientSecret: client.clientSecret)
        #expect(again.accessToken == token.accessToken)
        #expect(token.tokenType.lowercased() == "bearer")
        #expect((.seconds(3500)...(.seconds(3600))).contains(token.expiresIn))
        #expect(abs(token.expiresAt.timeIntervalSinceNow - 3600) < 60)
        #expect(try await emulator.tokenRequests(of: client) == 1)

        _ = try await m2m.token(
            clientID: client.clientID, clientSecret: client.clientSecret, forceRefresh: true)
        #expect(try await emulator.tokenRequests(of: client) == 2)
    }

    @Test func scopesAreAskedFor() async throws {
        let m2m = try emulator.client().m2m
        let client = try await emulator.createClient()
        let token = try await m2m.token(
            clientID: client.clientID, clientSecret: client.clientSecret, scopes: ["read:users"])
        let claims = try await m2m.authenticateToken(accessToken: token.accessToken)
        #expect(claims.scopes == ["read:users"])

        let error = try await failure {
            try await m2m.token(
                clientID: client.clientID, clientSecret: client.clientSecret, scopes: ["fly"])
        }
        #expect(error.code == "invalid_request")
        #expect(error.errorType == "invalid_scope")
    }

    @Test func aSourceKeepsItsToken() async throws {
        let client = try await emulator.createClient()
        let source = try emulator.tokenSource(of: client)

        let token = try await source.getToken()
        #expect(try await source.getToken().accessToken == token.accessToken)
        #expect(try await source.authorizationHeader() == token.authorizationHeader)
        #expect(token.authorizationHeader.reveal() == "Bearer \(token.accessToken.reveal())")

        source.invalidate(accessToken: "another token")
        #expect(try await source.getToken().accessToken == token.accessToken)
        #expect(try await emulator.tokenRequests(of: client) == 1)
        source.invalidate(accessToken: token.accessToken)
        _ = try await source.getToken()
        #expect(try await emulator.tokenRequests(of: client) == 2)
    }

    @Test func aSourceTakesATokenURL() async throws {
        let client = try await emulator.createClient()
        let source = try TokenSource(
            clientID: client.clientID, clientSecret: .value(client.clientSecret),
            tokenURL: "\(emulator.baseURL)/v1/public/\(emulator.projectID)/oauth2/token")
        #expect(try await source.getToken().statusCode == 200)
    }

    @Test func aWrongSecretIsRefused() async throws {
        let client = try await emulator.createClient()
        let source = try TokenSource(
            clientID: client.clientID, clientSecret: "wrong-secret",
            projectID: emulator.projectID, baseURL: emulator.baseURL)
        let error = try await failure { try await source.getToken() }
        #expect(error.code == "authentication")
        #expect(error.statusCode == 401)
    }

    @Test(.timeLimit(.minutes(1)))
    func aThousandCallersShareOneRequest() async throws {
        let client = try await emulator.createClient()
        let source = try emulator.tokenSource(of: client)
        let tokens = try await withThrowingTaskGroup(of: Secret.self) { group in
            for _ in 0..<1_000 {
                group.addTask { try await source.getToken().accessToken }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(tokens.count == 1)
        #expect(try await emulator.tokenRequests(of: client) == 1)
    }
}
