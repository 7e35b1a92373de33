import StytchM2M

// Results and errors under the API's names.

extension Token {
    var shown: JSONValue {
        [
            "access_token": .string(accessToken.reveal()), "token_type": .string(tokenType),
            "status_code": .number(statusCode),
        ]
    }
}

extension TokenClaims {
    var shown: JSONValue {
        [
            "client_id": .string(clientID), "scopes": .strings(scopes),
            "custom_claims": .object(customClaims.values), "issuer": .string(issuer),
            "audience": .strings(audience), "organization": .text(organization),
        ]
    }
}

extension M2MClient {
    var shown: JSONValue {
        [
            "client_id": .string(clientID), "client_name": .string(clientName),
            "client_description": .string(clientDescription), "status": .string(status.rawValue),
            "scopes": .strings(scopes), "client_secret_last_four": .string(clientSecretLastFour),
            "next_client_secret_last_four": .text(nextClientSecretLastFour),
            "trusted_metadata": trustedMetadata.map { .object($0) } ?? .null,
            "organization_id": .text(organizationID),
        ]
    }
}

extension ClientResponse {
    var shown: JSONValue {
        ["m2m_client": m2mClient.shown, "status_code": .number(statusCode)]
    }
}

extension CreateResponse {
    var shown: JSONValue {
        let secret = JSONValue.string(m2mClient.clientSecret.reveal())
        let client = m2mClient.client.shown.with("client_secret", secret)
        return ["m2m_client": client, "status_code": .number(statusCode)]
    }
}

extension RotateStartResponse {
    var shown: JSONValue {
        let secret = JSONValue.string(m2mClient.nextClientSecret.reveal())
        let client = m2mClient.client.shown.with("next_client_secret", secret)
        return ["m2m_client": client, "status_code": .number(statusCode)]
    }
}

extension DeleteResponse {
    var shown: JSONValue {
        ["client_id": .string(clientID), "status_code": .number(statusCode)]
    }
}

extension SearchResponse {
    var shown: JSONValue {
        [
            "m2m_clients": .array(m2mClients.map(\.shown)),
            "results_metadata": [
                "total": .number(resultsMetadata.total),
                "next_cursor": .text(resultsMetadata.nextCursor),
            ],
            "status_code": .number(statusCode),
        ]
    }
}

extension M2MError {
    var shown: JSONValue {
        [
            "code": .string(code), "field": .text(details.field),
            "status_code": details.statusCode.map { .number($0) } ?? .null,
            "request_id": .text(details.requestID), "error_type": .text(details.errorType),
            "error_message": .text(details.errorMessage), "error_url": .text(details.errorURL),
            "retry_after": details.retryAfter.map { .number($0 / .seconds(1)) } ?? .null,
            "reason": .text(details.reason?.rawValue), "claim": .text(details.claim),
            "missing_scopes": .strings(details.missingScopes),
            "recovery": .text(details.recovery),
            "refusal": details.refusal.map(\.shown) ?? .null,
        ]
    }
}

extension Refusal {
    /// Under the names that the shared cases use.
    var shown: JSONValue {
        .object([
            "status": .integer(Int64(status)),
            "headers": .object(headers.mapValues { .string($0) }),
            "body": .string(body),
        ])
    }
}

extension JSONValue {
    static func number(_ value: Int) -> JSONValue {
        .integer(Int64(value))
    }

    static func strings(_ values: [String]) -> JSONValue {
        .array(values.map(JSONValue.string))
    }

    static func text(_ value: String?) -> JSONValue {
        value.map(JSONValue.string) ?? .null
    }

    /// The object with one member more.
    func with(_ name: String, _ value: JSONValue) -> JSONValue {
        .object((objectValue ?? [:]).merging([name: value]) { $1 })
    }
}
