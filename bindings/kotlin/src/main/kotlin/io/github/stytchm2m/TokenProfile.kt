package io.github.stytchm2m

/** How an issuer's claims name the client, and which of its tokens are refused as another kind. */
public enum class TokenProfile {
    /** `sub` is the client; tokens about users and sessions are refused. */
    STYTCH,

    /** `sub` is `{client_id}@clients`; tokens about users are refused. */
    AUTH0,

    /**
     * `client_id`, or else `azp`, or else `sub` is the client (RFC 9068, section 2.2). ID tokens and tokens marked as a
     * user's are refused; the guide lists the marks.
     */
    OAUTH,
}
