import Foundation
import StytchM2M

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Sends requests with a token of a `TokenSource`, and once more with a new one when the server
/// answers 401.
///
/// ```swift
/// let session = AuthorizedSession(source)
/// let (data, response) = try await session.data(for: URLRequest(url: url))
/// ```
///
/// The token stays with the origin that was asked: a redirect elsewhere goes on without it.
public final class AuthorizedSession: Sendable {
    private let source: TokenSource
    private let session: URLSession

    /// Sends with tokens of `source`, in a session of its own.
    public init(_ source: TokenSource, configuration: URLSessionConfiguration = .default) {
        self.source = source
        // The session's delegate, for on Linux a task's is not asked about redirects.
        session = URLSession(
            configuration: configuration, delegate: RedirectGuard(), delegateQueue: nil)
    }

    deinit {
        session.finishTasksAndInvalidate()
    }

    /// Sends `request`, replacing its `Authorization`, and returns the answer's body and head.
    ///
    /// A request whose body is a stream is sent once: the stream cannot be read again.
    ///
    /// - Throws: `M2MError` where no token could be had, `URLError` where no answer could.
    public func data(for request: URLRequest) async throws -> (Data, URLResponse) {
        let token = try await source.getToken()
        let answer = try await send(request, with: token)
        let status = (answer.1 as? HTTPURLResponse)?.statusCode
        guard status == 401, request.httpBodyStream == nil else { return answer }
        source.invalidate(accessToken: token.accessToken)
        return try await send(request, with: source.getToken())
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
    public mutating func authorize(with token: Token) {
        setValue(token.authorizationHeader.reveal(), forHTTPHeaderField: "Authorization")
    }

    /// Sets the `Authorization` header to a fresh token of `source`.
    public mutating func authorize(with source: TokenSource) async throws {
        authorize(with: try await source.getToken())
    }
}

/// Takes the token off a redirect to another origin.
private final class RedirectGuard: NSObject, URLSessionTaskDelegate {
    func urlSession(
        _ session: URLSession, task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse, newRequest: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        var next = newRequest
        let asked = task.originalRequest?.url
        let sameOrigin =
            asked?.scheme == next.url?.scheme && asked?.host == next.url?.host
            && asked?.port == next.url?.port
        next.setValue(
            sameOrigin ? task.originalRequest?.value(forHTTPHeaderField: "Authorization") : nil,
            forHTTPHeaderField: "Authorization")
        completionHandler(next)
    }
}
