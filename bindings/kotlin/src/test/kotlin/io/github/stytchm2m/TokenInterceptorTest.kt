package io.github.stytchm2m

import io.github.stytchm2m.okhttp.TokenInterceptor
import kotlinx.coroutines.runBlocking
import okhttp3.Call
import okhttp3.MediaType
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody
import okhttp3.RequestBody.Companion.toRequestBody
import okio.BufferedSink
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
    private val other = RecordingServer()
    private val issuer = RecordingServer()
    private val source = TokenSource("some-client", Secret("some-secret"), tokenUrl = issuer.url)

    @AfterEach
    fun stop() = listOf(server, other, issuer, source).forEach { it.close() }

    private fun TokenSource.http(vararg origins: String = arrayOf(server.origin)): OkHttpClient =
        OkHttpClient.Builder().addInterceptor(TokenInterceptor(this, origins.toList())).build()

    private fun OkHttpClient.call(header: String? = null, url: String = server.url, body: RequestBody? = null): Call {
        val request = Request.Builder().url(url).apply { header?.let { header("Authorization", it) } }
        return newCall(request.apply { body?.let { post(it) } }.build())
    }

    private fun Call.status(): Int = execute().use { it.code }

    private fun get(header: String? = null): Int = source.http().call(header).status()

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
        assertEquals(204, get())
        assertEquals(204, get("Basic mine"))
        assertEquals(listOf("Bearer one", "Basic mine"), server.seen.toList())
    }

    @Test
    fun `origins must be named`() {
        for (wrong in listOf(emptyList(), listOf("http://api.example.com"), listOf("https://api.example.com/v1"))) {
            val error = failure<M2mException.InvalidConfig> { TokenInterceptor(source, wrong) }
            assertEquals("origins", error.field)
        }
    }

    @Test
    fun `a server that is not named gets no token`() {
        issuer.tokens("one")
        other.refuse()
        assertEquals(401, source.http().call(url = other.url).status())
        assertEquals(204, source.http().call("Basic mine", url = other.url).status())
        assertEquals(listOf(null, "Basic mine"), other.seen.toList())
        assertEquals(0, issuer.seen.size)
    }

    @Test
    fun `a redirect to another origin goes on without the token, even if that is named`() {
        issuer.tokens("one")
        for (origins in listOf(arrayOf(server.origin), arrayOf(server.origin, other.origin))) {
            listOf("/elsewhere", other.url).forEach(server::redirect)
            other.redirect("${server.url}back")
            assertEquals(204, source.http(*origins).call().status())
        }
        assertEquals(listOf("Bearer one", "Bearer one", null, "Bearer one", "Bearer one", null), server.seen.toList())
        assertEquals(listOf(null, null), other.seen.toList())
    }

    @Test
    fun `an answer of another server than was named is not repeated`() {
        issuer.tokens("one", "two")
        server.redirect(other.url)
        other.refuse()
        assertEquals(401, get())
        assertEquals(1, server.seen.size)
    }

    @Test
    fun `a request that was taken is not sent again when its redirect is refused`() {
        issuer.tokens("one", "two")
        for (page in listOf("/page", server.url)) {
            server.redirect(page)
            server.refuse()
            assertEquals(401, source.http().call(body = "order".toRequestBody()).status())
        }
        assertEquals(List(4) { "Bearer one" }, server.seen.toList())
    }

    @Test
    fun `a 401 that does not say that the token is invalid is not repeated`() {
        issuer.tokens("one")
        for (challenge in listOf(null, "Bearer", """Basic realm="x", error="invalid_token"""")) {
            server.refuse(challenge = challenge)
            assertEquals(401, get())
        }
        assertEquals(3, server.seen.size)
    }

    @Test
    fun `a body is sent again, a one-shot body is not`() {
        issuer.tokens("one", "two")
        server.refuse()
        assertEquals(204, source.http().call(body = "order".toRequestBody()).status())
        assertEquals(listOf("order", "order"), server.bodies.toList())
        server.refuse()
        val once = object : RequestBody() {
            override fun contentType(): MediaType? = null

            override fun isOneShot(): Boolean = true

            override fun writeTo(sink: BufferedSink) {
                sink.writeUtf8("stream")
            }
        }
        assertEquals(401, source.http().call(body = once).status())
        assertEquals(3, server.seen.size)
    }

    @Test
    fun `a refused token is fetched anew, once`() {
        issuer.tokens("one", "two")
        server.refuse()
        assertEquals(204, get())
        assertEquals(listOf("Bearer one", "Bearer two"), server.seen.toList())
    }

    @Test
    fun `a server that refuses again has the last word`() {
        issuer.tokens("one", "two")
        server.refuse(times = 2)
        assertEquals(401, get())
        assertEquals(listOf("Bearer one", "Bearer two"), server.seen.toList())
    }

    @Test
    fun `a refused request is not sent again with the same token`() {
        issuer.tokens("one", "one")
        server.refuse(times = 2)
        assertEquals(401, get())
        assertEquals(1, server.seen.size)
    }

    @Test
    fun `without a token nothing is sent`() {
        issuer.answer { 400 to """{"error":"invalid_client"}""" }
        val error = failure<IOException> { get() }
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
