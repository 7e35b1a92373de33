import Foundation
internal import StytchM2MGenerated

/// What happened in the Rust core: a request that was answered, a failure, a wrong key of a set.
///
/// No event contains a token or a secret, at any level.
public struct LogEvent: Hashable, Sendable, CustomStringConvertible {
    /// The severity.
    public let level: LogLevel
    /// What happened.
    public let message: String
    /// The details, such as `operation`, `host` (with its port), `status`, `request_id` and
    /// `elapsed_ms` of a request.
    public let fields: [String: String]

    /// The message and the fields, by name: `answered elapsed_ms=3 host=... status=200`.
    public var description: String {
        let shown = fields.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
        return message + shown.joined()
    }
}

/// The severity of a ``LogEvent``. The names are those of swift-log.
public enum LogLevel: String, CaseIterable, Sendable {
    /// A call failed and nothing replaces its result.
    case error
    /// Something is wrong that somebody should know of.
    case warning
    /// Something happened.
    case info
    /// For whoever looks for a fault.
    case debug
}

/// Passes the log events of all clients, sources and verifiers of this process to `handler`, from
/// now on. A later call replaces the handler.
///
/// ```swift
/// setLogHandler { event in print(event.level, event) }
/// ```
///
/// It is called on a thread of its own, with one event after the other, and delays no call. If a
/// thousand events are waiting for it, further ones are dropped, and a last one tells their number.
///
/// - Parameter handler: What receives each event; `nil` ends it.
public func setLogHandler(_ handler: (@Sendable (LogEvent) -> Void)?) {
    LogThread.shared.set(handler)
}

/// The thread that takes the core's events, from the first handler on.
private final class LogThread: @unchecked Sendable {
    static let shared = LogThread()

    private let lock = NSLock()
    private var handler: (@Sendable (LogEvent) -> Void)?

    func set(_ handler: (@Sendable (LogEvent) -> Void)?) {
        lock.withLock { self.handler = handler }
        if handler != nil, keepLogEvents() {
            atexit { awaitLogEvents(milliseconds: 1_000) }
            Thread.detachNewThread { self.run() }
        }
    }

    private func run() {
        while true {
            let batch = nextLogEvents()
            batch.events.forEach { handle(LogEvent($0)) }
            if batch.dropped > 0 {
                let message = "\(batch.dropped) log events dropped"
                handle(LogEvent(level: .warning, message: message, fields: [:]))
            }
        }
    }

    private func handle(_ event: LogEvent) {
        lock.withLock { handler }?(event)
    }
}

extension LogEvent {
    init(_ native: StytchM2MGenerated.LogEvent) {
        let fields = native.fields.map { ($0.name, $0.value) }
        self.init(
            level: LogLevel(native.level), message: native.message,
            fields: Dictionary(fields) { _, last in last })
    }
}

extension LogLevel {
    init(_ native: StytchM2MGenerated.LogLevel) {
        switch native {
        case .error: self = .error
        case .warn: self = .warning
        case .info: self = .info
        case .debug: self = .debug
        }
    }
}
