package io.github.stytchm2m

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CopyOnWriteArrayList

/** A server that answers as it is told to, in turn, and then with 204; and keeps what it was sent. */
internal class RecordingServer : AutoCloseable {
    /** The `Authorization` of each request. */
    val seen = CopyOnWriteArrayList<String?>()

    /** The body of each request. */
    val bodies = CopyOnWriteArrayList<String>()
    private val answers = ConcurrentLinkedQueue<(HttpExchange) -> Pair<Int, String>>()
    private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0).apply {
        createContext("/") { exchange ->
            bodies += String(exchange.requestBody.readAllBytes())
            seen += exchange.requestHeaders.getFirst("Authorization")
            val (status, body) = answers.poll()?.invoke(exchange) ?: (204 to "")
            exchange.sendResponseHeaders(status, if (body.isEmpty()) -1 else body.length.toLong())
            exchange.responseBody.use { it.write(body.toByteArray()) }
        }
        start()
    }
    val origin = "http://127.0.0.1:${server.address.port}"
    val url = "$origin/"

    fun answer(answer: (HttpExchange) -> Pair<Int, String>) {
        answers += answer
    }

    /** Hands out these tokens, in turn. */
    fun tokens(vararg tokens: String) =
        tokens.forEach { token ->
            answer { exchange ->
                exchange.responseHeaders.add("Content-Type", "application/json")
                200 to """{"access_token":"$token","token_type":"bearer","expires_in":3600}"""
            }
        }

    /** Refuses the token of the next requests. */
    fun refuse(times: Int = 1, challenge: String? = """Bearer error="invalid_token"""", before: () -> Unit = {}) =
        repeat(times) {
            answer { exchange ->
                before()
                challenge?.let { exchange.responseHeaders.add("WWW-Authenticate", it) }
                401 to "no"
            }
        }

    fun redirect(to: String) = answer { exchange ->
        exchange.responseHeaders.add("Location", to)
        307 to "elsewhere"
    }

    override fun close() = server.stop(0)
}
