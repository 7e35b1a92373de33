/// Filters and their operator.
public struct SearchQuery: Hashable, Sendable {
    /// Whether all filters must match, or one.
    public var `operator`: SearchOperator
    /// The filters.
    public var operands: [SearchFilter]

    /// The filters `operands`, all of which must hold unless `operator` says otherwise.
    public init(operator: SearchOperator = .and, operands: [SearchFilter]) {
        self.operator = `operator`
        self.operands = operands
    }
}

/// The operator between filters.
public enum SearchOperator: Hashable, Sendable {
    /// All filters must match.
    case and
    /// At least one filter must match.
    case or
}

/// A filter with a list of values. It matches if one value matches.
public enum SearchFilter: Hashable, Sendable {
    /// Clients with one of these ids.
    case clientID([String])
    /// Clients with exactly one of these names.
    case clientName([String])
    /// Clients that have at least one of these scopes.
    case scopes([String])
}

/// A page of clients.
public struct SearchResponse: Hashable, Sendable {
    /// The clients of this page.
    public let m2mClients: [M2MClient]
    /// The total and the next page's cursor.
    public let resultsMetadata: ResultsMetadata
    /// The server's id of the request.
    public let requestID: String
    /// The HTTP status.
    public let statusCode: Int
}

/// The position of a page in the whole result.
public struct ResultsMetadata: Hashable, Sendable {
    /// Number of all matches; -1 if the workspace has totals switched off.
    public let total: Int
    /// The next page's `cursor`; `nil` after the last page.
    public let nextCursor: String?
}
