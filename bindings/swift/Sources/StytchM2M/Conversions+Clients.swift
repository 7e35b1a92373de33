internal import StytchM2MGenerated

extension M2MClient {
    init(_ native: M2mClient) {
        clientID = native.clientId
        clientName = native.clientName
        clientDescription = native.clientDescription
        status = ClientStatus(native.status)
        scopes = native.scopes
        clientSecretLastFour = native.clientSecretLastFour
        nextClientSecretLastFour = native.nextClientSecretLastFour
        trustedMetadata = native.trustedMetadata.map(jsonObject)
        organizationID = native.organizationId
    }
}

extension ClientStatus {
    init(_ native: StytchM2MGenerated.ClientStatus) {
        switch native {
        case .active: self = .active
        case .inactive: self = .inactive
        case .unknown: self = .unknown
        }
    }

    var native: StytchM2MGenerated.ClientStatus {
        switch self {
        case .active: .active
        case .inactive: .inactive
        case .unknown: .unknown
        }
    }
}

extension M2MClientWithClientSecret {
    init(_ native: M2mClientWithClientSecret) {
        client = M2MClient(native.client)
        clientSecret = Secret(native.clientSecret)
    }
}

extension M2MClientWithNextClientSecret {
    init(_ native: M2mClientWithNextClientSecret) {
        client = M2MClient(native.client)
        nextClientSecret = Secret(native.nextClientSecret)
    }
}

extension CreateResponse {
    init(_ native: StytchM2MGenerated.CreateResponse) {
        m2mClient = M2MClientWithClientSecret(native.m2mClient)
        requestID = native.requestId
        statusCode = Int(native.statusCode)
    }
}

extension ClientResponse {
    init(_ native: StytchM2MGenerated.ClientResponse) {
        m2mClient = M2MClient(native.m2mClient)
        requestID = native.requestId
        statusCode = Int(native.statusCode)
    }
}

extension RotateStartResponse {
    init(_ native: StytchM2MGenerated.RotateStartResponse) {
        m2mClient = M2MClientWithNextClientSecret(native.m2mClient)
        requestID = native.requestId
        statusCode = Int(native.statusCode)
    }
}

extension DeleteResponse {
    init(_ native: StytchM2MGenerated.DeleteResponse) {
        clientID = native.clientId
        requestID = native.requestId
        statusCode = Int(native.statusCode)
    }
}

extension SearchResponse {
    init(_ native: StytchM2MGenerated.SearchResponse) {
        m2mClients = native.m2mClients.map(M2MClient.init)
        resultsMetadata = ResultsMetadata(native.resultsMetadata)
        requestID = native.requestId
        statusCode = Int(native.statusCode)
    }
}

extension ResultsMetadata {
    init(_ native: StytchM2MGenerated.ResultsMetadata) {
        total = Int(native.total)
        nextCursor = native.nextCursor
    }
}

extension SearchQuery {
    var native: StytchM2MGenerated.SearchQuery {
        StytchM2MGenerated.SearchQuery(
            operator: `operator`.native, operands: operands.map(\.native))
    }
}

extension SearchOperator {
    var native: StytchM2MGenerated.SearchOperator {
        switch self {
        case .and: .and
        case .or: .or
        }
    }
}

extension SearchFilter {
    var native: StytchM2MGenerated.SearchFilter {
        switch self {
        case .clientID(let ids): .clientId(ids)
        case .clientName(let names): .clientName(names)
        case .scopes(let scopes): .scopes(scopes)
        }
    }
}
