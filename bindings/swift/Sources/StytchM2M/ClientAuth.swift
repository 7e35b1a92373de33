internal import StytchM2MGenerated

/// How a client authenticates at the token endpoint: the registered values of
/// `token_endpoint_auth_method`.
public enum ClientAuth: String, CaseIterable, Sendable {
    /// The id and the secret in the form (RFC 6749, section 2.3.1).
    case clientSecretPost = "client_secret_post"
    /// The id and the secret in the `Authorization` header.
    case clientSecretBasic = "client_secret_basic"
    /// An assertion signed with the client's private key, or issued to the client by its platform
    /// (RFC 7523, section 2.2).
    case privateKeyJWT = "private_key_jwt"
    /// The client certificate of the connection (RFC 8705). Also for `self_signed_tls_client_auth`,
    /// which sends the same.
    case tlsClientAuth = "tls_client_auth"
    /// The client only names itself: `none`.
    case noAuthentication = "none"

    var native: StytchM2MGenerated.ClientAuth {
        switch self {
        case .clientSecretPost: .clientSecretPost
        case .clientSecretBasic: .clientSecretBasic
        case .privateKeyJWT: .privateKeyJwt
        case .tlsClientAuth: .tlsClientAuth
        case .noAuthentication: .none
        }
    }
}
