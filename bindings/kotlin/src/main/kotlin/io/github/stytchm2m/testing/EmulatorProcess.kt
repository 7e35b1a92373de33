package io.github.stytchm2m.testing

import java.io.File
import java.io.IOException
import java.net.HttpURLConnection
import java.net.Proxy
import java.net.URL
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

private const val STOP_SECONDS = 10L
private const val COMPLAINT = 20
private val SETTINGS = listOf("STYTCH_PROJECT_ID", "STYTCH_SECRET", "STYTCH_BASE_URL")

/** The running program. It ends when its standard input does: with this process at the latest. */
internal class EmulatorProcess(program: Path, given: Map<String, String?>) : AutoCloseable {
    private val process = launch(program, given)
    private val complaint = ArrayDeque<String>()
    private val reader = thread(isDaemon = true, name = "stytch-m2m-emulator") {
        process.errorStream.bufferedReader().forEachLine { line ->
            synchronized(complaint) {
                complaint.addLast(line)
                if (complaint.size > COMPLAINT) complaint.removeFirst()
            }
        }
    }

    /** What it said of itself. */
    val settings: Map<String, String>

    init {
        val said = process.inputStream.bufferedReader()
        settings = SETTINGS.associateWith { name ->
            said.readLine()?.takeIf { it.startsWith("$name=") }?.substringAfter('=') ?: didNotStart()
        }
    }

    fun setting(name: String): String = settings.getValue(name)

    private fun didNotStart(): Nothing {
        close()
        reader.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS))
        val why = synchronized(complaint) { complaint.joinToString("\n") }
        error("the emulator did not start: $why")
    }

    override fun close() {
        try {
            process.outputStream.close()
        } catch (_: IOException) {
            // It has ended.
        }
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) process.destroyForcibly().waitFor()
    }
}

private fun launch(program: Path, given: Map<String, String?>): Process {
    val builder = ProcessBuilder(program.toString(), "--exit-with-stdin")
    // What the environment says is meant for the service under test.
    builder.environment().keys.removeIf { it.startsWith("STYTCH_") }
    given.forEach { (name, value) -> value?.let { builder.environment()[name] = it } }
    return try {
        builder.start()
    } catch (error: IOException) {
        throw IllegalStateException("the emulator did not start: cannot run $program", error)
    }
}

/** Sends a request to the emulator, and returns the body of its answer. A refusal is an [IllegalArgumentException]. */
internal fun send(method: String, url: String, body: String?, message: (String) -> String): String {
    val connection = URL(url).openConnection(Proxy.NO_PROXY) as HttpURLConnection
    try {
        connection.requestMethod = method
        connection.connectTimeout = TimeUnit.SECONDS.toMillis(STOP_SECONDS).toInt()
        connection.readTimeout = connection.connectTimeout
        if (body != null) {
            connection.doOutput = true
            connection.setRequestProperty("Content-Type", "application/json")
            connection.outputStream.use { it.write(body.toByteArray()) }
        }
        val isRefusal = connection.responseCode >= HttpURLConnection.HTTP_BAD_REQUEST
        val stream = if (isRefusal) connection.errorStream else connection.inputStream
        val answer = stream?.use { it.readBytes().decodeToString() }.orEmpty()
        require(!isRefusal) { message(answer) }
        return answer
    } catch (error: IOException) {
        throw IllegalStateException("the emulator does not answer", error)
    } finally {
        connection.disconnect()
    }
}
