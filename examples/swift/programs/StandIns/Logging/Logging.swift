// swift-format-ignore-file
import Foundation

// What the examples use of swift-log (1.9), so that they compile where no package can be fetched. It
// keeps what it is given.

public struct Logger: Sendable {
    public enum Level: String, Codable, CaseIterable, Sendable {
        case trace, debug, info, notice, warning, error, critical
    }

    public struct Message: ExpressibleByStringInterpolation, CustomStringConvertible, Sendable {
        public let description: String
        public init(stringLiteral value: String) { description = value }
    }

    public enum MetadataValue: ExpressibleByStringInterpolation, Sendable {
        case string(String)
        public init(stringLiteral value: String) { self = .string(value) }
    }

    public typealias Metadata = [String: MetadataValue]

    public static let lines = AsyncStream.makeStream(of: String.self)

    public let label: String

    public init(label: String) {
        self.label = label
    }

    public func log(
        level: Level, _ message: @autoclosure () -> Message,
        metadata: @autoclosure () -> Metadata? = nil
    ) {
        let names = metadata()?.keys.sorted().joined(separator: " ") ?? ""
        Logger.lines.continuation.yield("\(label) \(level): \(message()) \(names)")
    }
}
