package io.github.stytchm2m.futures

import io.github.stytchm2m.ClientResponse
import io.github.stytchm2m.CreateResponse
import io.github.stytchm2m.DeleteResponse
import io.github.stytchm2m.M2mClient
import io.github.stytchm2m.M2mClients
import io.github.stytchm2m.SearchResponse
import io.github.stytchm2m.options.CreateOptions
import io.github.stytchm2m.options.SearchOptions
import io.github.stytchm2m.options.UpdateOptions
import io.github.stytchm2m.options.filled
import java.util.concurrent.CompletableFuture
import java.util.function.Consumer

/** [M2mClients] for Java. */
public class FutureClients internal constructor(private val clients: M2mClients) {
    /** The rotation of their secrets. */
    public val secrets: FutureSecrets = FutureSecrets(clients.secrets)

    /** As [M2mClients.create]. */
    @JvmOverloads
    public fun create(
        scopes: List<String>,
        options: Consumer<CreateOptions> = Consumer {},
    ): CompletableFuture<CreateResponse> {
        val filled = CreateOptions().filled(options)
        return futureOf { filled.call(clients, scopes) }
    }

    /** As [M2mClients.get]. */
    public fun get(clientId: String): CompletableFuture<ClientResponse> = futureOf { clients.get(clientId) }

    /** As [M2mClients.search]. */
    @JvmOverloads
    public fun search(options: Consumer<SearchOptions> = Consumer {}): CompletableFuture<SearchResponse> {
        val filled = SearchOptions().filled(options)
        return futureOf { filled.call(clients) }
    }

    /** As [M2mClients.searchAll]: [each] gets the clients, and the future ends after the last. */
    @JvmOverloads
    public fun searchAll(
        each: Consumer<M2mClient>,
        options: Consumer<SearchOptions> = Consumer {},
    ): CompletableFuture<Void?> {
        val filled = SearchOptions().filled(options)
        return futureApart {
            filled.pages(clients).use { pages ->
                while (true) {
                    pages.next()?.forEach(each::accept) ?: break
                }
            }
            null
        }
    }

    /** As [M2mClients.update]: changes only the fields set in the options. */
    public fun update(clientId: String, options: Consumer<UpdateOptions>): CompletableFuture<ClientResponse> {
        val filled = UpdateOptions().filled(options)
        return futureOf { filled.call(clients, clientId) }
    }

    /** As [M2mClients.delete]. */
    public fun delete(clientId: String): CompletableFuture<DeleteResponse> = futureOf { clients.delete(clientId) }
}
