import StytchM2M
import Testing

@Suite(.timeLimit(.minutes(1))) struct CancellationTests {
    @Test func theServerSeesTheRequestDropped() async throws {
        let server = try LocalServer(.silence)
        let client = try StytchClient(
            projectID: "project-test-1", secret: "secret", baseURL: server.baseURL)
        let call = Task { try await client.m2m.clients.get(clientID: "m2m-client-1") }

        var events = server.events.makeAsyncIterator()
        guard case .request(let head) = await events.next() else {
            Issue.record("the request did not arrive")
            return
        }
        #expect(head.hasPrefix("GET /v1/m2m/clients/m2m-client-1 "))
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        guard case .disconnected = await events.next() else {
            Issue.record("the connection stayed open")
            return
        }
    }

    @Test func aCancelledTaskMakesNoRequest() async throws {
        let server = try LocalServer(.silence)
        let client = try StytchClient(
            projectID: "project-test-1", secret: "secret", baseURL: server.baseURL)
        let call = Task {
            while !Task.isCancelled { await Task.yield() }
            _ = try await client.m2m.clients.get(clientID: "cancelled")
        }
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }

        let next = Task { try await client.m2m.clients.get(clientID: "next") }
        var events = server.events.makeAsyncIterator()
        guard case .request(let head) = await events.next() else { return }
        #expect(head.hasPrefix("GET /v1/m2m/clients/next "))
        next.cancel()
    }

    @Test func everyKindOfCallIsCancelled() async throws {
        let server = try LocalServer(.silence)
        let baseURL = server.baseURL
        let m2m = try StytchClient(projectID: "project-test-1", secret: "secret", baseURL: baseURL)
            .m2m
        let source = try TokenSource(
            clientID: "id", clientSecret: "secret", projectID: "project-test-1", baseURL: baseURL)
        let organization = try OrganizationClient(baseURL: baseURL, authorization: "Bearer x")
        let calls: [@Sendable () async throws -> Void] = [
            { _ = try await m2m.clients.create(scopes: []) },
            { _ = try await m2m.clients.get(clientID: "id") },
            { _ = try await m2m.clients.update(clientID: "id", clientName: "x") },
            { _ = try await m2m.clients.delete(clientID: "id") },
            { _ = try await m2m.clients.search() },
            { for try await _ in m2m.clients.searchAll() {} },
            { _ = try await m2m.clients.secrets.rotateStart(clientID: "id") },
            { _ = try await m2m.clients.secrets.rotate(clientID: "id") },
            { _ = try await m2m.clients.secrets.rotateCancel(clientID: "id") },
            { _ = try await m2m.clients.secrets.recoverRotation(clientID: "id") },
            {
                _ = try await m2m.clients.secrets.rotateFinish(
                    clientID: "id", nextClientSecret: "secret")
            },
            { _ = try await m2m.clients.secrets.rotateWith(clientID: "id") { _ in } },
            { _ = try await organization.clientID() },
            { _ = try await organization.clientSecret() },
            { _ = try await organization.token() },
            { _ = try await organization.rotate() },
            { _ = try await m2m.token(clientID: "id", clientSecret: "secret") },
            { _ = try await source.getToken() },
            { _ = try await m2m.verifier.warmUp() },
        ]
        var events = server.events.makeAsyncIterator()
        for (index, call) in calls.enumerated() {
            let task = Task { try await call() }
            while case .disconnected? = await events.next() {}
            task.cancel()
            await #expect(throws: CancellationError.self, "call \(index)") { try await task.value }
        }
    }

    @Test func whoGivesUpTakesNothingFromTheOthers() async throws {
        let emulator = try Emulator()
        let client = try await emulator.createClient()
        let source = try emulator.tokenSource(of: client)
        let callers = (0..<20).map { _ in Task { try await source.getToken() } }
        for caller in callers.prefix(10) { caller.cancel() }
        for caller in callers.suffix(10) {
            #expect(try await caller.value.statusCode == 200)
        }
        #expect(try await emulator.tokenRequests(of: client) == 1)
    }
}
