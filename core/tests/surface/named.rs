//! The public API by name, as the compiler knows it.

use serde_json::{Value, json};
use stytch_m2m::{
    Algorithm, AuthenticateOptions, CacheStats, Client, ClientConfig, ClientResponse, ClientStats,
    ClientStatus, Clients, CreateRequest, CreateResponse, DeleteResponse, Error, ErrorDetails,
    ErrorKind, ExportedKeySet, InvalidTokenReason, IssuerConfig, KeySetHealth, KeySetState,
    M2MClient, M2MClientWithClientSecret, M2MClientWithNextClientSecret, OrganizationClient,
    OrganizationConfig, Refusal, ResultsMetadata, RotateStartResponse, SearchFilter,
    SearchOperator, SearchQuery, SearchRequest, SearchResponse, Secret, Secrets, Token,
    TokenClaims, TokenProfile, TokenRequest, TokenSource, TokenSourceConfig, TokenVerifier,
    TokenVerifierConfig, TransportConfig, UpdateRequest, Vertical, refuses_token,
    token_from_authorization_header, token_from_authorization_headers,
};

/// The names of all fields of a struct.
macro_rules! fields {
    ($type:ident { $($field:ident),* $(,)? }) => {{
        let _ = |$type { $($field: _),* }: $type| ();
        vec![$(stringify!($field)),*]
    }};
}

/// All variants of an enum without fields.
macro_rules! variants {
    ($type:ident { $($variant:ident),* $(,)? }) => {{
        let _ = |value: $type| match value { $($type::$variant => ()),* };
        [$($type::$variant),*]
    }};
}

/// Operations of a type: each is a path to it, and the names of its arguments.
macro_rules! operations {
    ($type:ident { $($name:ident: $arguments:expr),* $(,)? }) => {{
        $(let _ = $type::$name;)*
        json!({ $(stringify!($name): $arguments),* })
    }};
}

/// No arguments.
const NOTHING: [&str; 0] = [];

pub(crate) fn operations() -> Value {
    let token = fields!(TokenRequest {
        client_id,
        client_secret,
        scopes,
        resource,
        audience,
        extra,
        force_refresh,
    });
    let verify = fields!(AuthenticateOptions {
        required_scopes,
        organization,
        max_token_age,
        clock_tolerance,
        authorize,
    });
    let verify = [vec!["access_token"], verify].concat();
    let create = fields!(CreateRequest {
        scopes,
        client_id,
        client_secret,
        client_name,
        client_description,
        trusted_metadata,
        organization_id,
        idempotent,
    });
    let update = fields!(UpdateRequest {
        client_name,
        client_description,
        status,
        scopes,
        trusted_metadata,
        organization_id,
    });
    let update = [vec!["client_id"], update].concat();
    let search = fields!(SearchRequest { cursor, limit, query, organization_id });
    let mut secrets = operations!(Secrets {
        rotate_start: ["client_id"],
        rotate: ["client_id"],
        rotate_cancel: ["client_id"],
        rotate_finish: ["client_id", "next_client_secret"],
        recover_rotation: ["client_id"],
    });
    // Generic, so that its path alone means nothing.
    let _ = |secrets: Secrets| async move {
        secrets.rotate_with("", async |_: Secret| Ok::<(), Error>(())).await
    };
    secrets["rotate_with"] = json!(["client_id", "store"]);
    json!({
        "Client": operations!(Client {
            token: token,
            invalidate_token: ["access_token"],
            authenticate_token: verify,
            project_id: NOTHING,
            stats: NOTHING,
        }),
        "Clients": operations!(Clients {
            create: create,
            get: ["client_id"],
            search: search,
            search_all: search,
            update: update,
            delete: ["client_id"],
        }),
        "Secrets": secrets,
        "TokenSource": operations!(TokenSource {
            get_token: NOTHING,
            authorization_header: NOTHING,
            invalidate: ["access_token"],
            stats: NOTHING,
        }),
        "TokenVerifier": operations!(TokenVerifier {
            authenticate_token: verify,
            warm_up: NOTHING,
            seed_jwks: ["issuer", "jwks", "fetched_at"],
            export_jwks: NOTHING,
            health: NOTHING,
            stats: NOTHING,
        }),
        "OrganizationClient": operations!(OrganizationClient {
            client_id: NOTHING,
            client_secret: NOTHING,
            token: ["force_refresh"],
            rotate: NOTHING,
            stats: NOTHING,
        }),
        "IssuerConfig": operations!(IssuerConfig {
            // In Rust, several addresses are for `stytch_at`.
            stytch: ["project_id", "base_url", "base_urls", "vertical"],
            auth0: ["domain", "audience", "scope_map"],
            oauth: ["issuer", "audiences", "keys"],
            discover: ["issuer", "audiences"],
            cognito: ["user_pool_id", "client_ids"],
            entra: ["tenant", "audience"],
            okta: ["issuer", "audience"],
            keycloak: ["issuer", "audience"],
            google: ["audience", "client_ids"],
            hydra: ["issuer", "audience"],
            zitadel: ["issuer", "audience", "client_ids"],
            duende: ["issuer", "audience"],
            kubernetes: ["issuer", "audience"],
        }),
    })
}

/// Without what only Rust can take.
pub(crate) fn settings() -> Value {
    let without = |fields: Vec<&'static str>, rust_only: &[&str]| {
        fields.into_iter().filter(|field| !rust_only.contains(field)).collect::<Vec<_>>()
    };
    let client = fields!(ClientConfig {
        project_id,
        secret,
        base_url,
        vertical,
        organization_key,
        verified_token_cache_size,
        token_cache_capacity,
        token_store_url,
        token_store_key,
        token_store_allow_unencrypted,
        token_store,
        transport,
    });
    let source = fields!(TokenSourceConfig {
        project_id,
        base_url,
        token_url,
        issuer,
        client_id,
        client_auth,
        client_secret,
        next_client_secret,
        private_key,
        key_id,
        signing_algorithm,
        assertion_audience,
        client_assertion,
        assertion,
        scopes,
        resource,
        audience,
        extra,
        token_store_url,
        token_store_key,
        token_store_allow_unencrypted,
        token_store,
        transport,
    });
    let verifier = fields!(TokenVerifierConfig {
        issuers,
        issuer_resolver,
        verified_token_cache_size,
        transport,
    });
    let organization = fields!(OrganizationConfig { base_url, authorization, transport });
    let transport = fields!(TransportConfig {
        connect_timeout,
        attempt_timeout,
        total_timeout,
        extra_ca_pem,
        bundled_roots,
        client_certificate_pem,
        proxy,
        max_key_age,
        spawner,
        clock,
        spelling,
    });
    json!({
        "Client": without(client, &["token_store", "transport"]),
        "TokenSource": without(source, &["token_store", "transport"]),
        "TokenVerifier": without(verifier, &["transport"]),
        "OrganizationClient": without(organization, &["transport"]),
        "transport": without(transport, &["spawner", "clock", "spelling"]),
    })
}

pub(crate) fn records() -> Value {
    // A method in Rust, which borrows it.
    let _ = (TokenClaims::subject, TokenClaims::organization);
    let mut claims = fields!(TokenClaims {
        client_id,
        scopes,
        wildcard_scopes,
        custom_claims,
        issuer,
        audience,
        issued_at,
        not_before,
        expires_at,
        token_id,
    });
    claims.extend(["subject", "organization"]);
    let client = fields!(M2MClient {
        client_id,
        client_name,
        client_description,
        status,
        scopes,
        client_secret_last_four,
        next_client_secret_last_four,
        trusted_metadata,
        organization_id,
    });
    // On the wire, and in other languages, the client's own fields stand beside the secret.
    let beside = |own: Vec<&'static str>| {
        let own = own.into_iter().filter(|field| *field != "client");
        client.iter().copied().chain(own).collect::<Vec<_>>()
    };
    json!({
        "M2MClient": client,
        "M2MClientWithClientSecret":
            beside(fields!(M2MClientWithClientSecret { client, client_secret })),
        "M2MClientWithNextClientSecret":
            beside(fields!(M2MClientWithNextClientSecret { client, next_client_secret })),
        "ClientResponse": fields!(ClientResponse { m2m_client, request_id, status_code }),
        "CreateResponse": fields!(CreateResponse { m2m_client, request_id, status_code }),
        "DeleteResponse": fields!(DeleteResponse { client_id, request_id, status_code }),
        "RotateStartResponse": fields!(RotateStartResponse { m2m_client, request_id, status_code }),
        "SearchResponse":
            fields!(SearchResponse { m2m_clients, results_metadata, request_id, status_code }),
        "ResultsMetadata": fields!(ResultsMetadata { total, next_cursor }),
        "SearchQuery": fields!(SearchQuery { operator, operands }),
        "Token": fields!(Token {
            access_token,
            token_type,
            expires_in,
            expires_at,
            granted_scopes,
            request_id,
            status_code,
        }),
        "TokenClaims": claims,
        "IssuerConfig": fields!(IssuerConfig {
            issuers,
            audiences,
            algorithms,
            keys,
            profile,
            allow_missing_typ,
            allow_missing_kid,
            accept_scope_array,
            wildcard_scopes,
            allow_bound_tokens,
            require_typ,
            scope_map,
            required_claims,
            require_client_subject,
            client_ids,
            client_id_claims,
            scope_claims,
            organization_claim,
            forbidden_claims,
            allow_missing_sub,
            require_any_scope,
            max_token_lifetime,
            clock_tolerance,
            max_jwks_keys,
            max_jwks_bytes,
            jwks_token_file,
        }),
        "Refusal": fields!(Refusal { status, headers, body }),
        "KeySetHealth": fields!(KeySetHealth {
            issuer,
            state,
            keys,
            skipped_keys,
            fetched_at,
            age,
            failures,
            last_failure,
            last_failure_message,
            retry_after,
            unknown_kids,
            cooldown_hits,
        }),
        "ExportedKeySet": fields!(ExportedKeySet { issuer, jwks, fetched_at }),
        "CacheStats": fields!(CacheStats {
            hits,
            misses,
            refreshes,
            failures,
            stale_served,
            flights_joined,
        }),
        "ClientStats": fields!(ClientStats { tokens, keys }),
    })
}

pub(crate) fn values() -> Value {
    let _ = variants!(Vertical { Consumer, B2b });
    let _ = variants!(TokenProfile { Stytch, Auth0, OAuth });
    let operators = variants!(SearchOperator { And, Or });
    let filters = [SearchFilter::ClientId, SearchFilter::ClientName, SearchFilter::Scopes];
    let _ = |filter: SearchFilter| match filter {
        SearchFilter::ClientId(_) | SearchFilter::ClientName(_) | SearchFilter::Scopes(_) => (),
    };
    let on_wire =
        |filter: fn(Vec<String>) -> SearchFilter| json!(filter(vec![]))["filter_name"].clone();
    json!({
        "Vertical": ["consumer", "b2b"],
        "TokenProfile": ["stytch", "auth0", "oauth"],
        "ClientStatus": variants!(ClientStatus { Active, Inactive, Unknown }).map(ClientStatus::as_str),
        "SearchOperator": operators.map(|operator| json!(operator)),
        "SearchFilter": filters.map(on_wire),
        "Algorithm": Algorithm::ALL.map(Algorithm::name),
        "KeySetState":
            variants!(KeySetState { Fresh, Stale, Expired, Missing }).map(KeySetState::code),
    })
}

pub(crate) fn errors() -> Value {
    let mut details = fields!(ErrorDetails {
        kind,
        message,
        field,
        status_code,
        request_id,
        error_type,
        error_message,
        error_url,
        retry_after,
        reason,
        claim,
        missing_scopes,
        recovery,
    });
    // Elsewhere the code says which kind it is.
    details[0] = "code";
    let _ = (
        Error::code,
        Error::is_transient,
        Error::http_status,
        Error::www_authenticate,
        Error::refusal,
    );
    let reasons = variants!(InvalidTokenReason {
        Missing,
        Malformed,
        AlgorithmNotAllowed,
        HeaderUnsupported,
        KeyNotFound,
        KeyAmbiguous,
        KeyUnusable,
        SignatureInvalid,
        Expired,
        NotYetValid,
        TooOld,
        ClaimMissing,
        ClaimInvalid,
        WrongTokenKind,
        WrongOrganization,
    });
    let kinds = variants!(ErrorKind {
        InvalidConfig,
        Authentication,
        PermissionDenied,
        NotFound,
        Conflict,
        InvalidRequest,
        RateLimited,
        Service,
        Network,
        Timeout,
        UnexpectedResponse,
        OutcomeUnknown,
        InvalidToken,
        InsufficientScope,
        KeysUnavailable,
        Cancelled,
    });
    assert_eq!(kinds, ErrorKind::ALL);
    let details =
        [details, vec!["is_transient", "http_status", "www_authenticate", "refusal"]].concat();
    json!({
        "codes": kinds.map(ErrorKind::code),
        "details": details,
        "invalid_token_reasons": reasons.map(InvalidTokenReason::code),
    })
}

pub(crate) fn functions() -> Value {
    let _ = token_from_authorization_header;
    let _ = |values: Vec<&'static str>| token_from_authorization_headers(values);
    let _ = |status, challenges: Vec<&'static str>| refuses_token(status, challenges);
    json!({
        "token_from_authorization_header": ["value"],
        "token_from_authorization_headers": ["values"],
        "refuses_token": ["status", "www_authenticate"],
    })
}

/// What records can do beside having fields.
pub(crate) fn methods() -> Value {
    json!({ "TokenClaims": operations!(TokenClaims { missing_scopes: ["required"] }) })
}
