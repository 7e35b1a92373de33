package io.github.stytchm2m

import io.github.stytchm2m.internal.ErrorDetails
import io.github.stytchm2m.internal.ErrorKind
import io.github.stytchm2m.internal.NativeException
import io.github.stytchm2m.internal.failWith
import io.github.stytchm2m.internal.refuseConfig
import java.time.Duration
import kotlin.reflect.KProperty0
import io.github.stytchm2m.internal.InvalidTokenReason as NativeReason

/**
 * The exception of every failing call. Branch on the subclass or on [code]; [message] is for people.
 *
 * It never contains a token, a secret, a claim's value or a response body.
 */
public sealed class M2mException(error: NativeException.Failed) : RuntimeException(error.text) {
    /** The stable code, the same in every language: `invalid_config`, `authentication`, ... */
    public val code: String = error.code

    /** `invalid_config`: the argument or setting at fault, under the API's name for it. */
    public val field: String? = error.details.field

    /** The HTTP status of the server's answer. */
    public val statusCode: Int? = error.details.statusCode?.toInt()

    /** The server's id of the request, for a support ticket. */
    public val requestId: String? = error.details.requestId

    /** Stytch's `error_type`, or the `error` code of OAuth 2.0 (RFC 6749, section 5.2). */
    public val errorType: String? = error.details.errorType

    /** The server's explanation. */
    public val errorMessage: String? = error.details.errorMessage

    /** Where the server documents the error. */
    public val errorUrl: String? = error.details.errorUrl

    /** How long to wait before the next attempt. */
    public val retryAfter: Duration? = error.details.retryAfter

    /** `invalid_token`: why. */
    public val reason: InvalidTokenReason? = error.details.reason?.toPublic()

    /** `invalid_token`: the name of the wrong claim. */
    public val claim: String? = error.details.claim

    /** `insufficient_scope`: the required scopes that the token does not grant. */
    public val missingScopes: List<String> = error.details.missingScopes

    /** What to do next, after `outcome_unknown` and after a rotation that could not be ended. */
    public val recovery: String? = error.details.recovery

    /**
     * Whether the same call may succeed later although nothing is changed: a rate limit, an outage, no answer. Wait
     * for [retryAfter], or back off, before the next call. False for `outcome_unknown`, whose call may have been
     * carried out: see [recovery].
     */
    public val isTransient: Boolean = error.isTransient

    /**
     * The HTTP status with which a service answers its own caller when verification failed: 401, 403 or 503; 500 for an
     * error that is not about the caller's token.
     */
    public val httpStatus: Int = error.httpStatus.toInt()

    /** The `WWW-Authenticate` value that goes with an [httpStatus] of 401 or 403 (RFC 6750). */
    public val wwwAuthenticate: String? = error.wwwAuthenticate

    /**
     * The whole answer to the service's own caller when verification failed; `null` if the error is not about the
     * caller's token: answer 500 then.
     */
    public val refusal: Refusal? = error.refusal?.let { Refusal(it.status.toInt(), it.headers, it.body) }

    /** An argument or setting is wrong, found before any I/O; see [field]. Also thrown when a closed object is used. */
    public class InvalidConfig internal constructor(error: NativeException.Failed) : M2mException(error)

    /** The credentials are wrong (HTTP 401, `invalid_client`). */
    public class Authentication internal constructor(error: NativeException.Failed) : M2mException(error)

    /** The credentials are valid, but do not permit this call (HTTP 403). */
    public class PermissionDenied internal constructor(error: NativeException.Failed) : M2mException(error)

    /** The client or the project does not exist (HTTP 404). */
    public class NotFound internal constructor(error: NativeException.Failed) : M2mException(error)

    /** The call conflicts with the current state: a taken id, a rotation under way (HTTP 409). */
    public class Conflict internal constructor(error: NativeException.Failed) : M2mException(error)

    /** The API refused the request as invalid (HTTP 400). */
    public class InvalidRequest internal constructor(error: NativeException.Failed) : M2mException(error)

    /** Too many requests (HTTP 429); see [retryAfter]. */
    public class RateLimited internal constructor(error: NativeException.Failed) : M2mException(error)

    /** The API failed (HTTP 5xx). */
    public class Service internal constructor(error: NativeException.Failed) : M2mException(error)

    /** The server could not be reached, or the connection broke. */
    public class Network internal constructor(error: NativeException.Failed) : M2mException(error)

    /** The response did not arrive in time. */
    public class Timeout internal constructor(error: NativeException.Failed) : M2mException(error)

    /** The response is not one of the API's: HTML, truncated JSON, a redirect. */
    public class UnexpectedResponse internal constructor(error: NativeException.Failed) : M2mException(error)

    /** A call that must not be repeated blindly got no answer; see [recovery]. */
    public class OutcomeUnknown internal constructor(error: NativeException.Failed) : M2mException(error)

    /** The token is refused; see [reason] and [claim]. */
    public class InvalidToken internal constructor(error: NativeException.Failed) : M2mException(error)

    /** The token is valid, but lacks a required scope; see [missingScopes]. */
    public class InsufficientScope internal constructor(error: NativeException.Failed) : M2mException(error)

    /** The key set is unavailable, so the token cannot be verified: answer 503, never 401. */
    public class KeysUnavailable internal constructor(error: NativeException.Failed) : M2mException(error)

    /**
     * The call was cancelled from within, or its thread was interrupted while it waited. A cancelled coroutine throws
     * `CancellationException`.
     */
    public class Cancelled internal constructor(error: NativeException.Failed) : M2mException(error)
}

/**
 * The response of a service to a request whose token is refused (RFC 6750, section 3).
 *
 * @property status 401, 403 or 503.
 * @property headers The response's headers.
 * @property body JSON with the error's code only.
 */
public class Refusal internal constructor(
    public val status: Int,
    public val headers: Map<String, String>,
    public val body: String,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> = listOf(::status, ::headers, ::body)
}

/** Why a token is invalid. */
public enum class InvalidTokenReason {
    /** The request has no bearer token: no `Authorization` header, or one with another scheme. */
    MISSING,

    /** The token is not a compact JWS of strict base64url and strict JSON within the size limits. */
    MALFORMED,

    /** `alg` is missing, `none`, symmetric, not allowed for the issuer, or does not fit the key. */
    ALGORITHM_NOT_ALLOWED,

    /** The header requires an unsupported extension (`crit`, `b64`, `zip`). */
    HEADER_UNSUPPORTED,

    /** The header has no `kid`, or the issuer publishes no key with it. */
    KEY_NOT_FOUND,

    /** Several keys of the issuer fit. */
    KEY_AMBIGUOUS,

    /** The key is weak, invalid, or not for signatures. */
    KEY_UNUSABLE,

    /** The signature is invalid. */
    SIGNATURE_INVALID,

    /** `exp` has passed. */
    EXPIRED,

    /** `nbf` or `iat` is in the future. */
    NOT_YET_VALID,

    /** Older than `maxTokenAge`. */
    TOO_OLD,

    /** A required claim is missing. */
    CLAIM_MISSING,

    /** A claim has the wrong type or value. */
    CLAIM_INVALID,

    /** The token is not an M2M access token: a session JWT, a Connected App's token, another `typ`. */
    WRONG_TOKEN_KIND,

    /**
     * The token is valid, but belongs to another organization than the required one, or to none.
     * Its error is [M2mException.InsufficientScope]: a new token would not help.
     */
    WRONG_ORGANIZATION,
    ;

    /** The stable name, the same in every language: `missing`, `expired`, ... */
    public val code: String = name.lowercase()
}

/** [call]'s result, or its failure as an [M2mException]. */
internal inline fun <T> translated(call: () -> T): T =
    try {
        call()
    } catch (error: NativeException) {
        throw error.toPublic()
    } catch (_: CharacterCodingException) {
        refused("argument", "an argument is no text: it has half of a surrogate pair")
    }

/** What the use of a closed [thing] throws. */
internal fun closed(thing: String): Nothing = refused(thing, "the $thing is closed: make a new one")

/** Throws `invalid_config`. */
internal fun refused(field: String, message: String): Nothing =
    try {
        refuseConfig(field, message)
        error("not refused")
    } catch (error: NativeException) {
        throw error.toPublic()
    }

/** Throws `cancelled`. */
internal fun cancelled(message: String): Nothing {
    val details = ErrorDetails(
        ErrorKind.CANCELLED,
        message,
        `field` = null,
        statusCode = null,
        requestId = null,
        errorType = null,
        errorMessage = null,
        errorUrl = null,
        retryAfter = null,
        reason = null,
        claim = null,
        missingScopes = emptyList(),
        recovery = null,
    )
    translated { failWith(details) }
    error("not cancelled")
}

internal fun NativeException.toPublic(): M2mException =
    when (this) {
        is NativeException.Failed -> when (details.kind) {
            ErrorKind.INVALID_CONFIG -> M2mException.InvalidConfig(this)
            ErrorKind.AUTHENTICATION -> M2mException.Authentication(this)
            ErrorKind.PERMISSION_DENIED -> M2mException.PermissionDenied(this)
            ErrorKind.NOT_FOUND -> M2mException.NotFound(this)
            ErrorKind.CONFLICT -> M2mException.Conflict(this)
            ErrorKind.INVALID_REQUEST -> M2mException.InvalidRequest(this)
            ErrorKind.RATE_LIMITED -> M2mException.RateLimited(this)
            ErrorKind.SERVICE -> M2mException.Service(this)
            ErrorKind.NETWORK -> M2mException.Network(this)
            ErrorKind.TIMEOUT -> M2mException.Timeout(this)
            ErrorKind.UNEXPECTED_RESPONSE -> M2mException.UnexpectedResponse(this)
            ErrorKind.OUTCOME_UNKNOWN -> M2mException.OutcomeUnknown(this)
            ErrorKind.INVALID_TOKEN -> M2mException.InvalidToken(this)
            ErrorKind.INSUFFICIENT_SCOPE -> M2mException.InsufficientScope(this)
            ErrorKind.KEYS_UNAVAILABLE -> M2mException.KeysUnavailable(this)
            ErrorKind.CANCELLED -> M2mException.Cancelled(this)
        }
    }

private fun NativeReason.toPublic(): InvalidTokenReason =
    when (this) {
        NativeReason.MISSING -> InvalidTokenReason.MISSING
        NativeReason.MALFORMED -> InvalidTokenReason.MALFORMED
        NativeReason.ALGORITHM_NOT_ALLOWED -> InvalidTokenReason.ALGORITHM_NOT_ALLOWED
        NativeReason.HEADER_UNSUPPORTED -> InvalidTokenReason.HEADER_UNSUPPORTED
        NativeReason.KEY_NOT_FOUND -> InvalidTokenReason.KEY_NOT_FOUND
        NativeReason.KEY_AMBIGUOUS -> InvalidTokenReason.KEY_AMBIGUOUS
        NativeReason.KEY_UNUSABLE -> InvalidTokenReason.KEY_UNUSABLE
        NativeReason.SIGNATURE_INVALID -> InvalidTokenReason.SIGNATURE_INVALID
        NativeReason.EXPIRED -> InvalidTokenReason.EXPIRED
        NativeReason.NOT_YET_VALID -> InvalidTokenReason.NOT_YET_VALID
        NativeReason.TOO_OLD -> InvalidTokenReason.TOO_OLD
        NativeReason.CLAIM_MISSING -> InvalidTokenReason.CLAIM_MISSING
        NativeReason.CLAIM_INVALID -> InvalidTokenReason.CLAIM_INVALID
        NativeReason.WRONG_TOKEN_KIND -> InvalidTokenReason.WRONG_TOKEN_KIND
        NativeReason.WRONG_ORGANIZATION -> InvalidTokenReason.WRONG_ORGANIZATION
    }
