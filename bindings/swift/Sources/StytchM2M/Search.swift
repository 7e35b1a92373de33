/// Filters and how they combine.
public struct SearchQuery: Hashable, Sendable {
    /// Whether one filter must hold, or all.
    public var `operator`: SearchOperator
    /// The filters.
    public var operands: [SearchFilter]

    /// The filters `operands`, all of which must hold unless `operator` says otherwise.
    public init(operator: SearchOperator = .and, operands: [SearchFilter]) {
        self.operator = `operator`
        self.operands = operands
    }
}

/// How filters combine.
public enum SearchOperator: Hashable, Sendable {
    /// All must hold.
    case and
    /// One must hold.
    case or
}

/// One filter. Each takes a list, of which one value must match.
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
    /// How many there are, and where the next page starts.
    public let resultsMetadata: ResultsMetadata
    /// The server's id of the request.
    public let requestID: String
    /// The HTTP status.
    public let statusCode: Int
}

/// Where a page stands in the whole result.
public struct ResultsMetadata: Hashable, Sendable {
    /// All matches, or -1 where the workspace has totals switched off.
    public let total: Int
    /// The next page's `cursor`; `nil` after the last page.
    public let nextCursor: String?
}
