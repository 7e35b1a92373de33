import StytchM2M
import Testing

@Suite struct ClientsTests {
    let emulator: Emulator
    let clients: Clients

    init() throws {
        emulator = try Emulator()
        clients = try emulator.client().m2m.clients
    }

    @Test func aClientLives() async throws {
        let created = try await clients.create(
            scopes: ["read:users"], clientName: "worker", clientDescription: "pays",
            trustedMetadata: ["team": "payments", "tier": 1, "tags": ["a", nil], "ratio": 0.5])
        #expect(created.statusCode == 200)
        #expect(!created.requestID.isEmpty)
        let client = created.m2mClient
        #expect(client.clientID.hasPrefix("m2m-client-test-"))
        #expect(client.clientSecret.reveal().hasSuffix(client.clientSecretLastFour))
        #expect(client.status == .active)

        let got = try await clients.get(clientID: client.clientID)
        #expect(got.m2mClient == client.client)
        #expect(got.m2mClient.clientName == "worker")
        #expect(got.m2mClient.clientDescription == "pays")
        let metadata: [String: JSONValue] = [
            "team": "payments", "tier": 1, "tags": ["a", nil], "ratio": 0.5,
        ]
        #expect(got.m2mClient.trustedMetadata == metadata)

        let updated = try await clients.update(
            clientID: client.clientID, clientName: "clerk", status: .inactive,
            scopes: ["read:users", "write:users"], trustedMetadata: ["tier": nil]
        ).m2mClient
        #expect(updated.clientName == "clerk")
        #expect(updated.clientDescription == "pays")
        #expect(updated.status == .inactive)
        #expect(updated.scopes == ["read:users", "write:users"])
        #expect(updated.trustedMetadata?["tier"] == nil)
        #expect(updated.trustedMetadata?["team"] == "payments")

        #expect(try await clients.delete(clientID: client.clientID).clientID == client.clientID)
        let gone = try await failure {
            try await clients.get(clientID: client.clientID)
        }
        #expect(gone.code == "not_found")
        #expect(gone.statusCode == 404)
        #expect(gone.requestID?.isEmpty == false)
    }

    @Test func anImportKeepsIDAndSecret() async throws {
        let id = "imported-\(UInt32.random(in: 0...UInt32.max))"
        let secret: Secret = "a-long-enough-secret-of-my-own"
        let imported = try await clients.create(
            scopes: ["read:users"], clientID: id, clientSecret: secret
        ).m2mClient
        #expect(imported.clientID == id)
        #expect(imported.clientSecret == secret)

        let error = try await failure {
            try await clients.create(scopes: [], clientID: id, clientSecret: secret)
        }
        #expect(error.errorType != nil)
    }

    @Test func aSecretIsRotated() async throws {
        let client = try await emulator.createClient()
        let secrets = clients.secrets

        let dropped = try await secrets.rotateStart(clientID: client.clientID).m2mClient
        #expect(
            dropped.nextClientSecretLastFour.map(dropped.nextClientSecret.reveal().hasSuffix)
                == true)
        let again = try await failure {
            try await secrets.rotateStart(clientID: client.clientID)
        }
        #expect(again.code == "conflict")
        let cancelled = try await secrets.rotateCancel(clientID: client.clientID).m2mClient
        #expect(cancelled.nextClientSecretLastFour == nil)
        #expect(cancelled.clientSecretLastFour == client.clientSecretLastFour)

        let next = try await secrets.rotateStart(clientID: client.clientID).m2mClient
        let rotated = try await secrets.rotate(clientID: client.clientID).m2mClient
        #expect(rotated.clientSecretLastFour == next.nextClientSecretLastFour)

        let m2m = try emulator.client().m2m
        let token = try await m2m.token(
            clientID: client.clientID, clientSecret: next.nextClientSecret)
        #expect(token.statusCode == 200)
        let old = try await failure {
            try await m2m.token(clientID: client.clientID, clientSecret: client.clientSecret)
        }
        #expect(old.code == "authentication")
    }

    @Test func searchFindsPageAfterPage() async throws {
        let scope = "find:\(UInt32.random(in: 0...UInt32.max))"
        var created: Set<String> = []
        for _ in 0..<5 {
            created.insert(try await emulator.createClient(scopes: [scope]).clientID)
        }
        let query = SearchQuery(operands: [.scopes([scope])])

        let page = try await clients.search(query: query, limit: 2)
        #expect(page.m2mClients.count == 2)
        #expect(page.resultsMetadata.total == 5)
        let cursor = try #require(page.resultsMetadata.nextCursor)
        let second = try await clients.search(query: query, limit: 2, cursor: cursor)
        #expect(Set(second.m2mClients).isDisjoint(with: page.m2mClients))

        let all = clients.searchAll(query: query, limit: 2)
        var found: [String] = []
        for try await client in all { found.append(client.clientID) }
        #expect(found.count == 5)
        #expect(Set(found) == created)
        #expect(try await all.first { _ in true } != nil, "a second loop starts anew")

        let either = SearchQuery(
            operator: .or,
            operands: [.clientID(Array(created.prefix(1))), .clientName(["nobody's name"])])
        #expect(try await clients.search(query: either).m2mClients.count == 1)
    }

    @Test func aSearchThatFailsThrowsInTheLoop() async throws {
        let broken = try StytchClient(
            projectID: emulator.projectID, secret: "wrong", baseURL: emulator.baseURL)
        let error = try await failure {
            for try await _ in broken.m2m.clients.searchAll() {}
        }
        #expect(error.code == "authentication")
        #expect(error.statusCode == 401)
    }
}
