package io.github.stytchm2m.scenarios

import com.google.gson.JsonElement
import com.google.gson.JsonNull
import com.google.gson.JsonParser
import org.junit.jupiter.api.fail
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers

/** The emulator that no other test uses. */
internal object ScenarioServer {
    val projectId: String get() = setting("PROJECT_ID")
    val secret: String get() = setting("SECRET")
    val baseUrl: String get() = setting("BASE_URL")
    private val http = HttpClient.newHttpClient()

    /** The operations that were asked for, and how often. */
    fun hits(): Map<String, Long> =
        admin("GET", "/_emulator/counts", null).asJsonObject.asMap()
            .mapValues { it.value.asLong }
            .filterValues { it > 0 }

    /** The answer to a request to the emulator itself. */
    fun admin(method: String, path: String, body: JsonElement?): JsonElement {
        val content = body?.let { BodyPublishers.ofString(it.toString()) } ?: BodyPublishers.noBody()
        val request = HttpRequest.newBuilder(URI(baseUrl + path))
            .method(method, content)
            .header("Content-Type", "application/json")
            .build()
        val response = http.send(request, BodyHandlers.ofString())
        check(response.statusCode() in 200..299) { "$method $path: ${response.statusCode()} ${response.body()}" }
        return if (response.body().isEmpty()) JsonNull.INSTANCE else JsonParser.parseString(response.body())
    }

    private fun setting(name: String): String =
        System.getenv("SCENARIOS_$name") ?: fail("run these tests by `cargo xtask test kotlin`")
}
