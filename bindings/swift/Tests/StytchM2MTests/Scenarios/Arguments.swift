import StytchM2M

/// The members of an object, each of which must be taken.
final class Arguments {
    private var left: [String: JSONValue]

    init(_ value: JSONValue) throws {
        guard let members = value.objectValue else { throw Mismatch("\(value) is no object") }
        left = members
    }

    func take(_ name: String) throws -> JSONValue {
        guard let value = left.removeValue(forKey: name) else {
            throw Mismatch("\(name) is missing")
        }
        return value
    }

    func optional(_ name: String) -> JSONValue? {
        let value = left.removeValue(forKey: name)
        return value == .null ? nil : value
    }

    func text(_ name: String) throws -> String {
        try of(name, take(name).stringValue)
    }

    func optionalText(_ name: String) throws -> String? {
        try optional(name).map { try of(name, $0.stringValue) }
    }

    func clientID() throws -> String {
        try text("client_id")
    }

    func secret(_ name: String) throws -> Secret {
        Secret(try text(name))
    }

    func flag(_ name: String) throws -> Bool {
        try optional(name).map { try of(name, $0.boolValue) } ?? false
    }

    func answer(_ name: String) throws -> Bool? {
        try optional(name).map { try of(name, $0.boolValue) }
    }

    func count(_ name: String) throws -> Int? {
        try optional(name).map { Int(try of(name, $0.integerValue)) }
    }

    func duration(_ name: String) throws -> Duration? {
        try optional(name).map { .seconds(try of(name, $0.doubleValue)) }
    }

    func list(_ name: String) throws -> [JSONValue] {
        try of(name, take(name).arrayValue)
    }

    func strings(_ name: String) throws -> [String]? {
        try optional(name).map { list in
            try of(name, list.arrayValue).map { try of(name, $0.stringValue) }
        }
    }

    func stringMap(_ name: String) throws -> [String: String] {
        try object(name)?.mapValues { try of(name, $0.stringValue) } ?? [:]
    }

    func object(_ name: String) throws -> [String: JSONValue]? {
        try optional(name).map { try of(name, $0.objectValue) }
    }

    /// An id, or `{ "any": true }`.
    func organization() throws -> RequiredOrganization? {
        try optional("organization").map { value in
            if value == ["any": true] { return .any }
            return .exactly(try of("organization", value.stringValue))
        }
    }

    func query() throws -> SearchQuery? {
        try optional("query").map { query in
            let members = try Arguments(query)
            let operators: [String: SearchOperator] = ["AND": .and, "OR": .or]
            let op = try of("operator", operators[members.text("operator")])
            let operands = try members.list("operands").map { try filter(Arguments($0)) }
            try members.end()
            return SearchQuery(operator: op, operands: operands)
        }
    }

    private func filter(_ members: Arguments) throws -> SearchFilter {
        let name = try members.text("filter_name")
        let values = try members.list("filter_value").map { try of(name, $0.stringValue) }
        try members.end()
        switch name {
        case "client_id": return .clientID(values)
        case "client_name": return .clientName(values)
        case "scopes": return .scopes(values)
        default: throw Mismatch("there is no filter \(name)")
        }
    }

    /// Fails if something was not taken.
    func end() throws {
        if !left.isEmpty { throw Mismatch("unknown: \(left.keys.sorted())") }
    }

    private func of<Value>(_ name: String, _ value: Value?) throws -> Value {
        guard let value else { throw Mismatch("\(name) is of another type") }
        return value
    }
}
