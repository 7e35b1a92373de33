/// How requests are sent. What is `nil` has the default that its comment names.
///
/// TLS 1.2 at least; no redirect is followed; there is no switch to accept a bad certificate.
public struct TransportConfig: Hashable, Sendable {
    /// Until a connection stands. Default 3 s.
    public var connectTimeout: Duration?
    /// Until one attempt has its whole answer. Default 10 s.
    public var attemptTimeout: Duration?
    /// Until the call returns, with all its attempts. Default 30 s.
    public var totalTimeout: Duration?
    /// Certificates, in PEM, of authorities to trust besides the platform's. Default: none.
    public var extraCAPEM: String?
    /// Trust Mozilla's root certificates as built into this package instead of the platform's, for
    /// containers that have none.
    public var bundledRoots: Bool
    /// A certificate chain and its private key, in PEM, for servers that ask who is calling.
    /// Default: none.
    public var clientCertificatePEM: Secret?
    /// The way out. Default: as the environment says.
    public var proxy: Proxy
    /// How old a key set may grow while its server is down; then no token can be judged. Default
    /// 6 h, at most 24 h.
    public var maxKeyAge: Duration?
    /// The Unix time at which the clock stands still, for tests of claims.
    var clockUnixSeconds: Int64?

    /// The defaults, but for what is given.
    public init(
        connectTimeout: Duration? = nil,
        attemptTimeout: Duration? = nil,
        totalTimeout: Duration? = nil,
        extraCAPEM: String? = nil,
        bundledRoots: Bool = false,
        clientCertificatePEM: Secret? = nil,
        proxy: Proxy = .environment,
        maxKeyAge: Duration? = nil
    ) {
        self.connectTimeout = connectTimeout
        self.attemptTimeout = attemptTimeout
        self.totalTimeout = totalTimeout
        self.extraCAPEM = extraCAPEM
        self.bundledRoots = bundledRoots
        self.clientCertificatePEM = clientCertificatePEM
        self.proxy = proxy
        self.maxKeyAge = maxKeyAge
    }
}

/// Which proxy requests go through. Those to this machine (`localhost`, `127.0.0.0/8`, `::1`) go
/// through none.
public enum Proxy: Hashable, Sendable {
    /// The one in `HTTPS_PROXY`, or else in `ALL_PROXY`, save for the hosts in `NO_PROXY`.
    case environment
    /// Through this `http://`, `https://`, `socks5://` or `socks5h://` URL, which may hold a user name and password, save for
    /// the hosts in `NO_PROXY`.
    case url(Secret)
    /// Direct, whatever the environment says.
    case off
}
