package io.github.stytchm2m.blocking

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
import java.util.function.Consumer

/** [M2mClients] for Java. */
public class BlockingClients internal constructor(private val clients: M2mClients) {
    /** The rotation of their secrets. */
    public val secrets: BlockingSecrets = BlockingSecrets(clients.secrets)

    /** As [M2mClients.create]. */
    @JvmOverloads
    public fun create(
        scopes: List<String>,
        options: Consumer<CreateOptions> = Consumer {},
    ): CreateResponse {
        val filled = CreateOptions().filled(options)
        return blocking { filled.call(clients, scopes) }
    }

    /** As [M2mClients.get]. */
    public fun get(clientId: String): ClientResponse = blocking { clients.get(clientId) }

    /** As [M2mClients.search]. */
    @JvmOverloads
    public fun search(options: Consumer<SearchOptions> = Consumer {}): SearchResponse {
        val filled = SearchOptions().filled(options)
        return blocking { filled.call(clients) }
    }

    /** As [M2mClients.searchAll]: the clients, a page of them fetched when the one before is read. Each loop searches anew. */
    @JvmOverloads
    public fun searchAll(options: Consumer<SearchOptions> = Consumer {}): Iterable<M2mClient> {
        val filled = SearchOptions().filled(options)
        return Iterable {
            iterator {
                filled.pages(clients).use { pages ->
                    while (true) {
                        yieldAll(blocking { pages.next() } ?: break)
                    }
                }
            }
        }
    }

    /** As [M2mClients.update]: changes only the fields set in the options. */
    public fun update(clientId: String, options: Consumer<UpdateOptions>): ClientResponse {
        val filled = UpdateOptions().filled(options)
        return blocking { filled.call(clients, clientId) }
    }

    /** As [M2mClients.delete]. */
    public fun delete(clientId: String): DeleteResponse = blocking { clients.delete(clientId) }
}
