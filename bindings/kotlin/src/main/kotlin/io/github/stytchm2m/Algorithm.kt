package io.github.stytchm2m

/** A signature algorithm (RFC 7518, section 3.1; RFC 8037 for EdDSA). All are asymmetric. */
public enum class Algorithm {
    /** RSASSA-PKCS1-v1_5 with SHA-256, the only one that Stytch uses. */
    RS256,

    /** RSASSA-PKCS1-v1_5 with SHA-384. */
    RS384,

    /** RSASSA-PKCS1-v1_5 with SHA-512. */
    RS512,

    /** RSASSA-PSS with SHA-256. */
    PS256,

    /** RSASSA-PSS with SHA-384. */
    PS384,

    /** RSASSA-PSS with SHA-512. */
    PS512,

    /** ECDSA on P-256 with SHA-256. */
    ES256,

    /** ECDSA on P-384 with SHA-384. */
    ES384,

    /** Ed25519. */
    EDDSA,
}
