@file:JvmName("BearerTokens")

package io.github.stytchm2m

import io.github.stytchm2m.internal.NativeOrigins
import io.github.stytchm2m.internal.refusesToken as nativeRefusesToken
import io.github.stytchm2m.internal.tokenFromAuthorizationHeader as nativeTokenFromHeader
import io.github.stytchm2m.internal.tokenFromAuthorizationHeaders as nativeTokenFromHeaders

/**
 * The token in an `Authorization` header's value: `Bearer`, in any case, and one token.
 *
 * @param value The header's value, or `null` for a request without the header.
 * @throws M2mException.InvalidToken with the reason `missing` when there is no header or another
 *   scheme, `malformed` when the scheme is not followed by exactly one token.
 */
public fun tokenFromAuthorizationHeader(value: String?): Secret =
    Secret(translated { nativeTokenFromHeader(value?.asText()) })

/**
 * The token in a request's `Authorization` headers. Pass all of them, as the server received them.
 *
 * @param values The values, none for a request without the header.
 * @throws M2mException.InvalidToken as [tokenFromAuthorizationHeader] does, and with the reason `malformed`
 *   for more than one header.
 */
public fun tokenFromAuthorizationHeaders(values: List<String>): Secret =
    Secret(translated { nativeTokenFromHeaders(values.map { it.asText() }) })

/**
 * Whether an answer says that the token itself is invalid, so that another token may help: status 401 and a
 * `Bearer` challenge with `error="invalid_token"` (RFC 6750, section 3.1).
 *
 * @param wwwAuthenticate The values of its `WWW-Authenticate` headers.
 */
public fun refusesToken(status: Int, wwwAuthenticate: List<String>): Boolean =
    status in 0..UShort.MAX_VALUE.toInt() &&
        nativeRefusesToken(status.toUShort(), wwwAuthenticate.map { it.asText() })

/** The origins that an HTTP client may send tokens to. */
internal class Origins(origins: List<String>) {
    private val native = translated { NativeOrigins(origins) }

    /** Whether a request to [url] may carry the token. */
    fun allows(url: String): Boolean = native.allows(url.asText())
}

/** After a server has refused [refused]: another token, or `null` where the issuer gives out the same one. */
internal suspend fun TokenSource.tokenInsteadOf(refused: Token): Token? {
    invalidate(refused.accessToken)
    return getToken().takeIf { it.accessToken != refused.accessToken }
}
