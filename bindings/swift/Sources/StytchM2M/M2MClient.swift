/// An M2M client, without its secret.
public struct M2MClient: Hashable, Sendable {
    /// The client's id.
    public let clientID: String
    /// A display name.
    public let clientName: String
    /// A description.
    public let clientDescription: String
    /// Whether the client can fetch tokens.
    public let status: ClientStatus
    /// The scopes that the client can request.
    public let scopes: [String]
    /// The last four characters of the client's secret.
    public let clientSecretLastFour: String
    /// The last four characters of the secret that a rotation is bringing in; `nil` when none is
    /// under way.
    public let nextClientSecretLastFour: String?
    /// Your own data about the client: at most 20 top-level keys and 4 KiB as JSON.
    public let trustedMetadata: [String: JSONValue]?
    /// The organization that the client belongs to: the value of the ``StytchClient``'s
    /// `organizationKey` in ``trustedMetadata``, if it is a string.
    public let organizationID: String?
}

/// Whether a client can fetch tokens. Existing tokens stay valid until they expire.
public enum ClientStatus: String, CaseIterable, Sendable {
    /// The client can fetch tokens.
    case active
    /// The client cannot fetch new tokens.
    case inactive
    /// A status that this version does not know. It cannot be set.
    case unknown
}

/// A client and its secret. Store the secret now: Stytch cannot show it again.
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

/// A client whose secret is being rotated, and the next secret.
///
/// The fields of ``client`` can be read from here.
@dynamicMemberLookup
public struct M2MClientWithNextClientSecret: Hashable, Sendable {
    /// The client.
    public let client: M2MClient
    /// The next secret. It and the current secret both work until the rotation ends.
    public let nextClientSecret: Secret

    /// A field of ``client``.
    public subscript<Value>(dynamicMember field: KeyPath<M2MClient, Value>) -> Value {
        client[keyPath: field]
    }
}

/// A created client with its secret, which Stytch cannot show again.
public struct CreateResponse: Hashable, Sendable {
    /// The client and its secret.
    public let m2mClient: M2MClientWithClientSecret
    /// The server's id of the request.
    public let requestID: String
    /// The HTTP status.
    public let statusCode: Int
}

/// A response with one client.
public struct ClientResponse: Hashable, Sendable {
    /// The client.
    public let m2mClient: M2MClient
    /// The server's id of the request.
    public let requestID: String
    /// The HTTP status.
    public let statusCode: Int
}

/// A started rotation with the next secret, which Stytch cannot show again.
public struct RotateStartResponse: Hashable, Sendable {
    /// The client and its next secret.
    public let m2mClient: M2MClientWithNextClientSecret
    /// The server's id of the request.
    public let requestID: String
    /// The HTTP status.
    public let statusCode: Int
}

/// The response to a deletion.
public struct DeleteResponse: Hashable, Sendable {
    /// The id of the deleted client.
    public let clientID: String
    /// The server's id of the request.
    public let requestID: String
    /// The HTTP status.
    public let statusCode: Int
}
