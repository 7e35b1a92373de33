import Foundation
import StytchM2M

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Sends requests to the named origins with a token of a `TokenSource`. If such a server refuses the
/// token (401 with a `Bearer` challenge that says `invalid_token`), the request is sent once again
/// with another token.
///
/// ```swift
/// let session = try AuthorizedSession(source, origins: ["https://api.example.com"])
/// let (data, response) = try await session.data(for: URLRequest(url: url))
/// ```
///
/// A request to another origin, and a redirect to another origin, goes on without the token.
public final class AuthorizedSession: Sendable {
    private let source: TokenSource
    private let origins: Origins
    private let session: URLSession

    /// Sends with tokens of `source`, in a session of its own.
    ///
    /// - Parameters:
    ///   - source: Fetches tokens: transport, store and counters.
    ///   - origins: The origins that may be sent the token, as in `https://api.example.com`. `http`
    ///     is accepted for loopback hosts only.
    ///   - configuration: The session's.
    /// - Throws: `M2MError.invalidConfig` where `origins` is empty or names a wrong one.
    public init(
        _ source: TokenSource, origins: [String], configuration: URLSessionConfiguration = .default
    ) throws {
        self.source = source
        self.origins = try Origins(origins)
        // The session's delegate, for on Linux a task's is not asked about redirects.
        session = URLSession(
            configuration: configuration, delegate: RedirectGuard(), delegateQueue: nil)
    }

    deinit {
        session.finishTasksAndInvalidate()
    }

    /// Sends `request` and returns the answer's body and head.
    ///
    /// A request that has an `Authorization` header keeps it. A request whose body is a stream is
    /// sent once: the stream cannot be read again. So is one that was redirected to another address:
    /// the first server has taken it.
    ///
    /// - Throws: `M2MError` where no token could be fetched, `URLError` where no answer came.
    public func data(for request: URLRequest) async throws -> (Data, URLResponse) {
        guard takesToken(request) else { return try await session.data(for: request) }
        let token = try await source.getToken()
        let answer = try await send(request, with: token)
        let isDirect = answer.1.url?.address == request.url?.address
        guard isDirect, request.httpBodyStream == nil, refusesToken(answer.1)
        else { return answer }
        source.invalidate(accessToken: token.accessToken)
        let fresh = try await source.getToken()
        guard fresh.accessToken != token.accessToken else { return answer }
        return try await send(request, with: fresh)
    }

    private func takesToken(_ request: URLRequest) -> Bool {
        guard request.value(forHTTPHeaderField: "Authorization") == nil else { return false }
        return origins.allows(request.url?.absoluteString ?? "")
    }

    /// Whether the server says that the token is invalid.
    private func refusesToken(_ answer: URLResponse) -> Bool {
        guard let answer = answer as? HTTPURLResponse else { return false }
        let challenge = answer.value(forHTTPHeaderField: "WWW-Authenticate")
        return StytchM2M.refusesToken(
            status: answer.statusCode, wwwAuthenticate: challenge.map { [$0] } ?? [])
    }

    private func send(
        _ request: URLRequest, with token: Token
    ) async throws -> (Data, URLResponse) {
        var request = request
        request.authorize(with: token)
        return try await session.data(for: request)
    }
}

extension URLRequest {
    /// Sets the `Authorization` header to `token`, as a bearer token (RFC 6750, section 2.1).
    ///
    /// Take care that the request goes to a server that the token is meant for.
    public mutating func authorize(with token: Token) {
        setValue(token.authorizationHeader.reveal(), forHTTPHeaderField: "Authorization")
    }

    /// Sets the `Authorization` header to a fresh token of `source`.
    public mutating func authorize(with source: TokenSource) async throws {
        authorize(with: try await source.getToken())
    }
}

/// Takes the token off a redirect to another origin, and leaves it off from then on.
private final class RedirectGuard: NSObject, URLSessionTaskDelegate, @unchecked Sendable {
    private let lock = NSLock()
    /// The tasks that have left the origin that they asked first.
    private var strayed: Set<Int> = []

    func urlSession(
        _ session: URLSession, task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse, newRequest: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        var next = newRequest
        let first = task.originalRequest
        let isElsewhere = first?.url?.origin != next.url?.origin
        let hasStrayed = lock.withLock {
            if isElsewhere { strayed.insert(task.taskIdentifier) }
            return strayed.contains(task.taskIdentifier)
        }
        let header = hasStrayed ? nil : first?.value(forHTTPHeaderField: "Authorization")
        next.setValue(header, forHTTPHeaderField: "Authorization")
        completionHandler(next)
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
    ) {
        lock.withLock { _ = strayed.remove(task.taskIdentifier) }
    }
}

extension URL {
    /// The parts that make the origin. A port that is not named is the scheme's, not another's.
    fileprivate var origin: [String] {
        [scheme?.lowercased() ?? "", host?.lowercased() ?? "", port.map(String.init) ?? ""]
    }

    /// What is asked at the origin; an empty path is `/`.
    fileprivate var address: [String] {
        origin + [path.isEmpty ? "/" : path, query ?? ""]
    }
}
