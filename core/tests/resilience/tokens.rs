//! Cached tokens: who shares one, and who never does.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use stytch_m2m::internals::Clock;
use stytch_m2m::{
    CacheStats, Client, ClientConfig, TokenRequest, TokenSource, TokenSourceConfig, TransportConfig,
};

use crate::issuer::{PROJECT, at_noon, config, token_request};
use crate::server::{Act, Server};

/// A token endpoint that numbers its tokens, which last `expires_in` seconds.
pub(crate) fn token_server(expires_in: u64) -> Server {
    Server::start(move |seen| {
        let number = seen.number;
        Act::json(
            200,
            &format!(
                r#"{{"access_token":"token-{number}","token_type":"bearer",
                "expires_in":{expires_in},"request_id":"request-id-test-{number}"}}"#
            ),
        )
    })
}

pub(crate) fn source(server: &Server, transport: TransportConfig) -> TokenSource {
    TokenSource::new(TokenSourceConfig {
        project_id: Some(PROJECT.into()),
        base_url: Some(server.url().into()),
        client_id: "m2m-client-test-1".into(),
        client_secret: Some("client-secret-canary".into()),
        transport,
        ..Default::default()
    })
    .unwrap()
}

/// A source of tokens that last an hour, and its clock, which stands at noon.
pub(crate) fn an_hour() -> (Server, TokenSource, Clock) {
    let server = token_server(3600);
    let (clock, transport) = at_noon();
    let source = source(&server, transport);
    (server, source, clock)
}

/// The token that the source hands out.
pub(crate) async fn token(source: &TokenSource) -> String {
    source.get_token().await.unwrap().access_token.expose().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_concurrent_first_calls_make_one_request() {
    let (server, source, _) = an_hour();
    let calls = (0..1000).map(|_| {
        let source = source.clone();
        tokio::spawn(async move { token(&source).await })
    });
    for one in join_all(calls).await {
        assert_eq!(one.unwrap(), "token-0");
    }
    assert_eq!(server.requests(), 1);
    let stats = source.stats();
    assert_eq!((stats.refreshes, stats.failures), (1, 0));
    assert_eq!(stats.hits + stats.misses, 1000);

    let client = Client::new(config(server.url(), at_noon().1)).unwrap();
    let calls = (0..1000).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.token(token_request()).await.unwrap().access_token })
    });
    for one in join_all(calls).await {
        assert_eq!(one.unwrap().expose(), "token-1");
    }
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_cancelled_first_caller_fails_nobody() {
    let (server, source, _) = an_hour();
    let (first, second) = (source.get_token(), source.get_token());
    {
        tokio::pin!(first);
        tokio::select! {
            biased;
            _ = &mut first => panic!("it has to wait for the server"),
            () = tokio::task::yield_now() => {}
        }
    }
    assert_eq!(second.await.unwrap().access_token.expose(), "token-0");
    assert_eq!(server.requests(), 1);
    assert_eq!(source.stats().flights_joined, 1);
}

#[test]
fn a_runtime_that_is_shut_down_in_the_middle_fails_nobody_on_another() {
    let (server, source, _) = an_hour();
    server.does(Act::Hold);
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let first = runtime();
    first.block_on(async {
        tokio::select! {
            biased;
            _ = source.get_token() => panic!("the server never answers"),
            () = crate::issuer::eventually(|| server.requests() == 1) => {}
        }
    });
    let (joining, joined) = std::sync::mpsc::channel();
    let second = std::thread::spawn({
        let source = source.clone();
        move || {
            runtime().block_on(async {
                let call = source.get_token();
                tokio::pin!(call);
                tokio::select! {
                    biased;
                    _ = &mut call => panic!("the server never answers"),
                    () = std::future::ready(()) => {}
                }
                joining.send(()).unwrap();
                call.await.unwrap().access_token.expose().to_owned()
            })
        }
    });
    joined.recv().unwrap();
    server.recovers();
    drop(first);
    assert_eq!(second.join().unwrap(), "token-1");
}

#[tokio::test]
async fn grants_that_differ_in_anything_never_share_a_token() {
    let server = token_server(3600);
    let client = Client::new(config(server.url(), at_noon().1)).unwrap();
    let extra = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    };
    let scopes = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let one = token_request();
    let requests = [
        one.clone(),
        TokenRequest { client_id: "m2m-client-test-2".into(), ..one.clone() },
        TokenRequest { client_secret: "another".into(), ..one.clone() },
        // Where one part ends and the next begins matters.
        TokenRequest {
            client_id: "m2m-client-test-1c".into(),
            client_secret: "lient-secret-canary".into(),
            ..one.clone()
        },
        TokenRequest { scopes: scopes(&["a"]), ..one.clone() },
        TokenRequest { scopes: scopes(&["a", "b"]), ..one.clone() },
        TokenRequest { scopes: scopes(&["ab"]), ..one.clone() },
        TokenRequest { extra: extra(&[("a", "b")]), ..one.clone() },
        TokenRequest { extra: extra(&[("b", "a")]), ..one.clone() },
        TokenRequest { extra: extra(&[("a", "b"), ("c", "d")]), ..one.clone() },
        TokenRequest { extra: extra(&[("a", "bcd")]), ..one.clone() },
        TokenRequest { scopes: scopes(&["a", "b"]), extra: extra(&[("a", "b")]), ..one.clone() },
        TokenRequest { scopes: scopes(&["a", "b", "c"]), ..one.clone() },
        TokenRequest { scopes: scopes(&["a"]), extra: extra(&[("b", "c")]), ..one.clone() },
    ];
    for round in 0..2 {
        for (number, request) in requests.iter().enumerate() {
            let token = client.token(request.clone()).await.unwrap();
            assert_eq!(token.access_token.expose(), format!("token-{number}"), "round {round}");
            assert_eq!(client.cached_token(request).unwrap().access_token, token.access_token);
        }
    }
    assert_eq!(server.requests(), requests.len());

    // What goes on the wire is the same, so the token is.
    let reordered = TokenRequest { scopes: scopes(&["b", "a", "b"]), ..one };
    assert_eq!(client.token(reordered).await.unwrap().access_token.expose(), "token-5");
}

#[tokio::test]
async fn the_request_holds_the_credentials_of_the_client_and_of_nobody_else() {
    let server = token_server(3600);
    let client = Client::new(config(server.url(), at_noon().1)).unwrap();
    let request = TokenRequest {
        client_secret: "s&=+ ä".into(),
        scopes: vec!["read:users".into(), "a:*".into()],
        extra: [("user_id".to_owned(), "u 1".to_owned())].into(),
        ..token_request()
    };
    client.token(request).await.unwrap();
    let seen = &server.seen()[0];
    assert!(seen.is("POST", &format!("/v1/public/{PROJECT}/oauth2/token ")), "{}", seen.head);
    let head = seen.head.to_lowercase();
    assert!(head.contains("content-type: application/x-www-form-urlencoded\r\n"), "{head}");
    assert!(!head.contains("authorization"), "{head}");
    assert_eq!(
        seen.body,
        "grant_type=client_credentials&client_id=m2m-client-test-1\
         &client_secret=s%26%3D%2B+%C3%A4&scope=a%3A*+read%3Ausers&user_id=u+1"
    );
}

#[tokio::test]
async fn a_caller_can_insist_on_a_new_token() {
    let server = token_server(3600);
    let client = Client::new(config(server.url(), at_noon().1)).unwrap();
    client.token(token_request()).await.unwrap();
    let insist = TokenRequest { force_refresh: true, ..token_request() };
    assert!(client.cached_token(&insist).is_none());
    assert_eq!(client.token(insist).await.unwrap().access_token.expose(), "token-1");
    assert_eq!(client.token(token_request()).await.unwrap().access_token.expose(), "token-1");
}

#[tokio::test]
async fn the_grants_used_last_are_remembered() {
    let server = token_server(3600);
    let config =
        ClientConfig { token_cache_capacity: Some(256), ..config(server.url(), at_noon().1) };
    let client = Client::new(config).unwrap();
    let request = |n: usize| TokenRequest { client_id: format!("client-{n}"), ..token_request() };
    for n in 0..256 {
        client.token(request(n)).await.unwrap();
    }
    assert!(client.cached_token(&request(0)).is_some());
    client.token(request(256)).await.unwrap();
    assert!(client.cached_token(&request(1)).is_none(), "the least recently used");
    assert!((2..257).all(|n| client.cached_token(&request(n)).is_some()));
    assert!(client.cached_token(&request(0)).is_some());
    assert_eq!(server.requests(), 257);
}

#[test]
fn the_token_cache_has_room_for_one_grant_to_a_million() {
    let with = |capacity| {
        let config = config("http://localhost:1", at_noon().1);
        Client::new(ClientConfig { token_cache_capacity: Some(capacity), ..config })
    };
    for wrong in [0, (1 << 20) + 1] {
        let error = with(wrong).unwrap_err();
        assert_eq!(error.details().field.as_deref(), Some("token_cache_capacity"));
    }
    for right in [1, 1 << 20] {
        with(right).unwrap();
    }
}

#[tokio::test]
async fn grants_without_a_token_make_room_before_those_that_have_one() {
    let server = Server::start(|seen| match seen.body.contains("client_id=good-") {
        true => Act::json(200, r#"{"access_token":"t","token_type":"bearer","expires_in":3600}"#),
        false => Act::json(401, r#"{"error":"invalid_client","status_code":401}"#),
    });
    let config =
        ClientConfig { token_cache_capacity: Some(256), ..config(server.url(), at_noon().1) };
    let client = Client::new(config).unwrap();
    let request = |name: String| TokenRequest { client_id: name, ..token_request() };
    for n in 0..200 {
        client.token(request(format!("good-{n}"))).await.unwrap();
    }
    for n in 0..1000 {
        client.token(request(format!("wrong-{n}"))).await.unwrap_err();
    }
    let kept = (0..200).filter(|n| client.cached_token(&request(format!("good-{n}"))).is_some());
    assert_eq!(kept.count(), 200, "wrong credentials displace nobody's token");
}

#[tokio::test]
async fn a_refused_token_is_dropped_if_it_is_still_the_one() {
    let (server, source, clock) = an_hour();
    assert_eq!(token(&source).await, "token-0");
    source.invalidate("another");
    assert_eq!(token(&source).await, "token-0");
    source.invalidate("token-0");
    assert!(source.cached_token().is_none());
    assert_eq!(token(&source).await, "token-1");
    source.invalidate("token-0");
    assert_eq!(token(&source).await, "token-1", "the one refused was another");

    // A server that refuses everything causes no storm.
    for _ in 0..100 {
        let current = token(&source).await;
        source.invalidate(&current);
    }
    assert_eq!(server.requests(), 2);
    clock.advance(Duration::from_secs(1));
    source.invalidate("token-1");
    assert_eq!(token(&source).await, "token-2");

    let client = Client::new(config(server.url(), at_noon().1)).unwrap();
    let current = client.token(token_request()).await.unwrap();
    client.invalidate_token(current.access_token.expose());
    assert!(client.cached_token(&token_request()).is_none());
}

#[tokio::test]
async fn what_was_done_can_be_counted() {
    let (_server, source, _) = an_hour();
    assert_eq!(source.stats(), CacheStats::default());
    assert!(source.cached_token().is_none());
    source.get_token().await.unwrap();
    source.get_token().await.unwrap();
    source.authorization_header().await.unwrap();
    source.cached_token().unwrap();
    let expected = CacheStats { hits: 3, misses: 1, refreshes: 1, ..Default::default() };
    assert_eq!(source.stats(), expected);
}
