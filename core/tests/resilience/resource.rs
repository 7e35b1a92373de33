//! From a resource's refusal to the server that issues its tokens (RFC 9728).

use serde_json::{Value, json};
use stytch_m2m::{ErrorKind, ProtectedResource, Result, TransportConfig};

use crate::issuer::hurried;
use crate::server::{Act, Seen, Server};

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

fn path(seen: &Seen) -> String {
    seen.head.split(' ').nth(1).unwrap().to_owned()
}

fn host(seen: &Seen) -> String {
    let host = seen.head.lines().find_map(|line| line.strip_prefix("host: "));
    format!("http://{}", host.unwrap().trim())
}

/// A resource whose metadata is at `place`, for the resource at `resource`.
fn resource_at(place: &'static str, resource: &'static str) -> Server {
    Server::start(move |seen| match path(seen) == place {
        true => {
            let host = host(seen);
            let document = json!({"resource": format!("{host}{resource}"),
                "authorization_servers": [format!("{host}/as")],
                "scopes_supported": ["read", "write"]});
            Act::json(200, &document.to_string())
        }
        false => Act::json(404, "{}"),
    })
}

async fn discover(url: &str, challenge: &str) -> Result<ProtectedResource> {
    ProtectedResource::discover(url, [challenge], TransportConfig::default()).await
}

#[tokio::test]
async fn metadata_is_found_by_the_challenge_or_at_the_well_known_places() {
    for (place, resource, named, requests) in [
        ("/custom/meta.json", "/mcp", true, 1),
        ("/.well-known/oauth-protected-resource/mcp", "/mcp", false, 1),
        (WELL_KNOWN, "", false, 2),
        (WELL_KNOWN, "/", false, 2),
    ] {
        let server = resource_at(place, resource);
        let url = format!("{}/mcp", server.url());
        let challenge = match named {
            true => format!("Bearer resource_metadata=\"{}{place}\"", server.url()),
            false => "Bearer error=\"invalid_token\"".to_owned(),
        };
        let found = discover(&url, &challenge).await.unwrap();
        assert_eq!(found.resource, format!("{}{resource}", server.url()));
        assert_eq!(found.authorization_servers, [format!("{}/as", server.url())]);
        assert_eq!(found.scopes, ["read", "write"]);
        assert_eq!(server.requests(), requests);
    }
}

#[tokio::test]
async fn the_challenge_says_which_scopes_are_needed() {
    let server = resource_at("/meta", "/mcp");
    let challenge = format!(
        "DPoP algs=\"ES256\", Bearer scope=\"read\", resource_metadata=\"{}/meta\"",
        server.url()
    );
    let found = discover(&format!("{}/mcp", server.url()), &challenge).await.unwrap();
    assert_eq!(found.scopes, ["read"]);
}

#[tokio::test]
async fn a_resource_speaks_for_itself_alone() {
    for (resource, accepted) in [
        ("/mcp", true),
        ("/mcp/", true),
        ("/", true),
        ("/mc", false),
        ("/mcp/deeper", false),
        ("/mcp#part", false),
        ("/mcp?tenant=1", false),
    ] {
        let server = resource_at(WELL_KNOWN, resource);
        let found = discover(&format!("{}/mcp", server.url()), "Bearer").await;
        assert_eq!(found.is_ok(), accepted, "{resource}: {found:?}");
    }
    let other = Server::always(Act::json(
        200,
        &json!({"resource": "https://bank.example/api", "authorization_servers": ["https://as.example"]})
            .to_string(),
    ));
    let error = discover(&format!("{}/mcp", other.url()), "Bearer").await.unwrap_err();
    assert!(error.details().message.contains("of another resource, https://bank.example/api"));
}

#[tokio::test]
async fn addresses_of_a_refusal_are_asked_only_on_its_own_host() {
    let canary = Server::always(Act::json(200, "{}"));
    let server = resource_at(WELL_KNOWN, "/mcp");
    let url = format!("{}/mcp", server.url());
    for place in [
        format!("{}/meta", canary.url()),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "https://another.example/meta".to_owned(),
        "file:///etc/passwd".to_owned(),
        "/relative".to_owned(),
    ] {
        let challenge = format!("Bearer resource_metadata=\"{place}\"");
        let error = discover(&url, &challenge).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{place}");
    }
    assert_eq!((canary.requests(), server.requests()), (0, 0));
}

#[tokio::test]
async fn only_https_servers_or_loopback_beside_loopback_are_handed_on() {
    let with = async |servers: Value| {
        let server = Server::start(move |seen| {
            let document = json!({"resource": host(seen), "authorization_servers": servers});
            Act::json(200, &document.to_string())
        });
        discover(server.url(), "Bearer").await
    };
    let servers = json!(["http://as.example", 7, "https://as.example?a=b", "https://as.example/x"]);
    assert_eq!(with(servers).await.unwrap().authorization_servers, ["https://as.example/x"]);
    for servers in
        [json!([]), json!(null), json!("https://as.example"), json!(["http://as.example"])]
    {
        let error = with(servers).await.unwrap_err();
        assert!(error.details().message.contains("names no authorization server"), "{error}");
    }
}

#[tokio::test]
async fn hostile_metadata_is_refused() {
    let canary = Server::always(Act::json(200, "{}"));
    for act in [
        Act::with(302, &format!("location: {}", canary.url()), ""),
        Act::Answer("200 OK".into(), vec![b' '; 300 << 10]),
        Act::json(200, "[]"),
        Act::json(200, "{}"),
        Act::json(500, "{}"),
        Act::Reset,
    ] {
        let server = Server::always(act);
        assert!(discover(server.url(), "Bearer").await.is_err());
    }
    let slow = Server::always(Act::SlowBody);
    let found = ProtectedResource::discover(slow.url(), ["Bearer"], hurried()).await;
    assert_eq!(found.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(canary.requests(), 0);
    let none = Server::always(Act::json(404, "{}"));
    let error = discover(&format!("{}/a", none.url()), "Bearer").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    for url in ["http://api.example", "api.example", ""] {
        let error = discover(url, "Bearer").await.unwrap_err();
        assert_eq!(error.details().field.as_deref(), Some("url"));
    }
}
