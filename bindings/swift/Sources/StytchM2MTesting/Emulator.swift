#if os(macOS) || os(Linux)
import Foundation
import StytchM2M

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Stytch's M2M API on this machine, for tests: no network, no account. A process of its own on a
/// free port of loopback, which ends with this one at the latest.
///
/// ```swift
/// let emulator = try await Emulator.start()
/// let client = try emulator.client()
/// ```
///
/// The program is in the folder `bin` of a release of this package. It stops when the emulator is
/// released, or at ``stop()``.
public final class Emulator: Sendable {
    /// The project's id.
    public let projectID: String
    /// The project's secret.
    public let secret: Secret
    /// Its address: `http://127.0.0.1:...`.
    public let baseURL: String

    private let program: EmulatorProgram

    private init(_ program: EmulatorProgram) async throws {
        self.program = program
        let settings = try await program.settings()
        projectID = settings.projectID
        secret = Secret(settings.secret)
        baseURL = settings.baseURL
    }

    /// Starts one, and waits until it answers.
    ///
    /// - Parameters:
    ///   - seed: The clients, token settings and Auth0 tenant to start with, as in the emulator's
    ///     README.
    ///   - projectID: A test project's id. Default: a random one.
    ///   - secret: The project's secret. Default: a random one.
    ///   - program: The program. Default: what `STYTCH_M2M_EMULATOR` names, or else
    ///     `stytch-m2m-emulator` on the search path.
    /// - Throws: ``EmulatorError``, whose message says what to do.
    public static func start(
        seed: [String: JSONValue]? = nil, projectID: String? = nil, secret: Secret? = nil,
        program: URL? = nil
    ) async throws -> Emulator {
        let given = [
            "STYTCH_EMULATOR_PROJECT_ID": projectID, "STYTCH_EMULATOR_SECRET": secret?.reveal(),
        ]
        let program = try program ?? EmulatorProgram.find()
        let started = try EmulatorProgram(program, given: given.compactMapValues { $0 })
        let emulator = try await Emulator(started)
        if let seed { try await emulator.load(seed) }
        return emulator
    }

    /// A client that uses it.
    public func client(transport: TransportConfig = TransportConfig()) throws -> StytchClient {
        try StytchClient(
            projectID: projectID, secret: .value(secret), baseURL: baseURL, transport: transport)
    }

    /// The three settings as the environment variables of a service.
    public var environment: [String: String] {
        [
            "STYTCH_PROJECT_ID": projectID, "STYTCH_SECRET": secret.reveal(),
            "STYTCH_BASE_URL": baseURL,
        ]
    }

    /// A token without a request for it: valid, or wrong in any way.
    ///
    /// - Parameters:
    ///   - clientID: The subject. No client needs to have this id.
    ///   - scopes: Default: those of the client.
    ///   - extra: Parameters for the custom-claims template.
    ///   - changes: `issued_at_offset_seconds` (-7200 makes it expired), `claims`, `header`, and
    ///     `signature`, which is `valid`, `corrupted` or `unknown_key`.
    public func issueToken(
        clientID: String, scopes: [String]? = nil, extra: [String: JSONValue]? = nil,
        changes: [String: JSONValue]? = nil
    ) async throws -> Secret {
        let request: [String: JSONValue?] = [
            "client_id": .string(clientID),
            "scopes": scopes.map { .array($0.map(JSONValue.string)) },
            "extra": extra.map(JSONValue.object), "changes": changes.map(JSONValue.object),
        ]
        let answer = try await ask("POST", "tokens", .object(request.compactMapValues { $0 }))
        return Secret(answer["access_token"]?.stringValue ?? "")
    }

    /// Changes how tokens are made: `lifetime_seconds`, `custom_claims_template`,
    /// `custom_audience`, `custom_domain`, `changes`. What is absent gets its default.
    public func setTokenSettings(_ settings: [String: JSONValue]) async throws {
        try await ask("PUT", "token-settings", .object(settings))
    }

    /// Breaks an endpoint, or all: once, or so many times, or for so long.
    ///
    /// - Parameters:
    ///   - effect: `["type": "status", "status": 503]` with `headers` and `body` at will;
    ///     `["type": "delay", "milliseconds": 500]`; or of the type `reset`, `drop_answer` or
    ///     `malformed_body`.
    ///   - operation: The endpoint, as ``counts()`` calls it.
    ///   - times: How many requests it meets.
    ///   - duration: How long it lasts, in whole seconds.
    public func addFault(
        _ effect: [String: JSONValue], operation: String? = nil, times: Int? = nil,
        duration: Duration? = nil
    ) async throws {
        let fault: [String: JSONValue?] = [
            "effect": .object(effect), "operation": operation.map(JSONValue.string),
            "times": times.map { .integer(Int64($0)) },
            "seconds": duration.map { .integer($0.components.seconds) },
        ]
        try await ask("POST", "faults", .object(fault.compactMapValues { $0 }))
    }

    /// Clears all faults.
    public func clearFaults() async throws {
        try await ask("DELETE", "faults")
    }

    /// Answers 429 to what exceeds this rate, at each endpoint.
    ///
    /// - Parameter limit: `["requests": 10, "per_seconds": 1]`; `nil` lifts the limit.
    public func setRateLimit(_ limit: [String: JSONValue]?) async throws {
        if let limit {
            try await ask("PUT", "rate-limit", .object(limit))
        } else {
            try await ask("DELETE", "rate-limit")
        }
    }

    /// Requests by operation (`token`, `jwks`, `create`, ...), since the start or a reset.
    public func counts() async throws -> [String: Int] {
        try await ask("GET", "counts").compactMapValues { $0.integerValue.map(Int.init) }
    }

    /// Token requests that named this client.
    public func tokenRequests(clientID: String) async throws -> Int {
        let counts = try await ask("GET", "counts", query: ["client_id": clientID])
        return counts["token"]?.integerValue.map(Int.init) ?? 0
    }

    /// The requests that came in, the oldest first, without their headers and bodies.
    public func requests(
        operation: String? = nil, clientID: String? = nil
    ) async throws -> [JSONValue] {
        let query = ["operation": operation, "client_id": clientID].compactMapValues { $0 }
        return try await ask("GET", "requests", query: query)["requests"]?.arrayValue ?? []
    }

    /// Signs with a new key from now on. The key sets serve it beside the old ones.
    public func rotateKeys() async throws {
        try await ask("POST", "keys/rotate")
    }

    /// Serves the current key alone: tokens of the old ones no longer verify.
    public func retireKeys() async throws {
        try await ask("POST", "keys/retire")
    }

    /// What it takes to use the organization-scoped API and Auth0's.
    public func credentials() async throws -> [String: JSONValue] {
        try await ask("GET", "credentials")
    }

    /// Starts over with this seed.
    public func load(_ seed: [String: JSONValue]) async throws {
        try await ask("PUT", "seed", .object(seed))
    }

    /// Starts over with the same seed. Project, secret and signing keys stay.
    public func reset() async throws {
        try await ask("POST", "reset")
    }

    /// Stops it. A second time does no harm.
    public func stop() {
        program.stop()
    }

    @discardableResult
    private func ask(
        _ method: String, _ path: String, _ body: JSONValue? = nil, query: [String: String] = [:]
    ) async throws -> [String: JSONValue] {
        guard var url = URLComponents(string: "\(baseURL)/_emulator/\(path)") else { return [:] }
        url.queryItems = query.map(URLQueryItem.init)
        guard let url = url.url else { return [:] }
        var request = URLRequest(url: url)
        request.httpMethod = method
        if let body {
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
            request.httpBody = try JSONEncoder().encode(body)
        }
        let (data, response) = try await direct.data(for: request)
        let answer = (try? JSONDecoder().decode(JSONValue.self, from: data))?.objectValue ?? [:]
        if let response = response as? HTTPURLResponse, response.statusCode >= 400 {
            throw EmulatorError(answer["error_message"]?.stringValue ?? "\(response.statusCode)")
        }
        return answer
    }
}

extension Emulator: CustomStringConvertible, CustomReflectable {
    /// The project's id and the address.
    public var description: String { "Emulator(projectID: \(projectID), baseURL: \(baseURL))" }

    /// Nothing: the program's settings hold the secret.
    public var customMirror: Mirror { Mirror(self, unlabeledChildren: [Never]()) }
}

/// The emulator is not there, did not start, or refused what it was told.
public struct EmulatorError: Error, CustomStringConvertible, LocalizedError {
    /// What was wrong, and what to do.
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    /// The same as ``description``.
    public var errorDescription: String? { description }
}

/// No proxy stands between two processes of a machine.
private let direct: URLSession = {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.connectionProxyDictionary = [:]
    return URLSession(configuration: configuration)
}()
#endif
