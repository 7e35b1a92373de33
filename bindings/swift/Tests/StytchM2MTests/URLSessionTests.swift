import Foundation
import StytchM2M
import StytchM2MURLSession
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

@Suite(.timeLimit(.minutes(1))) struct URLSessionTests {
    static let refused = answer("401 Unauthorized", "no")
    static let accepted = answer("200 OK", "yes")

    let emulator: Emulator

    init() throws {
        emulator = try Emulator()
    }

    static func answer(_ status: String, _ body: String, _ header: String = "X: y") -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(header)\r\n"
            + "Connection: close\r\n\r\n\(body)"
    }

    func request(to server: LocalServer) throws -> URLRequest {
        var request = URLRequest(url: try #require(URL(string: "\(server.baseURL)/orders")))
        request.httpMethod = "POST"
        request.httpBody = Data("order".utf8)
        return request
    }

    /// The `Authorization` header of the next request that reaches the server.
    func authorization(
        _ events: inout AsyncStream<LocalServer.Event>.AsyncIterator
    ) async throws -> String? {
        while let event = await events.next() {
            guard case .request(let head) = event else { continue }
            let lines = head.split(separator: "\r\n").map(String.init)
            let line = lines.first { $0.lowercased().hasPrefix("authorization: ") }
            return line.map { String($0.dropFirst("authorization: ".count)) }
        }
        throw SetupError("the server stopped")
    }

    @Test func aRequestCarriesTheToken() async throws {
        let source = try emulator.tokenSource(of: await emulator.createClient())
        var request = URLRequest(url: try #require(URL(string: emulator.baseURL)))
        try await request.authorize(with: source)
        let header = try await source.authorizationHeader().reveal()
        #expect(request.value(forHTTPHeaderField: "Authorization") == header)
    }

    @Test func aRefusedTokenIsReplacedOnce() async throws {
        let client = try await emulator.createClient()
        let source = try emulator.tokenSource(of: client)
        let server = try LocalServer(.replies([Self.refused, Self.accepted]))
        let (body, _) = try await AuthorizedSession(source).data(for: request(to: server))
        #expect(String(decoding: body, as: UTF8.self) == "yes")
        #expect(try await emulator.tokenRequests(of: client) == 2)

        var events = server.events.makeAsyncIterator()
        #expect(try await authorization(&events)?.hasPrefix("Bearer ") == true)
        let fresh = try await source.authorizationHeader().reveal()
        #expect(try await authorization(&events) == fresh)
    }

    @Test func aServerThatRefusesAgainHasTheLastWord() async throws {
        let client = try await emulator.createClient()
        let source = try emulator.tokenSource(of: client)
        let server = try LocalServer(.replies([Self.refused]))
        let (_, response) = try await AuthorizedSession(source).data(for: request(to: server))
        #expect((response as? HTTPURLResponse)?.statusCode == 401)
        let requests = try await emulator.tokenRequests(of: client)
        #expect(requests == 2)
    }

    @Test func theTokenStaysWithItsOrigin() async throws {
        let source = try emulator.tokenSource(of: await emulator.createClient())
        let other = try LocalServer(.replies([Self.accepted]))
        let moved = Self.answer("307 Temporary Redirect", "", "Location: \(other.baseURL)/x")
        let server = try LocalServer(.replies([moved]))
        _ = try await AuthorizedSession(source).data(for: request(to: server))
        var asked = server.events.makeAsyncIterator()
        #expect(try await authorization(&asked) != nil)
        var redirected = other.events.makeAsyncIterator()
        #expect(try await authorization(&redirected) == nil)
    }

    @Test func theTokenFollowsWithinItsOrigin() async throws {
        let source = try emulator.tokenSource(of: await emulator.createClient())
        let moved = Self.answer("307 Temporary Redirect", "", "Location: /elsewhere")
        let server = try LocalServer(.replies([moved, Self.accepted]))
        _ = try await AuthorizedSession(source).data(for: request(to: server))
        var events = server.events.makeAsyncIterator()
        let first = try await authorization(&events)
        #expect(first != nil)
        #expect(try await authorization(&events) == first)
    }
}
