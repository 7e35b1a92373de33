//! Every public type may be shared between threads, and every call awaited on any of them.

use std::collections::BTreeSet;

use stytch_m2m::auth0::*;
use stytch_m2m::*;

use crate::exported_by;

macro_rules! shared {
    ($($name:ident)*) => {{
        $(is_shared::<$name>();)*
        BTreeSet::from([$(stringify!($name)),*])
    }};
}

const fn is_shared<T: Send + Sync>() {}

/// Traits, and shorthands for what holds a type of the caller's.
const NOT_SHARED: [&str; 7] = [
    "ResolveIssuer",
    "ResolverFuture",
    "Result",
    "SecretFuture",
    "SecretProvider",
    "StoreFuture",
    "TokenStore",
];

#[test]
fn every_type_may_be_shared_between_threads() {
    let mut shared = shared!(
        Algorithm AuthenticateOptions Authorize CacheStats Client ClientAuth ClientConfig ClientResponse
        ClientStats ClientStatus Clients CreateRequest CreateResponse CustomClaims DeleteResponse
        Error ErrorDetails ErrorKind ExportedKeySet InvalidTokenReason IssuerConfig IssuerResolver KeySetHealth
        KeySetState KeySource M2MClient M2MClientWithClientSecret M2MClientWithNextClientSecret
        OrganizationClient OrganizationConfig Origins ProtectedResource Proxy Refusal RequiredOrganization ResolverError ResultsMetadata
        RotateStartResponse SearchAll SearchFilter SearchOperator SearchQuery SearchRequest
        SearchResponse Secret SecretError SecretSource Secrets StoreError Token TokenClaims TokenProfile TokenRequest
        TokenSource TokenSourceConfig TokenVerifier TokenVerifierConfig TransportConfig
        UpdateRequest Vertical
    );
    is_shared::<std::sync::Arc<dyn TokenStore>>();
    is_shared::<std::sync::Arc<dyn SecretProvider>>();
    is_shared::<std::sync::Arc<dyn ResolveIssuer>>();
    shared.extend(NOT_SHARED);
    let exported = exported_by("src/lib.rs");
    let exported: BTreeSet<_> = exported.iter().map(String::as_str).collect();
    assert_eq!(shared, exported, "the types that are named here, and those that are exported");
}

#[test]
fn every_type_of_the_move_from_auth0_may_be_shared_between_threads() {
    let shared = shared!(
        Auth0Client Auth0Export Auth0Grant Auth0ResourceServer Auth0Scope Auth0Tenant
        Auth0TenantConfig ExportProgress ImportOptions ImportRecord ImportReport ImportState Journal
        JournalState OnConflict Plan PlanState PlannedClient ScopeHazard ScopeHazardKind
        ScopeHazards ScopeMapping SkipReason StatusRecord StatusReport UndoOptions UndoReport
        VerifyRecord VerifyReport
    );
    let exported = exported_by("src/auth0.rs");
    let exported: BTreeSet<_> = exported.iter().map(String::as_str).collect();
    assert_eq!(shared, exported, "the types that are named here, and those that are exported");
}

/// Compiled, never run: what a future borrows is part of its type.
#[allow(dead_code, reason = "compiling it is the test")]
fn every_call_may_be_awaited_on_any_thread(
    client: &Client,
    organization: &OrganizationClient,
    source: &TokenSource,
    options: &AuthenticateOptions,
) {
    fn is_send(_: impl Future + Send) {}

    is_send(client.token(TokenRequest::default()));
    is_send(client.authenticate_token("", options));
    is_send(source.get_token());
    is_send(source.authorization_header());
    is_send(client.verifier().warm_up());
    is_send(organization.client_id());
    is_send(organization.client_secret());
    is_send(organization.token(false));
    is_send(organization.rotate());
    let (clients, secrets, secret) = (client.clients(), client.secrets(), Secret::default());
    is_send(clients.create(CreateRequest::default()));
    is_send(clients.get(""));
    is_send(clients.update("", UpdateRequest::default()));
    is_send(clients.delete(""));
    is_send(clients.search(SearchRequest::default()));
    is_send(clients.search_all(SearchRequest::default()).next());
    is_send(secrets.rotate_start(""));
    is_send(secrets.rotate(""));
    is_send(secrets.rotate_cancel(""));
    is_send(secrets.recover_rotation(""));
    is_send(secrets.rotate_finish("", &secret));
    is_send(secrets.rotate_with("", |_| async { Ok::<_, Error>(()) }));
}
