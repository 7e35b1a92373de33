import Foundation
import StytchM2M

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// A fact that does not hold.
struct Wrong: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

func fact(_ name: String, _ value: String) {
    print("   \(name.padding(toLength: 15, withPad: " ", startingAt: 0)) \(value)")
}

func check(_ holds: Bool, _ otherwise: String) throws {
    if !holds { throw Wrong(otherwise) }
}

func json(_ value: [String: JSONValue]?) throws -> String {
    String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
}

/// How many tokens the server was asked for, where it is an emulator and counts.
func requests(_ clientID: String, _ remark: String) async throws -> String {
    let baseURL = ProcessInfo.processInfo.environment["STYTCH_BASE_URL"] ?? ""
    guard let url = URL(string: "\(baseURL)/_emulator/counts?client_id=\(clientID)"),
        let (body, _) = try? await URLSession.shared.data(from: url),
        let count = try? JSONDecoder().decode([String: Int].self, from: body)["token"]
    else { return "not shown by this server" }
    try check(count == 1, "\(count) token requests, where one was needed")
    return "1 (\(remark))"
}
