package io.github.stytchm2m

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.runBlocking
import java.io.IOException
import java.net.InetAddress
import java.net.ServerSocket
import kotlin.concurrent.thread

/** A server that reads one request, never answers, and notices when its peer goes away. */
internal class SilentServer : AutoCloseable {
    private val socket = ServerSocket(0, 1, InetAddress.getLoopbackAddress())
    val baseUrl = "http://127.0.0.1:${socket.localPort}"
    val asked = CompletableDeferred<Unit>()
    val left = CompletableDeferred<Unit>()

    init {
        thread(isDaemon = true) {
            try {
                socket.accept().use { peer ->
                    val input = peer.getInputStream()
                    input.read()
                    asked.complete(Unit)
                    input.readAllBytes()
                }
            } catch (_: IOException) {
                // A reset is a way of leaving.
            }
            left.complete(Unit)
        }
    }

    /** Waits until it is asked. */
    fun awaitRequest() = runBlocking { asked.await() }

    override fun close() = socket.close()
}
