package com.stytch.m2m.okhttp

import com.stytch.m2m.M2mException
import com.stytch.m2m.Token
import com.stytch.m2m.TokenSource
import kotlinx.coroutines.runBlocking
import okhttp3.Interceptor
import okhttp3.Request
import okhttp3.Response
import java.io.IOException

/**
 * Sends [source]'s token with every request, and once again with a fresh one after a 401.
 *
 * Add it with `addInterceptor`, so that OkHttp drops the header when it follows a redirect to another
 * host. A request that has an `Authorization` header keeps it. OkHttp is an optional dependency of
 * this module: bring your own.
 *
 * @throws IOException when there is no token; its cause is the [M2mException].
 */
public class TokenInterceptor(private val source: TokenSource) : Interceptor {
    /** Called by OkHttp. */
    override fun intercept(chain: Interceptor.Chain): Response {
        val request = chain.request()
        if (request.header(AUTHORIZATION) != null) {
            return chain.proceed(request)
        }
        val token = token()
        val response = chain.proceed(request.with(token))
        if (response.code != UNAUTHORIZED || request.body?.isOneShot() == true) {
            return response
        }
        source.invalidate(token.accessToken)
        val fresh = token()
        response.close()
        return chain.proceed(request.with(fresh))
    }

    private fun token(): Token =
        try {
            runBlocking { source.getToken() }
        } catch (error: M2mException) {
            throw IOException("no access token: ${error.message}", error)
        }

    private fun Request.with(token: Token): Request =
        newBuilder().header(AUTHORIZATION, token.authorizationHeader().reveal()).build()

    private companion object {
        const val AUTHORIZATION = "Authorization"
        const val UNAUTHORIZED = 401
    }
}
