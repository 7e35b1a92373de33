import Foundation

/// A JSON value: a client's metadata, a custom claim.
///
/// ```swift
/// let metadata: [String: JSONValue] = ["team": "payments", "tier": 1, "regions": ["eu", "us"]]
/// ```
///
/// Numbers keep every digit: ``numberText`` and ``decimalValue`` give them, ``doubleValue`` rounds.
public enum JSONValue: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number of 64 bits.
    case integer(Int64)
    /// Another number, of no more digits than a `Double` holds: 15.
    case number(Double)
    /// The text of a number that neither of them holds, such as a whole number beyond 64 bits.
    case exact(String)
    /// A text.
    case string(String)
    /// A list.
    case array([JSONValue])
    /// An object.
    case object([String: JSONValue])

    /// The text, if it is one.
    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The whole number, if it is one of 64 bits.
    public var integerValue: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The number, whole or not, if it is one, rounded to what a `Double` holds.
    public var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .exact(let text): Double(text)
        default: nil
        }
    }

    /// The number, if it is one of no more digits than a `Decimal` holds: 38.
    public var decimalValue: Decimal? {
        guard let text = numberText, significantDigits(text) <= 38 else { return nil }
        return Decimal(string: text, locale: nil).flatMap { $0.isNaN ? nil : $0 }
    }

    /// The number with all its digits, as JSON writes it, if it is one.
    public var numberText: String? {
        switch self {
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .exact(let text): text
        default: nil
        }
    }

    /// The truth value, if it is one.
    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The list, if it is one.
    public var arrayValue: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The object, if it is one.
    public var objectValue: [String: JSONValue]? {
        if case .object(let value) = self { value } else { nil }
    }
}

extension JSONValue: Codable {
    /// Reads whatever JSON value is next. Of a number, a decoder gives at most 38 digits.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = decoded(value, as: try? container.decode(Decimal.self))
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    /// Writes the value.
    ///
    /// - Throws: `EncodingError` for a number of more than 38 digits, which encoders cannot write.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .exact(let text):
            guard let value = decimalValue else {
                let context = EncodingError.Context(
                    codingPath: encoder.codingPath, debugDescription: "too many digits")
                throw EncodingError.invalidValue(text, context)
            }
            try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

/// The number that a decoder gave as `value`, and as `decimal` if it could.
private func decoded(_ value: Double, as decimal: Decimal?) -> JSONValue {
    guard let decimal, decimal != Decimal(string: "\(value)", locale: nil) else {
        return .number(value)
    }
    return .exact(decimal.description)
}

private func significantDigits(_ number: String) -> Int {
    let mantissa = number.prefix { $0 != "e" && $0 != "E" }
    let digits = mantissa.filter(\.isNumber).drop { $0 == "0" }
    return digits.count
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// `nil` is ``null``.
    public init(nilLiteral: ()) { self = .null }

    /// `true` or `false`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }

    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }

    /// A number.
    public init(floatLiteral value: Double) { self = .number(value) }

    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }

    /// A list.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// An object. Of a name given twice, the last value stays.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}
