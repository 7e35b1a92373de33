package io.github.stytchm2m.testing

import io.github.stytchm2m.Client
import io.github.stytchm2m.Secret
import io.github.stytchm2m.internal.JsonValue
import io.github.stytchm2m.internal.jsonText
import io.github.stytchm2m.internal.parseJson
import java.net.URLEncoder
import java.nio.file.Path
import java.time.Duration

/**
 * Stytch's M2M API on this machine, for tests: no network, no account. A process of its own on a free port of loopback,
 * which ends with this one at the latest.
 *
 * ```
 * Emulator.start().use { emulator ->
 *     val client = emulator.clientBuilder().build()
 * }
 * ```
 *
 * The program is in the package `io.github.stytch-m2m:stytch-m2m-emulator`, for the scope `test`. Its settings are JSON, as
 * in the emulator's README.
 */
public class Emulator private constructor(private val program: EmulatorProcess) : AutoCloseable {
    /** The project's id. */
    public val projectId: String = program.setting("STYTCH_PROJECT_ID")

    /** The project's secret. */
    public val secret: Secret = Secret(program.setting("STYTCH_SECRET"))

    /** Its address: `http://127.0.0.1:...`. */
    public val baseUrl: String = program.setting("STYTCH_BASE_URL")

    /** The three settings as the environment variables of a service. */
    public val environment: Map<String, String> get() = program.settings

    /** A builder of a client that uses it. */
    public fun clientBuilder(): Client.Builder = Client.builder().projectId(projectId).secret(secret).baseUrl(baseUrl)

    /**
     * A token without a request for it: valid, or wrong in any way.
     *
     * @param clientId The subject. No client needs to have this id.
     * @param scopes Default: those of the client.
     * @param extra Parameters for the custom-claims template, as a JSON object.
     * @param changes A JSON object: `issued_at_offset_seconds` (-7200 makes it expired), `claims`, `header`, and
     *   `signature`, which is `valid`, `corrupted` or `unknown_key`.
     */
    @JvmOverloads
    public fun issueToken(
        clientId: String,
        scopes: List<String>? = null,
        extra: String? = null,
        changes: String? = null,
    ): Secret {
        val request = json(
            "client_id" to JsonValue.Text(clientId),
            "scopes" to scopes?.let { names -> JsonValue.Array(names.map { JsonValue.Text(it) }) },
            "extra" to extra?.let { parsed("extra", it) },
            "changes" to changes?.let { parsed("changes", it) },
        )
        return Secret(text(member(ask("POST", "tokens", request), "access_token")))
    }

    /**
     * Changes how tokens are made.
     *
     * @param settings A JSON object: `lifetime_seconds`, `custom_claims_template`, `custom_audience`, `custom_domain`,
     *   `changes`. What is absent gets its default.
     */
    public fun setTokenSettings(settings: String) {
        ask("PUT", "token-settings", settings)
    }

    /**
     * Breaks an endpoint, or all: once, or so many times, or for so long.
     *
     * @param effect A JSON object: `{"type": "status", "status": 503}` with `headers` and `body` at will;
     *   `{"type": "delay", "milliseconds": 500}`; or of the type `reset`, `drop_answer` or `malformed_body`.
     * @param operation The endpoint, as [counts] calls it.
     * @param times How many requests it meets.
     * @param duration How long it lasts, in whole seconds.
     */
    @JvmOverloads
    public fun addFault(effect: String, operation: String? = null, times: Int? = null, duration: Duration? = null) {
        val fault = json(
            "effect" to parsed("effect", effect),
            "operation" to operation?.let { JsonValue.Text(it) },
            "times" to times?.let { JsonValue.Integer(it.toLong()) },
            "seconds" to duration?.let { JsonValue.Integer(it.seconds) },
        )
        ask("POST", "faults", fault)
    }

    /** Clears all faults. */
    public fun clearFaults() {
        ask("DELETE", "faults")
    }

    /**
     * Answers 429 to what exceeds this rate, at each endpoint.
     *
     * @param limit `{"requests": 10, "per_seconds": 1}`; `null` lifts the limit.
     */
    public fun setRateLimit(limit: String?) {
        if (limit == null) ask("DELETE", "rate-limit") else ask("PUT", "rate-limit", limit)
    }

    /** Requests by operation (`token`, `jwks`, `create`, ...), since the start or a reset. */
    public fun counts(): Map<String, Long> = counted(ask("GET", "counts"))

    /** Token requests that named this client. */
    public fun tokenRequests(clientId: String): Long =
        counted(ask("GET", "counts?client_id=${encoded(clientId)}")).getValue("token")

    /** The requests that came in, the oldest first, without their headers and bodies: a JSON array. */
    @JvmOverloads
    public fun requests(operation: String? = null, clientId: String? = null): String {
        val given = listOfNotNull(
            operation?.let { "operation=${encoded(it)}" },
            clientId?.let { "client_id=${encoded(it)}" },
        )
        val answer = ask("GET", "requests?${given.joinToString("&")}")
        return jsonText("requests", member(answer, "requests") ?: JsonValue.Array(emptyList()))
    }

    /** Signs with a new key from now on. The key sets serve it beside the old ones. */
    public fun rotateKeys() {
        ask("POST", "keys/rotate")
    }

    /** Serves the current key alone: tokens of the old ones no longer verify. */
    public fun retireKeys() {
        ask("POST", "keys/retire")
    }

    /** What it takes to use the organization-scoped API and Auth0's: a JSON object, with secrets. */
    public fun credentials(): Secret = Secret(ask("GET", "credentials"))

    /** Starts over with this seed, a JSON object. */
    public fun load(seed: String) {
        ask("PUT", "seed", seed)
    }

    /** Starts over with the same seed. Project, secret and signing keys stay. */
    public fun reset() {
        ask("POST", "reset")
    }

    /** Stops it. A second time is no error. */
    override fun close(): Unit = program.close()

    override fun toString(): String = "Emulator(projectId=$projectId, baseUrl=$baseUrl)"

    private fun ask(method: String, path: String, body: String? = null): String =
        send(method, "$baseUrl/_emulator/$path", body) { answer ->
            text(member(answer, "error_message"))
        }

    /** Starts emulators. */
    public companion object {
        /**
         * Starts one, and waits until it answers.
         *
         * @param seed The clients, token settings and Auth0 tenant to start with, as a JSON object.
         * @param projectId A test project's id. Default: a random one.
         * @param secret The project's secret. Default: a random one.
         * @param program The program. Default: what `STYTCH_M2M_EMULATOR` names, else that of the package
         *   `stytch-m2m-emulator`, else `stytch-m2m-emulator` on the search path.
         * @throws IllegalStateException when there is no program, or it does not start. The message says what to do.
         * @throws IllegalArgumentException when the seed breaks a rule.
         */
        @JvmStatic
        @JvmOverloads
        public fun start(
            seed: String? = null,
            projectId: String? = null,
            secret: Secret? = null,
            program: Path? = null,
        ): Emulator {
            val given = mapOf("STYTCH_EMULATOR_PROJECT_ID" to projectId, "STYTCH_EMULATOR_SECRET" to secret?.reveal())
            val process = EmulatorProcess(program ?: EmulatorProgram.find(), given)
            try {
                return Emulator(process).apply { seed?.let { load(it) } }
            } catch (error: Throwable) {
                process.close()
                throw error
            }
        }
    }
}

private fun json(vararg members: Pair<String, JsonValue?>): String {
    val given = members.mapNotNull { (name, value) -> value?.let { name to it } }
    return jsonText("request", JsonValue.Object(given.toMap()))
}

private fun parsed(argument: String, json: String): JsonValue =
    try {
        parseJson(argument, json)
    } catch (error: Exception) {
        throw IllegalArgumentException("$argument is not JSON", error)
    }

private fun member(json: String, name: String): JsonValue? = (parseJson("answer", json) as? JsonValue.Object)?.v1?.get(name)

private fun text(value: JsonValue?): String = (value as? JsonValue.Text)?.v1.orEmpty()

private fun counted(json: String): Map<String, Long> =
    (parseJson("answer", json) as JsonValue.Object).v1.mapValues { (_, count) -> (count as JsonValue.Integer).v1 }

private fun encoded(text: String): String = URLEncoder.encode(text, Charsets.UTF_8)
