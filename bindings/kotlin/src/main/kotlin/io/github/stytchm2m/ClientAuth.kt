package io.github.stytchm2m

import io.github.stytchm2m.internal.ClientAuth as NativeClientAuth

/** How a client authenticates at the token endpoint: the registered values of `token_endpoint_auth_method`. */
public enum class ClientAuth {
    /** The id and the secret in the form (RFC 6749, section 2.3.1). */
    CLIENT_SECRET_POST,

    /** The id and the secret in the `Authorization` header. */
    CLIENT_SECRET_BASIC,

    /**
     * An assertion signed with the client's private key, or issued to the client by its platform (RFC 7523,
     * section 2.2).
     */
    PRIVATE_KEY_JWT,

    /** The client certificate of the connection (RFC 8705). Also for `self_signed_tls_client_auth`, which sends the same. */
    TLS_CLIENT_AUTH,

    /** The client only names itself. */
    NONE,
    ;

    /** The registered name: `client_secret_post`, ... */
    public val code: String = name.lowercase()
}

internal fun ClientAuth.toNative(): NativeClientAuth =
    when (this) {
        ClientAuth.CLIENT_SECRET_POST -> NativeClientAuth.CLIENT_SECRET_POST
        ClientAuth.CLIENT_SECRET_BASIC -> NativeClientAuth.CLIENT_SECRET_BASIC
        ClientAuth.PRIVATE_KEY_JWT -> NativeClientAuth.PRIVATE_KEY_JWT
        ClientAuth.TLS_CLIENT_AUTH -> NativeClientAuth.TLS_CLIENT_AUTH
        ClientAuth.NONE -> NativeClientAuth.NONE
    }
