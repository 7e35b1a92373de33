package com.stytch.m2m.ktor

import com.stytch.m2m.M2mException
import com.stytch.m2m.Token
import com.stytch.m2m.TokenSource
import io.ktor.client.call.HttpClientCall
import io.ktor.client.plugins.api.ClientPlugin
import io.ktor.client.plugins.api.Send
import io.ktor.client.plugins.api.createClientPlugin
import io.ktor.client.request.HttpRequestBuilder
import io.ktor.http.HttpHeaders
import io.ktor.http.HttpStatusCode
import io.ktor.http.content.OutgoingContent
import io.ktor.util.AttributeKey

/** Settings of the [TokenPlugin]. */
public class TokenPluginConfig {
    /** Where tokens come from. Required. */
    public var source: TokenSource? = null
}

/**
 * Sends the token of a [TokenSource] with every request, and once again with a fresh one after a 401.
 *
 * ```
 * val http = HttpClient { install(TokenPlugin) { source = tokenSource } }
 * ```
 *
 * A request that has an `Authorization` header keeps it. The token stays with the host that was asked: a
 * redirect elsewhere goes on without it. A body that is a stream is sent once. Ktor is an optional
 * dependency of this module: bring your own. Without a token, requests fail with an [M2mException].
 */
public val TokenPlugin: ClientPlugin<TokenPluginConfig> =
    createClientPlugin("StytchM2mToken", ::TokenPluginConfig) {
        val source = requireNotNull(pluginConfig.source) { "TokenPlugin needs a source" }
        on(Send) { request ->
            if (!request.takesToken()) {
                return@on proceed(request)
            }
            val token = source.getToken()
            request.authorize(token)
            val call = proceed(request)
            if (call.response.status != HttpStatusCode.Unauthorized || !call.isRepeatable()) {
                return@on call
            }
            source.invalidate(token.accessToken)
            request.authorize(source.getToken())
            proceed(request)
        }
    }

/** The host that the token was meant for, by which a redirect elsewhere is told. */
private val origin = AttributeKey<String>("StytchM2mTokenOrigin")

private fun HttpRequestBuilder.takesToken(): Boolean {
    val asked = "${url.protocol.name}://${url.host}:${url.port}"
    return HttpHeaders.Authorization !in headers && attributes.computeIfAbsent(origin) { asked } == asked
}

private fun HttpRequestBuilder.authorize(token: Token) {
    headers[HttpHeaders.Authorization] = token.authorizationHeader().reveal()
}

private fun HttpClientCall.isRepeatable(): Boolean =
    when (request.content) {
        is OutgoingContent.ByteArrayContent, is OutgoingContent.NoContent -> true
        else -> false
    }
