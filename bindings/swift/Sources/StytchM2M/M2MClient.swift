/// An M2M client, as Stytch shows it: without its secret.
public struct M2MClient: Hashable, Sendable {
    /// The id that the client authenticates with.
    public let clientID: String
    /// A name for people.
    public let clientName: String
    /// A description for people.
    public let clientDescription: String
    /// Whether it may fetch tokens.
    public let status: ClientStatus
    /// The scopes that it may ask for.
    public let scopes: [String]
    /// The last four characters of its secret.
    public let clientSecretLastFour: String
    /// The last four characters of the secret that a rotation is bringing in; `nil` when none is
    /// under way.
    public let nextClientSecretLastFour: String?
    /// Your own data about the client: at most 20 top-level keys and 4 KB.
    public let trustedMetadata: [String: JSONValue]?
}

/// Whether a client may fetch tokens. Tokens that it already has stay valid until they expire.
public enum ClientStatus: String, CaseIterable, Sendable {
    /// The client can fetch tokens.
    case active
    /// The client cannot fetch new tokens.
    case inactive
    /// The server says something that this version does not know. It cannot be set.
    case unknown
}

/// A client together with its secret, which Stytch does not keep: store it now.
///
/// The fields of ``client`` can be read from here, as in `created.m2mClient.clientID`.
@dynamicMemberLookup
public struct M2MClientWithClientSecret: Hashable, Sendable {
    /// The client.
    public let client: M2MClient
    /// Its secret.
    public let clientSecret: Secret

    /// A field of ``client``.
    public subscript<Value>(dynamicMember field: KeyPath<M2MClient, Value>) -> Value {
        client[keyPath: field]
    }
}

/// A client whose secret is being rotated, together with the next secret.
///
/// The fields of ``client`` can be read from here.
@dynamicMemberLookup
public struct M2MClientWithNextClientSecret: Hashable, Sendable {
    /// The client.
    public let client: M2MClient
    /// The secret that works beside the current one until the rotation ends.
    public let nextClientSecret: Secret

    /// A field of ``client``.
    public subscript<Value>(dynamicMember field: KeyPath<M2MClient, Value>) -> Value {
        client[keyPath: field]
    }
}

/// A created client, with the only sight of its secret.
public struct CreateResponse: Hashable, Sendable {
    /// The client and its secret.
    public let m2mClient: M2MClientWithClientSecret
    /// The server's id of the request.
    public let requestID: String
    /// The HTTP status.
    public let statusCode: Int
}

/// An answer that holds one client.
public struct ClientResponse: Hashable, Sendable {
    /// The client.
    public let m2mClient: M2MClient
    /// The server's id of the request.
    public let requestID: String
    /// The HTTP status.
    public let statusCode: Int
}

/// A started rotation, with the only sight of the next secret.
public struct RotateStartResponse: Hashable, Sendable {
    /// The client and its next secret.
    public let m2mClient: M2MClientWithNextClientSecret
    /// The server's id of the request.
    public let requestID: String
    /// The HTTP status.
    public let statusCode: Int
}

/// The answer to a delete.
public struct DeleteResponse: Hashable, Sendable {
    /// The id of the client that is gone.
    public let clientID: String
    /// The server's id of the request.
    public let requestID: String
    /// The HTTP status.
    public let statusCode: Int
}
