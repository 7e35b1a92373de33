package com.stytch.m2m

import com.stytch.m2m.okhttp.TokenInterceptor
import kotlinx.coroutines.runBlocking
import okhttp3.Call
import okhttp3.OkHttpClient
import okhttp3.Request
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.IOException
import java.io.InterruptedIOException
import java.time.Duration
import java.util.concurrent.CompletableFuture
import kotlin.concurrent.thread

/** OkHttp's requests carry the token. */
internal class TokenInterceptorTest {
    private val server = RecordingServer()
    private val issuer = RecordingServer()
    private val source = TokenSource("some-client", Secret("some-secret"), tokenUrl = issuer.url)

    @AfterEach
    fun stop() = listOf(server, issuer, source).forEach { it.close() }

    private fun TokenSource.http(): OkHttpClient = OkHttpClient.Builder().addInterceptor(TokenInterceptor(this)).build()

    private fun OkHttpClient.call(header: String? = null): Call =
        newCall(Request.Builder().url(server.url).apply { header?.let { header("Authorization", it) } }.build())

    private fun TokenSource.get(header: String? = null): Int = http().call(header).execute().use { it.code }

    /** A call that waits for a token of a server that never answers, what it ends with, and its thread. */
    private fun waiting(
        http: OkHttpClient.() -> OkHttpClient = { this },
        end: suspend (Call, Thread) -> Unit,
    ): Pair<Throwable, Boolean> {
        SilentServer().use { silent ->
            TokenSource("some-client", Secret("some-secret"), baseUrl = silent.baseUrl).use { source ->
                val call = source.http().http().call()
                val ended = CompletableFuture<Pair<Throwable, Boolean>>()
                val caller = thread {
                    val failure = runCatching { call.execute().close() }.exceptionOrNull()
                    ended.complete(failure!! to Thread.currentThread().isInterrupted)
                }
                runBlocking {
                    silent.asked.await()
                    end(call, caller)
                }
                return ended.join()
            }
        }
    }

    @Test
    fun `a request gets the token, unless it has one`() {
        issuer.tokens("one")
        assertEquals(204, source.get())
        assertEquals(204, source.get("Basic mine"))
        assertEquals(listOf("Bearer one", "Basic mine"), server.seen.toList())
    }

    @Test
    fun `a refused token is fetched anew, once`() {
        issuer.tokens("one", "two")
        server.refuse()
        assertEquals(204, source.get())
        assertEquals(listOf("Bearer one", "Bearer two"), server.seen.toList())
    }

    @Test
    fun `a server that refuses again has the last word`() {
        issuer.tokens("one", "two")
        server.refuse(times = 2)
        assertEquals(401, source.get())
        assertEquals(listOf("Bearer one", "Bearer two"), server.seen.toList())
    }

    @Test
    fun `a refused request is not sent again with the same token`() {
        issuer.tokens("one", "one")
        server.refuse(times = 2)
        assertEquals(401, source.get())
        assertEquals(1, server.seen.size)
    }

    @Test
    fun `without a token nothing is sent`() {
        issuer.answer { 400 to """{"error":"invalid_client"}""" }
        val error = failure<IOException> { source.get() }
        assertInstanceOf(M2mException::class.java, error.cause)
        assertEquals(0, server.seen.size)
    }

    @Test
    fun `a refused answer is closed when there is no other token`() {
        issuer.tokens("one")
        issuer.answer { 400 to """{"error":"invalid_client"}""" }
        server.refuse()
        val http = source.http()
        val error = failure<IOException> { http.call().execute() }
        assertInstanceOf(M2mException::class.java, error.cause)
        // A connection whose answer was not closed is never idle.
        assertEquals(http.connectionPool.connectionCount(), http.connectionPool.idleConnectionCount())
    }

    @Test
    fun `an interrupted thread stays interrupted, and ends with an InterruptedIOException`() {
        val (failure, isInterrupted) = waiting { _, thread -> thread.interrupt() }
        assertInstanceOf(InterruptedIOException::class.java, failure)
        assertTrue(isInterrupted)
    }

    @Test
    fun `a cancelled call does not wait for its token`() {
        val (failure, _) = waiting { call, _ -> call.cancel() }
        assertEquals("Canceled", assertInstanceOf(IOException::class.java, failure).message)
    }

    @Test
    fun `the time of a call includes that for its token`() {
        val quick = Duration.ofMillis(200)
        val (failure, _) = waiting({ newBuilder().callTimeout(quick).build() }) { _, _ -> }
        assertInstanceOf(InterruptedIOException::class.java, failure)
        assertEquals("timeout", failure.message)
    }
}
