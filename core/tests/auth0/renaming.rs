//! Scopes with new names: for a time, tokens of both issuers pass the same service.

use serde_json::json;
use stytch_m2m::auth0::{
    Auth0Tenant, Auth0TenantConfig, ImportOptions, Plan, ScopeMapping, import,
};
use stytch_m2m::{
    AuthenticateOptions, Client, ClientConfig, IssuerConfig, TokenSource, TokenSourceConfig,
    TokenVerifier, TokenVerifierConfig, Vertical,
};
use stytch_m2m_emulator::{Emulator, Seed};

const BILLING: &str = "https://billing.example.com/";
const ORDERS: &str = "https://orders.example.com/";

#[tokio::test]
async fn a_service_asks_the_tokens_of_both_issuers_for_one_scope() {
    let client = json!({ "client_id": "job", "client_secret": "canary-secret-of-job" });
    let grant = |audience: &str, scopes: &[&str]| {
        json!({ "id": format!("cgr-{audience}"), "client_id": "job", "audience": audience,
                "scope": scopes })
    };
    let api = |identifier: &str| json!({ "identifier": identifier, "scopes": [{ "value": "read" }, { "value": "void" }] });
    let tenant = json!({
        "clients": [client],
        "client_grants": [grant(BILLING, &["read", "void"]), grant(ORDERS, &["read"])],
        "resource_servers": [api(BILLING), api(ORDERS)],
    });
    let seed = Seed::parse(&json!({ "auth0": tenant }).to_string()).unwrap();
    let emulator = Emulator::builder().seed(seed).start().unwrap();
    let client = Client::new(ClientConfig {
        base_url: Some(emulator.base_url().to_owned()),
        ..ClientConfig::new(emulator.project_id(), emulator.secret())
    })
    .unwrap();

    // Imported under new names.
    let access = emulator.auth0();
    let reader =
        Auth0TenantConfig::new(emulator.base_url(), access.client_id, access.client_secret);
    let export = Auth0Tenant::new(reader).unwrap().export(|_| {}).await.unwrap();
    let mapping = json!({
        (BILLING): { "read": "read:invoices", "*": "billing.*" },
        (ORDERS): { "read": "read:orders" },
    });
    let mapping: ScopeMapping = serde_json::from_value(mapping).unwrap();
    let plan = Plan::draft(&export, client.project_id(), &mapping).unwrap();
    let options = ImportOptions::default();
    let _ = import(&client, &plan, &export, None, &options, |_| {}).await.unwrap();

    // A service of the billing API, whose verifier has that API's names.
    let mut auth0 = IssuerConfig::auth0(emulator.base_url(), BILLING).unwrap();
    auth0.scope_map = mapping.of_audience(BILLING);
    let base_url = Some(emulator.base_url());
    let stytch = IssuerConfig::stytch(emulator.project_id(), base_url, Vertical::Consumer).unwrap();
    let config = TokenVerifierConfig { issuers: vec![auth0, stytch], ..Default::default() };
    let verifier = TokenVerifier::new(config).unwrap();

    let source = |config: TokenSourceConfig| {
        let credential = TokenSourceConfig {
            client_id: "job".into(),
            client_secret: Some("canary-secret-of-job".into()),
            ..config
        };
        TokenSource::new(credential).unwrap()
    };
    let before = source(TokenSourceConfig {
        token_url: Some(format!("{}/oauth/token", emulator.base_url())),
        extra: [("audience".to_owned(), BILLING.to_owned())].into(),
        ..Default::default()
    });
    let after = source(TokenSourceConfig {
        project_id: Some(emulator.project_id().to_owned()),
        base_url: Some(emulator.base_url().to_owned()),
        ..Default::default()
    });
    let mut issuers = Vec::new();
    for source in [before, after] {
        let token = source.get_token().await.unwrap().access_token;
        let options = AuthenticateOptions::scopes(["read:invoices", "billing.void"]);
        let claims = verifier.authenticate_token(token.expose(), &options).await.unwrap();
        assert!(!claims.scopes.contains(&"read".to_owned()), "{:?}", claims.scopes);
        // The old name grants nothing any more.
        let old = AuthenticateOptions::scopes(["void"]);
        verifier.authenticate_token(token.expose(), &old).await.unwrap_err();
        issuers.push(claims.issuer.clone());
    }
    assert_ne!(issuers[0], issuers[1]);
}
