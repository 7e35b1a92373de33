// swift-format-ignore-file
// What the examples use of swift-http-types (1), which Hummingbird brings.

public struct HTTPField: Hashable, Sendable {
    public struct Name: Hashable, Sendable {
        let lowercased: String

        public init?(_ name: String) {
            guard !name.isEmpty else { return nil }
            lowercased = name.lowercased()
        }

        private init(known: String) { lowercased = known }

        public static var authorization: Name { Name(known: "authorization") }
        public static var wwwAuthenticate: Name { Name(known: "www-authenticate") }
    }
}

public struct HTTPFields: Hashable, Sendable {
    private var values: [HTTPField.Name: [String]] = [:]

    public init() {}

    public subscript(name: HTTPField.Name) -> String? {
        get { values[name]?.joined(separator: ", ") }
        set { values[name] = newValue.map { [$0] } }
    }

    public subscript(values name: HTTPField.Name) -> [String] {
        get { values[name] ?? [] }
        set { values[name] = newValue }
    }
}

public struct HTTPResponse: Sendable {
    public struct Status: Hashable, Sendable {
        public let code: Int
        public init(code: Int) { self.code = code }
    }
}
