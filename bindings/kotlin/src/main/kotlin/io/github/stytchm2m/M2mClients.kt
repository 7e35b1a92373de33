package io.github.stytchm2m

import io.github.stytchm2m.internal.CreateRequest
import io.github.stytchm2m.internal.NativeClient
import io.github.stytchm2m.internal.NativeSearch
import io.github.stytchm2m.internal.SearchSettings
import io.github.stytchm2m.internal.UpdateRequest
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/** The M2M clients of the project. Needs the project's secret. */
public class M2mClients internal constructor(private val native: Handle<NativeClient>) {
    /** The rotation of their secrets. */
    public val secrets: M2mSecrets = M2mSecrets(native)

    /**
     * Creates a client. The answer is the only sight of its secret.
     *
     * @param scopes The scopes that the client may ask for.
     * @param clientId An id of your own, as for an import. Default: the server makes one.
     * @param clientSecret A secret of your own, at least 8 characters. Default: the server makes one.
     * @param clientName A name for people.
     * @param clientDescription A description for people.
     * @param trustedMetadata Your own data, as the text of a JSON object: at most 20 top-level keys
     *   and 4 KB.
     * @param idempotent Makes the call safe to repeat: the id and the secret that are not given are
     *   made here, so that a lost answer is resolved by looking the client up; and a client that is
     *   there already, with this id, secret, name and scopes, is a success too. Two calls of yours
     *   make two clients, unless both name the same [clientId] and [clientSecret].
     * @throws M2mException.OutcomeUnknown when the answer was lost: the client may be there or not.
     */
    public suspend fun create(
        scopes: List<String>,
        clientId: String? = null,
        clientSecret: Secret? = null,
        clientName: String? = null,
        clientDescription: String? = null,
        trustedMetadata: String? = null,
        idempotent: Boolean = false,
    ): CreateResponse {
        val secret = clientSecret?.toNative()
        val request = CreateRequest(
            scopes,
            clientId,
            secret,
            clientName,
            clientDescription,
            trustedMetadata,
            idempotent,
        )
        return native.await { it.create(request, null) }.toPublic()
    }

    /** Reads one client. */
    public suspend fun get(clientId: String): ClientResponse =
        native.await { it.get(clientId, null) }.toPublic()

    /**
     * Finds clients, one page at a time.
     *
     * @param query The condition. Default: none.
     * @param limit Clients a page, 1 to 1,000. Default: the server's, 100.
     * @param cursor Where the previous page ended: its `nextCursor`.
     */
    public suspend fun search(
        query: SearchQuery? = null,
        limit: Int? = null,
        cursor: String? = null,
    ): SearchResponse =
        native.await { it.search(SearchSettings(cursor, limit?.toLong(), query?.toNative()), null) }.toPublic()

    /**
     * Finds clients, page after page as they are collected.
     *
     * @param query The condition. Default: none.
     * @param limit Clients a page, 1 to 1,000. Default: the server's, 100.
     * @param cursor Where to start: the `nextCursor` of a page.
     */
    public fun searchAll(
        query: SearchQuery? = null,
        limit: Int? = null,
        cursor: String? = null,
    ): Flow<M2mClient> =
        flow {
            pages(query, limit, cursor).use { pages ->
                while (true) {
                    pages.next()?.forEach { emit(it) } ?: break
                }
            }
        }

    internal fun pages(query: SearchQuery?, limit: Int?, cursor: String?): Pages {
        val settings = SearchSettings(cursor, limit?.toLong(), query?.toNative())
        return Pages(native, native.call { it.searchAll(settings) })
    }

    /** A search, page after page. */
    internal class Pages(private val native: Handle<NativeClient>, private val search: NativeSearch) :
        AutoCloseable by search {
        /** The next page, or `null` after the last. */
        suspend fun next(): List<M2mClient>? = native.await { search.nextPage(null) }?.map { it.toPublic() }
    }

    /**
     * Changes what is not `null`, and leaves the rest.
     *
     * @param status Activates or deactivates. Tokens that the client already has stay valid.
     * @param scopes The scopes, replacing those that are there.
     * @param trustedMetadata The text of a JSON object, merged at the top level; a key whose value is
     *   `null` is removed.
     */
    public suspend fun update(
        clientId: String,
        clientName: String? = null,
        clientDescription: String? = null,
        status: ClientStatus? = null,
        scopes: List<String>? = null,
        trustedMetadata: String? = null,
    ): ClientResponse {
        val request =
            UpdateRequest(clientName, clientDescription, status?.toNative(), scopes, trustedMetadata)
        return native.await { it.update(clientId, request, null) }.toPublic()
    }

    /** Deletes a client. Tokens that it already has stay valid until they expire. */
    public suspend fun delete(clientId: String): DeleteResponse =
        native.await { it.delete(clientId, null) }.toPublic()
}
