/// How requests are sent. What is `nil` has the default that its comment names.
public struct TransportConfig: Hashable, Sendable {
    /// Until a connection stands. Default 3 s.
    public var connectTimeout: Duration?
    /// Until one attempt has its whole answer. Default 10 s.
    public var attemptTimeout: Duration?
    /// Until the call returns, with all its attempts. Default 30 s.
    public var totalTimeout: Duration?
    /// The Unix time at which the clock stands still, for tests of claims.
    var clockUnixSeconds: Int64?

    /// The defaults, but for what is given.
    public init(
        connectTimeout: Duration? = nil,
        attemptTimeout: Duration? = nil,
        totalTimeout: Duration? = nil
    ) {
        self.connectTimeout = connectTimeout
        self.attemptTimeout = attemptTimeout
        self.totalTimeout = totalTimeout
    }
}
