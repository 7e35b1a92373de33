import Logging
import StytchM2M

/// Passes this package's log events on to swift-log.
public func logToSwiftLog() {
    let logger = Logger(label: "stytch-m2m")
    setLogHandler { event in
        logger.log(
            level: Logger.Level(rawValue: event.level.rawValue) ?? .info,
            "\(event.message)",
            metadata: event.fields.mapValues { "\($0)" })
    }
}
