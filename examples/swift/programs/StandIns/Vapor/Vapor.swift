// swift-format-ignore-file
// What the examples use of Vapor (4.122), so that they compile where no package can be fetched.

public struct HTTPHeaders: Sendable {
    private var fields: [(String, String)]

    public init(_ headers: [(String, String)] = []) { fields = headers }

    public subscript(name: String) -> [String] {
        fields.filter { $0.0.lowercased() == name.lowercased() }.map(\.1)
    }
}

public struct HTTPResponseStatus: Equatable, Sendable {
    public let code: Int
    public init(statusCode: Int) { code = statusCode }
    public static var ok: HTTPResponseStatus { .init(statusCode: 200) }
}

public protocol StorageKey {
    associatedtype Value: Sendable
}

public struct Storage: Sendable {
    private var values: [ObjectIdentifier: any Sendable] = [:]

    public init() {}

    public subscript<Key>(_ key: Key.Type) -> Key.Value? where Key: StorageKey {
        get { values[ObjectIdentifier(key)] as? Key.Value }
        set { values[ObjectIdentifier(key)] = newValue }
    }
}

public final class Request: @unchecked Sendable {
    public var headers: HTTPHeaders
    public var storage = Storage()

    public init(headers: HTTPHeaders) { self.headers = headers }
}

public final class Response: Sendable {
    public struct Body: Sendable {
        public let string: String?
        public init(string: String) { self.string = string }
        public static var empty: Body { Body(string: "") }
    }

    public let status: HTTPResponseStatus
    public let headers: HTTPHeaders
    public let body: Body

    public init(
        status: HTTPResponseStatus = .ok, headers: HTTPHeaders = .init(), body: Body = .empty
    ) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

public protocol AsyncResponder: Sendable {
    func respond(to request: Request) async throws -> Response
}

public protocol AsyncMiddleware: Sendable {
    func respond(to request: Request, chainingTo next: any AsyncResponder) async throws -> Response
}
