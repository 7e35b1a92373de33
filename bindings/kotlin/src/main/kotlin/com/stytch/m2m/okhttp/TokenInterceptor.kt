package com.stytch.m2m.okhttp

import com.stytch.m2m.M2mException
import com.stytch.m2m.Token
import com.stytch.m2m.TokenSource
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
 * Sends [source]'s token with every request, and once again with a fresh one after a 401.
 *
 * Add it with `addInterceptor`, so that OkHttp drops the header when it follows a redirect to another
 * host. A request that has an `Authorization` header keeps it. OkHttp is an optional dependency of
 * this module: bring your own.
 *
 * @throws IOException when there is no token; its cause is the [M2mException].
 * @throws InterruptedIOException when the thread is interrupted while it waits for a token. The thread
 *   stays interrupted.
 */
public class TokenInterceptor(private val source: TokenSource) : Interceptor {
    /** Called by OkHttp. */
    override fun intercept(chain: Interceptor.Chain): Response {
        val request = chain.request()
        if (request.header(AUTHORIZATION) != null) {
            return chain.proceed(request)
        }
        val token = token(chain.call())
        val response = chain.proceed(request.with(token))
        if (response.code != UNAUTHORIZED || request.body?.isOneShot() == true) {
            return response
        }
        val fresh = response.closeOnFailure {
            source.invalidate(token.accessToken)
            token(chain.call())
        }
        if (fresh.accessToken == token.accessToken) {
            return response
        }
        response.close()
        return chain.proceed(request.with(fresh))
    }

    private fun token(call: Call): Token =
        try {
            runBlocking { await(call) }
        } catch (error: M2mException) {
            throw IOException("no access token: ${error.message}", error)
        } catch (error: InterruptedException) {
            Thread.currentThread().interrupt()
            throw InterruptedIOException("interrupted while waiting for an access token").apply { initCause(error) }
        }

    /** The token, unless [call] is cancelled or times out first: OkHttp does not tell an interceptor of that. */
    private suspend fun await(call: Call): Token =
        coroutineScope {
            // Undispatched: a cached token is there at once.
            val token = async(start = CoroutineStart.UNDISPATCHED) { source.getToken() }
            while (token.isActive) {
                withTimeoutOrNull(CANCELLATION_CHECK_MILLIS) { token.join() }
                if (call.isCanceled()) {
                    token.cancel()
                    throw IOException("Canceled")
                }
            }
            token.await()
        }

    private inline fun Response.closeOnFailure(fresh: () -> Token): Token =
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
        const val UNAUTHORIZED = 401
        const val CANCELLATION_CHECK_MILLIS = 50L
    }
}
