/// A text that must not show: a client secret, an access token, an `Authorization` header.
///
/// Printing, interpolation, `dump`, reflection and debuggers show a placeholder. It is not
/// `Codable`, so that no encoder writes it by accident. Only ``reveal()`` gives the text.
public struct Secret: Hashable, Sendable {
    private let text: String

    /// Wraps `text`.
    public init(_ text: String) {
        self.text = text
    }

    /// The text itself. Copies of it are yours to keep out of logs.
    public func reveal() -> String {
        text
    }
}

extension Secret: ExpressibleByStringLiteral {
    /// A secret from a literal, for tests. Keep real ones out of source code.
    public init(stringLiteral text: String) {
        self.init(text)
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A placeholder.
    public var description: String { "[REDACTED]" }

    /// A placeholder.
    public var debugDescription: String { description }

    /// Nothing.
    public var customMirror: Mirror { Mirror(self, unlabeledChildren: [Never]()) }
}
