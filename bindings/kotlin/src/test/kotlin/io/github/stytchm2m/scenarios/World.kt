package io.github.stytchm2m.scenarios

import com.google.gson.JsonElement
import com.google.gson.JsonNull
import com.google.gson.JsonObject
import io.github.stytchm2m.Client
import io.github.stytchm2m.ClientStatus
import io.github.stytchm2m.M2mException
import io.github.stytchm2m.OrganizationClient
import io.github.stytchm2m.Secret
import io.github.stytchm2m.TokenSource
import io.github.stytchm2m.TransportConfig
import kotlinx.coroutines.flow.toList
import java.time.Duration

/** What a call came to: one of the two. */
internal class Outcome(val result: JsonElement? = null, val error: JsonObject? = null)

/** What the function that `rotate_with` gets fails with. */
private class StoreFailed : Exception()

/** One scenario's objects, and the emulator as it begins. */
internal class World(scenario: Args, seed: JsonElement) : AutoCloseable {
    private val client: Client
    private val source: TokenSource?
    private val organization: OrganizationClient?

    init {
        ScenarioServer.admin("PUT", "/_emulator/seed", seed)
        ScenarioServer.admin("POST", "/_emulator/keys/retire", null)
        val settings = Args(scenario.optional("settings")?.asJsonObject ?: JsonObject())
        val (projectId, secret) = ScenarioServer.projectId to settings.optionalText("secret")
        val baseUrl = settings.optionalText("base_url") ?: ScenarioServer.baseUrl
        val transport = TransportConfig(
            attemptTimeout = settings.optional("attempt_timeout_seconds")?.seconds(),
            totalTimeout = settings.optional("total_timeout_seconds")?.seconds(),
        )
        settings.end("settings")
        client = Client(projectId, Secret(secret ?: ScenarioServer.secret), baseUrl, transport = transport)
        source = scenario.optional("source")?.let { Args(it.asJsonObject) }?.let { args ->
            TokenSource(
                args.clientId(),
                args.secret("client_secret"),
                projectId,
                baseUrl,
                scopes = args.strings("scopes").orEmpty(),
                extra = args.stringMap("extra"),
                transport = transport,
            ).also { args.end("a source") }
        }
        organization = scenario.optional("organization")?.let { Args(it.asJsonObject) }?.let { args ->
            OrganizationClient(baseUrl, args.secret("authorization"), transport).also { args.end("an organization") }
        }
    }

    suspend fun call(name: String, with: JsonObject): Outcome {
        val args = Args(with)
        val outcome = try {
            Outcome(result = dispatch(name, args))
        } catch (error: M2mException) {
            Outcome(error = shown(error))
        } catch (_: StoreFailed) {
            Outcome(error = JsonObject().apply { addProperty("code", "store_failed") })
        }
        args.end(name)
        return outcome
    }

    private suspend fun dispatch(name: String, args: Args): JsonElement =
        when (name.substringBefore('.')) {
            "clients" -> clients(name.substringAfter('.'), args)
            "secrets" -> secrets(name.substringAfter('.'), args)
            "organization" -> organization(name.substringAfter('.'), args)
            else -> other(name, args)
        }

    private suspend fun other(name: String, args: Args): JsonElement =
        when (name) {
            "admin" -> ScenarioServer.admin(args.text("method"), args.text("path"), args.optional("body"))
            "token" -> shown(
                client.m2m.token(
                    args.clientId(),
                    args.secret("client_secret"),
                    args.strings("scopes").orEmpty(),
                    extra = args.stringMap("extra"),
                    forceRefresh = args.flag("force_refresh"),
                ),
            )
            "source.get_token" -> shown(source!!.getToken())
            "source.invalidate" -> JsonNull.INSTANCE.also { source!!.invalidate(args.secret("access_token")) }
            "authenticate_token" -> shown(
                client.m2m.authenticateToken(
                    args.secret("access_token"),
                    args.strings("required_scopes").orEmpty(),
                    args.optional("max_token_age_seconds")?.seconds(),
                    args.optional("clock_tolerance_seconds")?.seconds() ?: Duration.ZERO,
                    args.organization(),
                    args.optional("authorize")?.asBoolean?.let { answer -> { _, _ -> answer } },
                ),
            )
            else -> error("there is no call $name")
        }

    private suspend fun clients(name: String, args: Args): JsonElement {
        val clients = client.m2m.clients
        return when (name) {
            "create" -> shown(
                clients.create(
                    args.strings("scopes")!!,
                    args.optionalText("client_id"),
                    args.optional("client_secret")?.let { Secret(it.asString) },
                    args.optionalText("client_name"),
                    args.optionalText("client_description"),
                    args.optional("trusted_metadata")?.toString(),
                    args.optionalText("organization_id"),
                    args.flag("idempotent"),
                ),
            )
            "get" -> shown(clients.get(args.clientId()))
            "search" -> shown(
                clients.search(args.query(), args.limit(), args.optionalText("cursor"), args.optionalText("organization_id")),
            )
            "search_all" -> shown(
                clients.searchAll(args.query(), args.limit(), args.optionalText("cursor"), args.optionalText("organization_id"))
                    .toList(),
            )
            "update" -> shown(
                clients.update(
                    args.clientId(),
                    args.optionalText("client_name"),
                    args.optionalText("client_description"),
                    args.optionalText("status")?.let { ClientStatus.valueOf(it.uppercase()) },
                    args.strings("scopes"),
                    args.optional("trusted_metadata")?.toString(),
                    args.optionalText("organization_id"),
                ),
            )
            "delete" -> shown(clients.delete(args.clientId()))
            else -> error("there is no call clients.$name")
        }
    }

    private suspend fun secrets(name: String, args: Args): JsonElement {
        val (secrets, id) = client.m2m.clients.secrets to args.clientId()
        return when (name) {
            "rotate_start" -> shown(secrets.rotateStart(id))
            "recover_rotation" -> shown(secrets.recoverRotation(id))
            "rotate" -> shown(secrets.rotate(id))
            "rotate_cancel" -> shown(secrets.rotateCancel(id))
            "rotate_finish" -> shown(secrets.rotateFinish(id, args.secret("next_client_secret")))
            "rotate_with" -> rotateWith(id, args.flag("store_fails"))
            else -> error("there is no call secrets.$name")
        }
    }

    /** With a function that keeps the secret, or fails. */
    private suspend fun rotateWith(id: String, fails: Boolean): JsonElement {
        var stored: String? = null
        val rotated = client.m2m.clients.secrets.rotateWith(id) { next ->
            stored = next.reveal()
            if (fails) throw StoreFailed()
        }
        return shown(rotated).apply { addProperty("stored", stored) }
    }

    private suspend fun organization(name: String, args: Args): JsonElement =
        when (name) {
            "client_id" -> one("client_id", organization!!.clientId())
            "client_secret" -> one("client_secret", organization!!.clientSecret().reveal())
            "rotate" -> one("client_secret", organization!!.rotate().reveal())
            "token" -> shown(organization!!.token(args.flag("force_refresh")))
            else -> error("there is no call organization.$name")
        }

    override fun close() {
        client.close()
        source?.close()
        organization?.close()
    }
}

private fun Args.limit(): Int? = optional("limit")?.asInt

private fun one(name: String, value: String) = JsonObject().apply { addProperty(name, value) }

private fun JsonElement.seconds(): Duration = Duration.ofMillis((asDouble * 1000).toLong())
