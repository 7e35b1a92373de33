package io.github.stytchm2m.okhttp

import io.github.stytchm2m.M2mException
import io.github.stytchm2m.Origins
import io.github.stytchm2m.Token
import io.github.stytchm2m.TokenSource
import io.github.stytchm2m.refusesToken
import io.github.stytchm2m.tokenInsteadOf
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import okhttp3.Call
import okhttp3.Interceptor
import okhttp3.Request
import okhttp3.Response
import java.io.IOException
import java.io.InterruptedIOException

/**
 * Sends the token of [source] with every request to the named origins. If such a server refuses the token
 * (401 with a `Bearer` challenge that says `invalid_token`), the request is sent once again with another
 * token.
 *
 * Add it with `addInterceptor`, after interceptors that change a request's address. A request to another origin, and a
 * redirect to another origin, goes on without the token. A request that has an `Authorization` header keeps it. A
 * one-shot body is sent once. A redirected request is not repeated either, because the first server has already handled
 * it. OkHttp is an optional dependency of this module: bring your own.
 *
 * A request fails with an [IOException] when there is no token; its cause is the [M2mException]. It fails
 * with an [InterruptedIOException] when the thread is interrupted while it waits for a token; the thread
 * stays interrupted.
 *
 * @param origins The origins that may be sent the token, as in `https://api.example.com`. `http` is
 *   accepted for loopback hosts only.
 * @throws M2mException.InvalidConfig when there are no origins, or a wrong one.
 */
public class TokenInterceptor(private val source: TokenSource, origins: List<String>) : Interceptor {
    private val origins = Origins(origins)

    /** Called by OkHttp. */
    override fun intercept(chain: Interceptor.Chain): Response {
        val request = chain.request()
        if (request.header(AUTHORIZATION) != null || !origins.allows(request.url.toString())) {
            return chain.proceed(request)
        }
        val token = fetch(chain.call()) { source.getToken() }
        val response = chain.proceed(request.with(token))
        if (!response.refuses(token) || request.body?.isOneShot() == true || response.wasRedirected()) {
            return response
        }
        val fresh = response.closeOnFailure { fetch(chain.call()) { source.tokenInsteadOf(token) } } ?: return response
        response.close()
        return chain.proceed(request.with(fresh))
    }

    /** Whether the server that was sent [token] says that it is invalid. After a redirect, it may be another. */
    private fun Response.refuses(token: Token): Boolean =
        request.header(AUTHORIZATION) == token.authorizationHeader().reveal() &&
            refusesToken(code, headers(WWW_AUTHENTICATE))

    private fun Response.wasRedirected(): Boolean = generateSequence(priorResponse) { it.priorResponse }.any { it.isRedirect }

    private fun <T> fetch(call: Call, token: suspend () -> T): T =
        try {
            runBlocking { unlessCancelled(call, token) }
        } catch (error: M2mException) {
            throw IOException("no access token: ${error.message}", error)
        } catch (error: InterruptedException) {
            Thread.currentThread().interrupt()
            throw InterruptedIOException("interrupted while waiting for an access token").apply { initCause(error) }
        }

    /** The token, unless [call] is cancelled or times out first: OkHttp does not tell an interceptor of that. */
    private suspend fun <T> unlessCancelled(call: Call, token: suspend () -> T): T =
        coroutineScope {
            // Undispatched: a cached token is there at once.
            val fetch = async(start = CoroutineStart.UNDISPATCHED) { token() }
            while (fetch.isActive) {
                withTimeoutOrNull(CANCELLATION_CHECK_MILLIS) { fetch.join() }
                if (call.isCanceled()) {
                    fetch.cancel()
                    throw IOException("Canceled")
                }
            }
            fetch.await()
        }

    private inline fun <T> Response.closeOnFailure(fresh: () -> T): T =
        try {
            fresh()
        } catch (error: Throwable) {
            close()
            throw error
        }

    private fun Request.with(token: Token): Request =
        newBuilder().header(AUTHORIZATION, token.authorizationHeader().reveal()).build()

    private companion object {
        const val AUTHORIZATION = "Authorization"
        const val WWW_AUTHENTICATE = "WWW-Authenticate"
        const val CANCELLATION_CHECK_MILLIS = 50L
    }
}
