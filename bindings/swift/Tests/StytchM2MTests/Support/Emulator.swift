import Foundation
import StytchM2M

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The server that `cargo xtask test swift` starts and names in the environment.
struct Emulator {
    let projectID: String
    let secret: Secret
    let baseURL: String

    init() throws {
        func variable(_ name: String) throws -> String {
            guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
                throw SetupError("\(name) is not set: run the tests by `cargo xtask test swift`")
            }
            return value
        }
        projectID = try variable("STYTCH_PROJECT_ID")
        secret = Secret(try variable("STYTCH_SECRET"))
        baseURL = try variable("STYTCH_BASE_URL")
    }

    /// Time limits that a busy machine keeps: an attempt that is given up is asked, and counted, again.
    static let patient = TransportConfig(
        connectTimeout: .seconds(50), attemptTimeout: .seconds(50), totalTimeout: .seconds(55))

    func client(transport: TransportConfig = patient) throws -> StytchClient {
        try StytchClient(
            projectID: projectID, secret: .value(secret), baseURL: baseURL, transport: transport)
    }

    /// A new client, which no other test uses.
    func createClient(
        scopes: [String] = ["read:users", "write:users"]
    ) async throws -> M2MClientWithClientSecret {
        try await client().m2m.clients.create(scopes: scopes).m2mClient
    }

    func tokenSource(of client: M2MClientWithClientSecret) throws -> TokenSource {
        try TokenSource(
            clientID: client.clientID, clientSecret: .value(client.clientSecret),
            projectID: projectID, baseURL: baseURL, transport: Self.patient)
    }

    /// What the organization-scoped API asks for, without its scheme.
    func organizationAuthorization() async throws -> String {
        let body = try await get("/_emulator/credentials")
        let credentials = try JSONDecoder().decode([String: [String: String]].self, from: body)
        return credentials["organization"]?["authorization"] ?? ""
    }

    /// How many tokens the server was asked for.
    func tokenRequests(of client: M2MClientWithClientSecret) async throws -> Int {
        let body = try await get("/_emulator/counts?client_id=\(client.clientID)")
        return try JSONDecoder().decode([String: Int].self, from: body)["token"] ?? -1
    }

    private func get(_ path: String) async throws -> Data {
        guard let url = URL(string: baseURL + path) else { throw SetupError("no path: \(path)") }
        return try await URLSession.shared.data(from: url).0
    }
}

/// The tests cannot run.
struct SetupError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
