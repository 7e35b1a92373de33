package io.github.stytchm2m.scenarios

import com.google.gson.JsonArray
import com.google.gson.JsonElement
import com.google.gson.JsonNull
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import com.google.gson.JsonPrimitive
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import kotlin.time.Duration.Companion.minutes

/** Every scenario of `tests/scenarios`, whose README says what is done here. */
internal class ScenariosTest {
    @Test
    fun `every scenario goes as written`() = runBlocking {
        val files = File("../../tests/scenarios").listFiles { file -> file.extension == "json" }!!.sorted()
        var played = 0
        val failures = mutableListOf<String>()
        for (path in files) {
            val file = Args(JsonParser.parseString(path.readText()).asJsonObject)
            file.take("about")
            val (seed, scenarios) = file.take("seed") to file.take("scenarios").asJsonArray
            file.end(path.name)
            for (scenario in scenarios.map { Args(it.asJsonObject) }) {
                played += 1
                val name = scenario.text("name")
                runCatching { withTimeout(1.minutes) { play(scenario, seed) } }
                    .onFailure { failures += "${path.name}, $name: ${it.message ?: it}" }
            }
        }
        println("scenarios: $played cases")
        assertTrue(played >= 80, "only $played scenarios were found")
        assertEquals(emptyList<String>(), failures)
    }

    private suspend fun play(scenario: Args, seed: JsonElement) {
        val (steps, hits) = scenario.take("steps").asJsonArray to scenario.take("hits").asJsonObject
        World(scenario, seed).use { world ->
            scenario.end("a scenario")
            val saved = mutableMapOf("project_id" to ScenarioServer.projectId)
            steps.forEachIndexed { index, step ->
                val fields = Args(step.asJsonObject)
                val call = fields.text("call")
                runCatching { take(world, call, fields, saved) }.getOrElse { failure ->
                    throw AssertionError("step ${index + 1}, $call: ${failure.message ?: failure}", failure)
                }
            }
            assertEquals(hits.asMap().mapValues { it.value.asLong }, ScenarioServer.hits())
        }
    }

    private suspend fun take(world: World, call: String, step: Args, saved: MutableMap<String, String>) {
        val with = filled(step.optional("with") ?: JsonObject(), saved).asJsonObject
        val (inARow, atOnce) = step.optional("repeat")?.asInt to step.optional("concurrently")?.asInt
        val (result, error) = listOf("result", "error").map { step.optional(it) }
        val save = step.optional("save")?.asJsonObject ?: JsonObject()
        step.end("a step")
        check(inARow == null || atOnce == null) { "in a row or at once?" }
        check(result == null || error == null) { "a result or an error?" }
        check(save.isEmpty || (inARow ?: atOnce ?: error) == null) { "saved from which call?" }

        val outcomes = when (atOnce) {
            null -> List(inARow ?: 1) { world.call(call, with) }
            else -> coroutineScope {
                List(atOnce) { async(Dispatchers.Default) { world.call(call, with) } }.awaitAll()
            }
        }
        outcomes.forEach { it.compare(result?.let { filled(it, saved) }, error?.let { filled(it, saved) }) }
        for ((name, path) in save.asMap()) {
            saved[name] = checkNotNull(find(outcomes.single(), path.asString)) { "the result has no $path" }
        }
    }

    private fun Outcome.compare(result: JsonElement?, error: JsonElement?) {
        val unknown = error?.asJsonObject?.keySet().orEmpty() - this.error?.keySet().orEmpty()
        when {
            error == null -> check(this.error == null) { "failed: ${this.error}" }
            this.error == null -> error("no error, where $error was due")
            else -> check(unknown.isEmpty()) { "an error has no $unknown" }
        }
        val wanted = result ?: error ?: return
        difference(this.result ?: this.error!!, wanted)?.let { error(it) }
    }

    /** Where [got] lacks something of [wanted]: objects may have more than that, arrays may not. */
    private fun difference(got: JsonElement, wanted: JsonElement): String? {
        val both = listOf(got, wanted)
        return when {
            both.all { it.isJsonObject } -> wanted.asJsonObject.entrySet().firstNotNullOfOrNull { (name, member) ->
                difference(got.asJsonObject[name] ?: JsonNull.INSTANCE, member)?.let { "$name: $it" }
            }
            both.all { it.isJsonArray } && got.asJsonArray.size() == wanted.asJsonArray.size() ->
                got.asJsonArray.zip(wanted.asJsonArray).firstNotNullOfOrNull { (a, b) -> difference(a, b) }
            both.all { it is JsonPrimitive && it.isNumber } && got.asDouble == wanted.asDouble -> null
            else -> if (got == wanted) null else "$got, not $wanted"
        }
    }

    /** [value] with the saved values in place of their `${name}`. */
    private fun filled(value: JsonElement, saved: Map<String, String>): JsonElement =
        when {
            value is JsonPrimitive && value.isString -> {
                val text = saved.entries.fold(value.asString) { text, (name, it) -> text.replace("\${$name}", it) }
                check("\${" !in text) { "nothing is saved under the name in $text" }
                JsonPrimitive(text)
            }
            value is JsonArray -> JsonArray().apply { value.forEach { add(filled(it, saved)) } }
            value is JsonObject ->
                JsonObject().apply { value.entrySet().forEach { (name, it) -> add(name, filled(it, saved)) } }
            else -> value
        }

    /** The text at a path such as `m2m_client.client_id`. */
    private fun find(outcome: Outcome, path: String): String? {
        val found = path.split('.').fold(outcome.result) { value, name -> (value as? JsonObject)?.get(name) }
        return (found as? JsonPrimitive)?.takeIf { it.isString }?.asString
    }
}
