import Foundation
import StytchM2M

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The emulator that no other test uses.
struct ScenarioServer {
    let projectID: String
    let secret: Secret
    let baseURL: String

    init() throws {
        func variable(_ name: String) throws -> String {
            guard let value = ProcessInfo.processInfo.environment["SCENARIOS_\(name)"] else {
                throw SetupError("run the tests by `cargo xtask test swift`")
            }
            return value
        }
        projectID = try variable("PROJECT_ID")
        secret = Secret(try variable("SECRET"))
        baseURL = try variable("BASE_URL")
    }

    /// The operations that were asked for, and how often.
    func hits() async throws -> JSONValue {
        let counts = try await admin("GET", "/_emulator/counts", nil).objectValue ?? [:]
        return .object(counts.filter { $0.value != 0 })
    }

    /// The answer to a request to the emulator itself.
    func admin(_ method: String, _ path: String, _ body: JSONValue?) async throws -> JSONValue {
        guard let url = URL(string: baseURL + path) else { throw Mismatch("no path: \(path)") }
        var request = URLRequest(url: url)
        request.httpMethod = method
        if let body {
            request.httpBody = try JSONEncoder().encode(body)
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        }
        let (answer, response) = try await URLSession.shared.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        guard (200..<300).contains(status) else {
            let text = String(decoding: answer, as: UTF8.self)
            throw Mismatch("\(method) \(path): \(status) \(text)")
        }
        return answer.isEmpty ? .null : try JSONDecoder().decode(JSONValue.self, from: answer)
    }
}
