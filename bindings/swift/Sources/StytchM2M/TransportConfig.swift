/// Timeouts, TLS and proxy. What is `nil` has the default that its comment names.
///
/// Connections use TLS 1.2 or later. Redirects are not followed. Certificate verification cannot be
/// switched off.
public struct TransportConfig: Hashable, Sendable {
    /// Maximum time to establish a connection, TLS included. Default 3 s.
    public var connectTimeout: Duration?
    /// Maximum time of one attempt, until its whole response has arrived. Default 10 s.
    public var attemptTimeout: Duration?
    /// Maximum time of a call, with all its attempts. Default 30 s.
    public var totalTimeout: Duration?
    /// PEM certificates of additional certificate authorities to trust. Default: none.
    public var extraCAPEM: String?
    /// Trust Mozilla's root certificates as built into this package instead of the platform's, for
    /// containers that have none.
    public var bundledRoots: Bool
    /// PEM certificate chain and private key of the client, for servers that require mutual TLS.
    /// Default: none.
    public var clientCertificatePEM: SecretSource?
    /// The way out. Default: as the environment says.
    public var proxy: Proxy
    /// Maximum age of a key set that cannot be refreshed; once it is older, verification fails with
    /// `keys_unavailable`. Default 6 h, at most 24 h.
    public var maxKeyAge: Duration?
    /// The Unix time at which the clock is frozen, for tests of claims.
    var clockUnixSeconds: Int64?

    /// The defaults, except for the given settings.
    public init(
        connectTimeout: Duration? = nil,
        attemptTimeout: Duration? = nil,
        totalTimeout: Duration? = nil,
        extraCAPEM: String? = nil,
        bundledRoots: Bool = false,
        clientCertificatePEM: SecretSource? = nil,
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

/// The proxy that requests go through. Requests to this machine (`localhost`, `127.0.0.0/8`, `::1`)
/// never use a proxy.
public enum Proxy: Hashable, Sendable {
    /// The proxy of `HTTPS_PROXY`, or else of `ALL_PROXY`, except for the hosts in `NO_PROXY`.
    case environment
    /// Through this `http://`, `https://`, `socks5://` or `socks5h://` URL, which may hold a user name and password, save for
    /// the hosts in `NO_PROXY`.
    case url(Secret)
    /// No proxy; the environment is ignored.
    case off
}
