package io.github.stytchm2m.ktor

import io.github.stytchm2m.M2mException
import io.github.stytchm2m.Origins
import io.github.stytchm2m.Token
import io.github.stytchm2m.TokenSource
import io.github.stytchm2m.refusesToken
import io.github.stytchm2m.tokenInsteadOf
import io.ktor.client.call.HttpClientCall
import io.ktor.client.plugins.api.ClientPlugin
import io.ktor.client.plugins.api.Send
import io.ktor.client.plugins.api.createClientPlugin
import io.ktor.client.request.HttpRequestBuilder
import io.ktor.http.HttpHeaders
import io.ktor.http.content.OutgoingContent
import io.ktor.util.AttributeKey
import kotlinx.coroutines.cancel

/** Settings of the [TokenPlugin]. */
public class TokenPluginConfig {
    /** Fetches tokens: transport, store and counters. Required. */
    public var source: TokenSource? = null

    /**
     * The origins that may be sent the token, as in `https://api.example.com`. Required. `http` is
     * accepted for loopback hosts only.
     */
    public var origins: List<String> = emptyList()
}

/**
 * Sends the token of a [TokenSource] with every request to the named origins. If such a server refuses
 * the token (401 with a `Bearer` challenge that says `invalid_token`), the request is sent once again with
 * another token.
 *
 * ```
 * val http = HttpClient {
 *     install(TokenPlugin) {
 *         source = tokenSource
 *         origins = listOf("https://api.example.com")
 *     }
 * }
 * ```
 *
 * Install it after plugins that change a request's address. A request to another origin, and a redirect to
 * another origin, goes on without the token. A request that has an `Authorization` header keeps it. A body
 * that is a stream is sent once. Ktor is an optional dependency of this module: bring your own. Without a
 * token, requests fail with an [M2mException].
 *
 * @throws M2mException.InvalidConfig when it is installed without origins, or with a wrong one.
 */
public val TokenPlugin: ClientPlugin<TokenPluginConfig> =
    createClientPlugin("StytchM2mToken", ::TokenPluginConfig) {
        val source = requireNotNull(pluginConfig.source) { "TokenPlugin needs a source" }
        val origins = Origins(pluginConfig.origins)
        on(Send) { request ->
            if (!request.takesToken(origins)) {
                return@on proceed(request)
            }
            val token = source.getToken()
            request.authorize(token)
            val call = proceed(request)
            if (!call.refusesToken() || !call.isRepeatable()) {
                return@on call
            }
            val fresh = call.cancelOnFailure { source.tokenInsteadOf(token) } ?: return@on call
            request.authorize(fresh)
            proceed(request)
        }
    }

/** The state of a request across its redirects: once a redirect has left the origin, the token is not added again. */
private class Journey(val origin: String) {
    var hasLeft = false

    /** The header that this plugin has set: a redirect within the origin takes it along. */
    var header: String? = null
}

private val journey = AttributeKey<Journey>("StytchM2mJourney")

/** Whether the request is to carry the token. Takes off a token that came along and must not go on. */
private fun HttpRequestBuilder.takesToken(origins: Origins): Boolean {
    val origin = "${url.protocol.name}://${url.host}:${url.port}"
    val journey = attributes.computeIfAbsent(journey) { Journey(origin) }
    val header = headers[HttpHeaders.Authorization]
    if (header != null && header != journey.header) {
        return false
    }
    journey.hasLeft = journey.hasLeft || origin != journey.origin
    val takes = !journey.hasLeft && origins.allows(url.buildString())
    if (!takes) {
        headers.remove(HttpHeaders.Authorization)
    }
    return takes
}

private fun HttpRequestBuilder.authorize(token: Token) {
    val header = token.authorizationHeader().reveal()
    headers[HttpHeaders.Authorization] = header
    attributes[journey].header = header
}

private fun HttpClientCall.refusesToken(): Boolean =
    refusesToken(response.status.value, response.headers.getAll(HttpHeaders.WWWAuthenticate).orEmpty())

private inline fun HttpClientCall.cancelOnFailure(fresh: () -> Token?): Token? =
    try {
        fresh()
    } catch (error: Throwable) {
        cancel()
        throw error
    }

private fun HttpClientCall.isRepeatable(): Boolean =
    when (request.content) {
        is OutgoingContent.ByteArrayContent, is OutgoingContent.NoContent -> true
        else -> false
    }
