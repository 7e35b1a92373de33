//! Token sources that are told the issuer alone, and what a token is asked for.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use stytch_m2m::{
    Client, ClientAuth, ClientConfig, ErrorKind, Token, TokenRequest, TokenSource,
    TokenSourceConfig, TransportConfig,
};
use stytch_m2m_emulator::{Emulator, Seed};

use crate::issuer::{at_noon, eventually, hurried};
use crate::server::{Act, Seen, Server};

const SECRET: &str = "billing-secret-1";

fn emulator(settings: &Value) -> Emulator {
    let seed = json!({
        "clients": [{"client_id": "billing", "client_secret": SECRET, "scopes": ["a:b"]}],
        "token_settings": settings,
    });
    Emulator::builder().seed(Seed::parse(&seed.to_string()).unwrap()).start().unwrap()
}

fn config(issuer: &str) -> TokenSourceConfig {
    TokenSourceConfig {
        issuer: Some(issuer.into()),
        client_id: "billing".into(),
        client_secret: Some(SECRET.into()),
        ..Default::default()
    }
}

fn audiences(token: &Token) -> Value {
    let payload = token.access_token.expose().split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    claims["aud"].clone()
}

fn host(seen: &Seen) -> String {
    let host = seen.head.lines().find_map(|line| line.strip_prefix("host: "));
    format!("http://{}", host.unwrap().trim())
}

#[tokio::test]
async fn a_source_needs_the_issuer_alone_and_takes_a_method_that_the_server_offers() {
    let (basic, post) = (ClientAuth::ClientSecretBasic, ClientAuth::ClientSecretPost);
    for (offered, sent) in [
        (vec![post, basic], "authorization: Basic"),
        (vec![basic], "authorization: Basic"),
        (vec![post], "client_secret="),
        (vec![ClientAuth::PrivateKeyJwt, post], "client_secret="),
    ] {
        let offered: Vec<_> = offered.into_iter().map(ClientAuth::name).collect();
        let shown = offered.join(" ");
        let server = Server::start(move |seen| match seen.is("POST", "/token") {
            true => Act::json(200, r#"{"access_token":"t","token_type":"Bearer","expires_in":60}"#),
            false => {
                let document = json!({"issuer": host(seen), "token_endpoint":
                    format!("{}/token", host(seen)),
                    "token_endpoint_auth_methods_supported": offered});
                Act::json(200, &document.to_string())
            }
        });
        let source = TokenSource::new(config(server.url())).unwrap();
        source.get_token().await.unwrap();
        let request = server.seen().pop().unwrap();
        assert!(
            format!("{}\n{}", request.head, request.body).contains(sent),
            "{shown}: {request:?}"
        );
    }
    let only = json!({"token_endpoint_auth_methods_supported": ["private_key_jwt"]});
    let emulator = emulator(&only);
    let source = TokenSource::new(config(emulator.base_url())).unwrap();
    let error = source.get_token().await.unwrap_err();
    assert!(error.details().message.contains("private_key_jwt"), "{error}");
    assert_eq!(emulator.counts()["token"], 0);
}

#[tokio::test]
async fn the_document_is_fetched_once_for_many_tokens() {
    let emulator = emulator(&json!({"lifetime_seconds": 1}));
    let source = TokenSource::new(config(emulator.base_url())).unwrap();
    for _ in 0..3 {
        let token = source.get_token().await.unwrap();
        source.invalidate(token.access_token.expose());
    }
    assert_eq!(emulator.counts()["authorization_server"], 1);
    assert!(emulator.counts()["token"] >= 1);
}

#[tokio::test]
async fn an_outage_of_the_document_does_not_end_a_source() {
    let tokens = Server::start(|seen| {
        let body = json!({"access_token": format!("t-{}", seen.number), "token_type": "Bearer",
            "expires_in": 3600});
        Act::json(200, &body.to_string())
    });
    let endpoint = tokens.url().to_owned();
    let documents = Server::start(move |seen| {
        let document = json!({"issuer": host(seen), "token_endpoint": endpoint});
        Act::json(200, &document.to_string())
    });
    let (clock, transport) = at_noon();
    let config = TokenSourceConfig { transport, ..config(documents.url()) };
    let source = TokenSource::new(config).unwrap();
    assert_eq!(source.get_token().await.unwrap().access_token.expose(), "t-0");
    for (day, outage) in [Act::json(503, "{}"), Act::Reset, Act::json(200, "{}")].iter().enumerate()
    {
        documents.does(outage.clone());
        clock.advance(Duration::from_secs(86_400));
        let token = source.get_token().await.unwrap();
        assert_eq!(token.access_token.expose(), format!("t-{}", day + 1));
    }
    // The endpoint moves, and the document is back.
    let moved = Server::always(Act::json(
        200,
        r#"{"access_token":"moved","token_type":"Bearer","expires_in":3600}"#,
    ));
    let document = json!({"issuer": documents.url(), "token_endpoint": moved.url()});
    documents.does(Act::json(200, &document.to_string()));
    tokens.does(Act::json(404, "{}"));
    let before = documents.requests();
    clock.advance(Duration::from_secs(86_400));
    while source.get_token().await.is_err() {
        eventually(|| documents.requests() > before).await;
        clock.advance(Duration::from_secs(11));
        tokio::task::yield_now().await;
    }
    assert_eq!(source.get_token().await.unwrap().access_token.expose(), "moved");
}

#[tokio::test]
async fn a_secret_goes_only_where_the_issuers_own_document_says() {
    let thief = Server::always(Act::json(200, r#"{"access_token":"t","token_type":"Bearer"}"#));
    let steal = thief.url().to_owned();
    let documents: [fn(&str, &str) -> Value; 5] = [
        |_, thief| json!({"issuer": "https://another.example", "token_endpoint": thief}),
        |own, thief| json!({"issuer": format!("{own}/"), "token_endpoint": thief}),
        |_, thief| json!({"token_endpoint": thief}),
        |own, _| json!({"issuer": own, "token_endpoint": "http://thief.example/token"}),
        |own, _| json!({"issuer": own}),
    ];
    let redirect = Act::with(307, &format!("location: {steal}"), "");
    let acts = documents.into_iter().map(|document| {
        let steal = steal.clone();
        Server::start(move |seen| Act::json(200, &document(&host(seen), &steal).to_string()))
    });
    for server in acts.chain([Server::always(redirect)]) {
        let source = TokenSource::new(config(server.url())).unwrap();
        let error = source.get_token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
        let seen = server.seen();
        assert!(seen.iter().all(|seen| !format!("{seen:?}").contains(SECRET)), "{seen:?}");
    }
    assert_eq!(thief.requests(), 0);
}

#[tokio::test]
async fn a_slow_document_keeps_nobody_waiting_for_long() {
    let server = Server::always(Act::SlowBody);
    let config = TokenSourceConfig { transport: hurried(), ..config(server.url()) };
    let started = std::time::Instant::now();
    let error = TokenSource::new(config).unwrap().get_token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[tokio::test]
async fn resource_and_audience_are_sent_and_tokens_for_others_are_others() {
    let emulator = emulator(&json!({}));
    let project = emulator.project_id().to_owned();
    let source = TokenSource::new(TokenSourceConfig {
        resource: vec!["https://b.example".into(), "https://a.example".into()],
        audience: Some("urn:orders".into()),
        ..config(emulator.base_url())
    });
    let token = source.unwrap().get_token().await.unwrap();
    let expected = json!([project, "https://a.example", "https://b.example", "urn:orders"]);
    assert_eq!(audiences(&token), expected);

    let client = Client::new(ClientConfig {
        base_url: Some(emulator.base_url().into()),
        ..ClientConfig::new(project, emulator.secret())
    })
    .unwrap();
    let request = |resource: &[&str], audience: Option<&str>| TokenRequest {
        client_id: "billing".into(),
        client_secret: SECRET.into(),
        resource: resource.iter().map(|one| (*one).to_owned()).collect(),
        audience: audience.map(str::to_owned),
        ..Default::default()
    };
    let before = emulator.counts()["token"];
    let (a, b) = ("https://a.example", "https://b.example");
    let requests = [
        request(&[], None),
        request(&[a], None),
        request(&[b], None),
        request(&[a, b], None),
        request(&[], Some(a)),
        request(&[a], Some(b)),
    ];
    for request in &requests {
        let first = client.token(request.clone()).await.unwrap();
        assert_eq!(client.token(request.clone()).await.unwrap().access_token, first.access_token);
        assert_eq!(client.cached_token(request).unwrap().access_token, first.access_token);
    }
    client.token(request(&[b, a, b], None)).await.unwrap();
    assert!(client.cached_token(&request(&[b, a, b], None)).is_some());
    assert_eq!(emulator.counts()["token"] - before, requests.len() as u64);
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let with = |change: fn(&mut TokenSourceConfig)| {
        let mut config = config("https://issuer.example");
        change(&mut config);
        let error = TokenSource::new(config).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        error.details().field.clone().unwrap()
    };
    assert_eq!(with(|config| config.token_url = Some("https://a.example".into())), "issuer");
    assert_eq!(with(|config| config.project_id = Some("project-test-1".into())), "issuer");
    assert_eq!(with(|config| config.base_url = Some("https://a.example".into())), "issuer");
    assert_eq!(with(|config| config.issuer = Some("http://a.example".into())), "issuer");
    assert_eq!(with(|config| config.resource = vec!["orders".into()]), "resource");
    assert_eq!(with(|config| config.resource = vec!["https://a.example#b".into()]), "resource");
    assert_eq!(with(|config| config.audience = Some(String::new())), "audience");
    for name in ["resource", "audience"] {
        let extra = [(name.to_owned(), "https://a.example".to_owned())].into();
        let both = TokenSourceConfig {
            extra,
            resource: vec!["https://a.example".into()],
            audience: Some("a".into()),
            ..config("https://issuer.example")
        };
        let error = TokenSource::new(both).unwrap_err();
        assert_eq!(error.details().field.as_deref(), Some("extra"), "{name}");
    }
    let alone = TokenSourceConfig {
        extra: [("audience".to_owned(), "a".to_owned())].into(),
        transport: TransportConfig::default(),
        ..config("https://issuer.example")
    };
    TokenSource::new(alone).unwrap();
}
