use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use reqwest::Method;
use serde_json::{Value, json};
use stytch_m2m_emulator::Auth0Credentials;

use crate::support::{Answer, Api, send};

struct Tenant {
    api: Api,
    credentials: Auth0Credentials,
}

impl Tenant {
    async fn start(auth0: Value) -> Self {
        let api = Api::start();
        api.admin(Method::PUT, "seed", Some(json!({ "auth0": auth0 }))).await;
        let credentials = api.emulator.auth0();
        Self { api, credentials }
    }

    async fn token(&self, body: Value) -> Answer {
        send(self.api.http.post(self.api.url("/oauth/token")).json(&body)).await
    }

    async fn management_token(&self) -> String {
        let Auth0Credentials { client_id, client_secret, management_audience, .. } =
            &self.credentials;
        let answer = self.token(grant(client_id, client_secret, management_audience)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["access_token"].as_str().unwrap().to_owned()
    }

    async fn get(&self, path: &str) -> Answer {
        let token = self.management_token().await;
        send(self.api.http.get(self.api.url(path)).bearer_auth(token)).await
    }
}

fn grant(client_id: &str, client_secret: &str, audience: &str) -> Value {
    json!({
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
        "audience": audience,
    })
}

fn tenant() -> Value {
    json!({
        "clients": [
            { "client_id": "billing", "client_secret": "billing-secret" },
            { "client_id": "web", "app_type": "spa", "grant_types": ["authorization_code"], "client_secret": "web-secret" },
            { "client_id": "keyed", "client_authentication_methods": { "private_key_jwt": {} } },
        ],
        "client_grants": [
            { "client_id": "billing", "audience": "https://api.example", "scope": ["read:a", "read:b"] },
            { "client_id": "billing", "audience": "https://all.example", "allow_all_scopes": true },
        ],
        "resource_servers": [
            { "identifier": "https://api.example", "token_lifetime": 600 },
            { "identifier": "https://all.example", "scopes": [{ "value": "x" }, { "value": "y" }] },
        ],
    })
}

#[tokio::test]
async fn a_token_is_in_auth0s_form() {
    let tenant = Tenant::start(tenant()).await;
    let answer = tenant.token(grant("billing", "billing-secret", "https://api.example")).await;
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["expires_in"], 600);
    assert_eq!(answer.body["scope"], "read:a read:b");

    let token = answer.body["access_token"].as_str().unwrap();
    let keys = tenant.api.http.get(tenant.api.url("/.well-known/jwks.json")).send().await.unwrap();
    let keys: JwkSet = keys.json().await.unwrap();
    let key = keys.find(&decode_header(token).unwrap().kid.unwrap()).unwrap();
    let mut validation = Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.set_audience(&["https://api.example"]);
    let key = DecodingKey::from_jwk(key).unwrap();
    let claims = decode::<Value>(token, &key, &validation).unwrap().claims;
    let issued_at = claims["iat"].as_i64().unwrap();
    assert_eq!(
        claims,
        json!({
            "iss": format!("{}/", tenant.api.emulator.base_url()),
            "sub": "billing@clients",
            "aud": "https://api.example",
            "azp": "billing",
            "gty": "client-credentials",
            "scope": "read:a read:b",
            "iat": issued_at,
            "exp": issued_at + 600,
        })
    );
}

#[tokio::test]
async fn grants_decide_what_a_client_gets() {
    let tenant = Tenant::start(tenant()).await;
    let all = tenant.token(grant("billing", "billing-secret", "https://all.example")).await;
    assert_eq!(all.body["scope"], "x y");
    let mut narrow = grant("billing", "billing-secret", "https://api.example");
    narrow["scope"] = json!("read:b");
    assert_eq!(tenant.token(narrow.clone()).await.body["scope"], "read:b");
    narrow["scope"] = json!("read:b write:b");

    let refused = [
        (narrow, 403, "access_denied"),
        (grant("billing", "wrong", "https://api.example"), 401, "access_denied"),
        (grant("nobody", "wrong", "https://api.example"), 401, "access_denied"),
        (grant("keyed", "", "https://api.example"), 401, "access_denied"),
        (grant("billing", "billing-secret", "https://other.example"), 403, "access_denied"),
        (
            grant("billing", "billing-secret", &tenant.credentials.management_audience),
            403,
            "access_denied",
        ),
        (grant("web", "web-secret", "https://api.example"), 403, "unauthorized_client"),
        (json!({ "grant_type": "password" }), 400, "unsupported_grant_type"),
    ];
    for (body, status, error) in refused {
        let answer = tenant.token(body).await;
        assert_eq!((answer.status.as_u16(), &answer.body["error"]), (status, &json!(error)));
        assert!(answer.body["error_description"].is_string());
    }
}

#[tokio::test]
async fn lists_page_by_offset_and_by_checkpoint() {
    let clients: Vec<Value> = (0..7).map(|n| json!({ "client_id": format!("c{n}") })).collect();
    let tenant = Tenant::start(json!({ "clients": clients })).await;
    let ids = |page: &Value| -> Vec<String> {
        let clients = page.as_array().unwrap().iter();
        clients.map(|client| client["client_id"].as_str().unwrap().to_owned()).collect()
    };
    let plain = tenant.get("/api/v2/clients?per_page=4&page=2").await.body;
    assert_eq!(ids(&plain), ["c6"]);
    let totals = tenant.get("/api/v2/clients?per_page=4&page=1&include_totals=true").await.body;
    assert_eq!(
        (&totals["start"], &totals["limit"], &totals["total"]),
        (&json!(4), &json!(4), &json!(9))
    );
    assert_eq!(ids(&totals["clients"]), ["c2", "c3", "c4", "c5"]);

    let mut seen = Vec::new();
    let mut path = "/api/v2/clients?take=4".to_owned();
    loop {
        let page = tenant.get(&path).await.body;
        seen.extend(ids(&page["clients"]));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v2/clients?take=4&from={next}");
    }
    assert_eq!(seen.len(), 9);
    assert_eq!(seen[2..], ["c0", "c1", "c2", "c3", "c4", "c5", "c6"]);

    for query in ["per_page=0", "per_page=101", "take=101", "from=unknown", "page=x"] {
        let answer = tenant.get(&format!("/api/v2/clients?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.body["errorCode"], "invalid_query_string");
        assert_eq!(answer.body["statusCode"], 400);
    }
}

#[tokio::test]
async fn lists_filter_and_select() {
    let tenant = Tenant::start(tenant()).await;
    let path = "/api/v2/clients?app_type=spa,native&is_global=false&fields=client_id,name";
    let selected = tenant.get(path).await.body;
    assert_eq!(selected, json!([{ "client_id": "web", "name": "web" }]));
    let path = "/api/v2/clients?app_type=spa&fields=client_secret,name&include_fields=false";
    let rest = tenant.get(path).await.body;
    assert!(rest[0].get("client_secret").is_none() && rest[0].get("app_type").is_some());
    let everyone = tenant.get("/api/v2/clients").await.body;
    let global = everyone.as_array().unwrap().iter().filter(|client| client["global"] == true);
    assert_eq!(global.count(), 1);

    let grants = tenant.get("/api/v2/client-grants?client_id=billing").await.body;
    assert_eq!(grants.as_array().unwrap().len(), 2);
    let path = "/api/v2/client-grants?audience=https%3A%2F%2Fapi.example&include_totals=true";
    let grants = tenant.get(path).await.body;
    assert_eq!(grants["client_grants"][0]["scope"], json!(["read:a", "read:b"]));

    let servers = tenant.get("/api/v2/resource-servers").await.body;
    assert_eq!(servers.as_array().unwrap().len(), 3);
    for id in ["rs_0", "https%3A%2F%2Fapi.example"] {
        let server = tenant.get(&format!("/api/v2/resource-servers/{id}")).await.body;
        assert_eq!(server["identifier"], "https://api.example");
    }
    assert_eq!(tenant.get("/api/v2/resource-servers/none").await.status, 404);
}

#[tokio::test]
async fn scopes_decide_what_the_management_api_shows() {
    for (scopes, status, secret) in [
        (json!(["read:clients"]), 200, false),
        (json!(["read:clients", "read:client_keys"]), 200, true),
        (json!(["read:client_grants"]), 403, false),
    ] {
        let mut auth0 = tenant();
        auth0["management_client"] = json!({ "scopes": scopes });
        let tenant = Tenant::start(auth0).await;
        let answer = tenant.get("/api/v2/clients").await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.body.to_string().contains("billing-secret"), secret);
    }
}

#[tokio::test]
async fn the_management_api_needs_its_own_token() {
    let tenant = Tenant::start(tenant()).await;
    let url = || tenant.api.http.get(tenant.api.url("/api/v2/clients"));
    assert_eq!(send(url()).await.status, 401);
    assert_eq!(send(url().bearer_auth("wrong")).await.status, 401);
    let other = tenant.token(grant("billing", "billing-secret", "https://api.example")).await;
    let other = other.body["access_token"].as_str().unwrap();
    let answer = send(url().bearer_auth(other)).await;
    assert_eq!(answer.body["statusCode"], 401);
}

#[tokio::test]
async fn every_answer_tells_of_the_rate_limit() {
    let tenant = Tenant::start(json!({})).await;
    let token = tenant.management_token().await;
    let get = || tenant.api.http.get(tenant.api.url("/api/v2/clients")).bearer_auth(&token).send();
    let header = |response: &reqwest::Response, name: &str| -> i64 {
        response.headers()[name].to_str().unwrap().parse().unwrap()
    };
    let response = get().await.unwrap();
    assert_eq!(header(&response, "x-ratelimit-limit"), 1000);
    assert!(header(&response, "x-ratelimit-remaining") < 1000);
    assert!(header(&response, "x-ratelimit-reset") > 1_700_000_000);

    let limit = json!({ "requests": 1, "per_seconds": 3600 });
    tenant.api.admin(Method::PUT, "rate-limit", Some(limit)).await;
    assert_eq!(get().await.unwrap().status(), 200);
    let limited = get().await.unwrap();
    assert_eq!(limited.status(), 429);
    assert_eq!(header(&limited, "x-ratelimit-remaining"), 0);
    assert!(header(&limited, "retry-after") >= 1);
}

#[tokio::test]
async fn a_grant_for_organizations_needs_one_that_it_knows() {
    let api = "https://api.example";
    let grant_of = |client_id: &str, usage: &str, organizations: Value| {
        json!({ "id": format!("cgr-{client_id}"), "client_id": client_id, "audience": api,
                "organization_usage": usage, "organizations": organizations })
    };
    let client = |id: &str| json!({ "client_id": id, "client_secret": "a-secret" });
    let mut default = client("default");
    let flows = json!(["client_credentials"]);
    default["default_organization"] = json!({ "organization_id": "org_1", "flows": flows });
    let mut any = grant_of("any", "allow", json!([]));
    any["allow_any_organization"] = json!(true);
    let tenant = Tenant::start(json!({
        "clients": [client("bound"), client("none"), client("any"), default],
        "client_grants": [grant_of("bound", "require", json!(["org_1"])),
            grant_of("default", "allow", json!(["org_1"])), grant_of("none", "deny", json!([])), any],
        "resource_servers": [{ "identifier": api }],
    }))
    .await;
    let listed = tenant.get("/api/v2/client-grants/cgr-bound/organizations?take=5").await;
    assert_eq!(listed.body["organizations"][0]["id"], "org_1", "{}", listed.body);
    let unknown = tenant.get("/api/v2/client-grants/other/organizations").await;
    assert_eq!(unknown.status, 404);
    let grants = tenant.get("/api/v2/client-grants").await.body;
    assert!(!grants.to_string().contains("org_1"), "{grants}");

    for (client_id, organization, status) in [
        ("bound", Some("org_1"), 200),
        ("bound", Some("org_2"), 403),
        ("bound", None, 403),
        ("none", Some("org_1"), 403),
        ("none", None, 200),
        ("any", Some("org_9"), 200),
        ("any", None, 200),
        ("default", None, 200),
        ("default", Some("org_2"), 403),
    ] {
        let mut body = grant(client_id, "a-secret", api);
        if let Some(organization) = organization {
            body["organization"] = organization.into();
        }
        let answer = tenant.token(body).await;
        assert_eq!(answer.status, status, "{client_id} {organization:?}: {}", answer.body);
        if let Some(token) = answer.body["access_token"].as_str() {
            let claims = jsonwebtoken::dangerous::insecure_decode::<Value>(token).unwrap().claims;
            let default = (client_id == "default").then_some("org_1");
            let expected = organization.or(default);
            assert_eq!(claims.get("org_id").and_then(Value::as_str), expected);
        }
    }
}
