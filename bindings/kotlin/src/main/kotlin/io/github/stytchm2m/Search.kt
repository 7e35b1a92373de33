package io.github.stytchm2m

import kotlin.reflect.KProperty0

/**
 * Filters and their operator.
 *
 * @property operands The filters.
 * @property operator Whether all filters must match, or one.
 */
public class SearchQuery @JvmOverloads constructor(
    public val operands: List<SearchFilter>,
    public val operator: SearchOperator = SearchOperator.AND,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> = listOf(::operands, ::operator)
}

/** The operator between filters. */
public enum class SearchOperator {
    /** All filters must match. */
    AND,

    /** At least one filter must match. */
    OR,
}

/** A filter with a list of values. It matches if one value matches. */
public sealed interface SearchFilter {
    /**
     * Clients with one of these ids.
     *
     * @property clientIds The ids.
     */
    public class ClientId(public val clientIds: List<String>) : M2mRecord(), SearchFilter {
        internal override fun fields(): List<KProperty0<*>> = listOf(::clientIds)
    }

    /**
     * Clients with exactly one of these names.
     *
     * @property clientNames The names.
     */
    public class ClientName(public val clientNames: List<String>) : M2mRecord(), SearchFilter {
        internal override fun fields(): List<KProperty0<*>> = listOf(::clientNames)
    }

    /**
     * Clients that have at least one of these scopes.
     *
     * @property scopes The scopes.
     */
    public class Scopes(public val scopes: List<String>) : M2mRecord(), SearchFilter {
        internal override fun fields(): List<KProperty0<*>> = listOf(::scopes)
    }
}

/**
 * A page of clients.
 *
 * @property m2mClients The clients of this page.
 * @property resultsMetadata The total and the next page's cursor.
 * @property requestId The server's id of the request.
 * @property statusCode The HTTP status.
 */
public class SearchResponse internal constructor(
    public val m2mClients: List<M2mClient>,
    public val resultsMetadata: ResultsMetadata,
    public val requestId: String,
    public val statusCode: Int,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> = listOf(::m2mClients, ::resultsMetadata, ::requestId, ::statusCode)
}

/**
 * The position of a page in the whole result.
 *
 * @property total Number of all matches; -1 if the workspace has totals switched off.
 * @property nextCursor The next page's cursor; `null` after the last page.
 */
public class ResultsMetadata internal constructor(
    public val total: Long,
    public val nextCursor: String?,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> = listOf(::total, ::nextCursor)
}
