//! Tokens about a user, by the authorization code flow at `oidc-provider`.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::{Value, json};
use stytch_m2m::{ErrorKind, InvalidTokenReason, IssuerConfig};
use url::Url;

use crate::http::{self, location, text};
use crate::oidc_provider::{API, Provider, registered};
use crate::{SECRET, verified};

const CALLBACK: &str = "https://web.example.com/callback";

/// The answer of the token endpoint after a user has logged in.
async fn log_in(provider: &Provider, client_id: &str) -> Value {
    let mut url = Url::parse(&format!("{}/auth", provider.issuer)).unwrap();
    url.query_pairs_mut().extend_pairs([
        ("client_id", client_id),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid read"),
        ("resource", API),
    ]);
    let http = http::client();
    let mut cookies: BTreeMap<String, String> = BTreeMap::new();
    let mut steps = 0..10;
    let callback = loop {
        assert!(steps.next().is_some(), "the login does not end: {url}");
        let sent: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let response = http.get(url.clone()).header(COOKIE, sent.join("; ")).send().await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            cookies.insert(name.to_owned(), value.to_owned());
        }
        let Some(next) = location(&response) else {
            panic!("{url} leads nowhere: {}", response.text().await.unwrap())
        };
        url = url.join(next).unwrap();
        if url.as_str().starts_with(CALLBACK) {
            break url;
        }
    };
    let parameters: BTreeMap<_, _> = callback.query_pairs().into_owned().collect();
    let code = parameters.get("code").unwrap_or_else(|| panic!("no code: {callback}"));
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("client_id", client_id),
        ("client_secret", SECRET),
    ];
    http::json(http.post(format!("{}/token", provider.issuer)).form(&form)).await
}

/// By discovery alone: the key, the issuer and the audience of each are right.
#[tokio::test]
async fn a_users_token_and_an_id_token_are_refused() {
    let grants = json!({
        "client_secret": SECRET,
        "scope": "openid read write",
        "grant_types": ["authorization_code", "client_credentials"],
        "response_types": ["code"],
        "redirect_uris": [CALLBACK],
    });
    let clients = json!([registered("web", "client_secret_post", grants)]);
    let Some(provider) = Provider::start(&clients, None) else { return };
    let answer = log_in(&provider, "web").await;
    for (member, audience) in [("access_token", API), ("id_token", "web")] {
        let issuer = IssuerConfig::discover(&provider.issuer, &[audience.to_owned()]);
        let outcome = verified(issuer, text(&answer, member)).await;
        let Err(error) = outcome else { panic!("the user's {member} is accepted") };
        assert_eq!(error.kind(), ErrorKind::InvalidToken, "{error}");
        assert_eq!(error.details().reason, Some(InvalidTokenReason::WrongTokenKind), "{error}");
        println!("{member}: {error}");
    }
    println!("oidc-provider: 2 cases");
}
