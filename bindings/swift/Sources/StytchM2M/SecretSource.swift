internal import StytchM2MGenerated

/// Where a secret comes from: a value, a file, an environment variable or a function.
///
/// ```swift
/// let source = try TokenSource(
///     clientID: id, clientSecret: .file("/var/run/secrets/stytch/client-secret"))
/// ```
///
/// A text literal is a value. Printing shows a placeholder in place of a value.
public struct SecretSource: Sendable, Hashable {
    private enum Origin: Sendable, Hashable {
        case value(Secret)
        case file(String)
        case env(String)
        case function(Function)
    }

    private let origin: Origin

    /// The secret itself.
    public static func value(_ secret: Secret) -> SecretSource {
        SecretSource(origin: .value(secret))
    }

    /// A file that contains only the secret; line breaks at its end are ignored. It is read at the
    /// first use, again when it changes, and when the server refuses the secret. A file that every
    /// user can write is refused.
    public static func file(_ path: String) -> SecretSource {
        SecretSource(origin: .file(path))
    }

    /// An environment variable. It is read at once, and again when the server refuses the secret.
    public static func env(_ name: String) -> SecretSource {
        SecretSource(origin: .env(name))
    }

    /// A function. It is called at the first use of the secret, and again when the server refuses the
    /// secret; for an assertion, before each token request. One call serves all concurrent callers.
    /// It may take as long as one attempt of a request (``TransportConfig/attemptTimeout``). If it
    /// throws, the call fails with ``M2MError/network(_:)``, which names the error's type and not its
    /// message.
    public static func function(
        _ read: @escaping @Sendable () async throws -> String
    ) -> SecretSource {
        SecretSource(origin: .function(Function(read)))
    }

    var native: SecretSetting {
        switch origin {
        case .value(let secret): .value(secret.native)
        case .file(let path): .file(path)
        case .env(let name): .env(name)
        case .function(let function): .function(function)
        }
    }
}

extension SecretSource: ExpressibleByStringLiteral {
    /// A secret from a literal, for tests. Keep real ones out of source code.
    public init(stringLiteral text: String) {
        self = .value(Secret(text))
    }
}

extension SecretSource: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind of source, and the path or the name.
    public var description: String {
        switch origin {
        case .value(let secret): "\(secret)"
        case .file(let path): "SecretSource.file(\(path))"
        case .env(let name): "SecretSource.env(\(name))"
        case .function: "SecretSource.function"
        }
    }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// Nothing.
    public var customMirror: Mirror { Mirror(self, unlabeledChildren: [Never]()) }
}

/// A function of the user's, equal to itself alone.
private final class Function: SecretFunction, Hashable {
    private let read: @Sendable () async throws -> String

    init(_ read: @escaping @Sendable () async throws -> String) {
        self.read = read
    }

    func begin(reply: SecretReply) {
        Task.detached { [read] in
            do {
                reply.succeed(secret: Secret(try await read()).native)
            } catch {
                // Only the type: the message may hold anything.
                reply.fail(cause: "it threw \(type(of: error))")
            }
        }
    }

    static func == (one: Function, other: Function) -> Bool {
        one === other
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(self))
    }
}
