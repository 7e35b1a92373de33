//! A server that repeats what it was sent puts no secret into an error, and no text of a server is
//! long or can be taken for another.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use stytch_m2m::{Client, ClientConfig, CreateRequest, Error, TokenRequest};

use crate::issuer::{PROJECT, config, hurried};
use crate::server::{Act, Seen, Server};

/// Characters that each encoding writes in another way.
const CLIENT: &str = "cl1ent+canary/with=&<signs>\"quoted\"%and spaces~'once";
const MANAGEMENT: &str = "pr0ject+canary/with=&<signs>\"quoted\"%and spaces~'once";
/// So much of a secret, in any form, is a leak.
const RUN: usize = 8;
const STATUSES: [u16; 2] = [200, 400];
/// What [`repeated`] returns.
const FORMS: usize = 27;

static PARTS: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| [CLIENT, MANAGEMENT].into_iter().flat_map(parts).collect());

/// What was sent, in each form in which a server could repeat it.
fn repeated(seen: &Seen) -> Vec<String> {
    let authorization =
        seen.head.lines().find(|line| line.to_lowercase().starts_with("authorization"));
    let authorization = authorization.map_or("", |line| line.split_once(": ").unwrap().1);
    let pair = STANDARD.decode(authorization.trim_start_matches("Basic ")).unwrap_or_default();
    let pair = String::from_utf8(pair).unwrap();
    let percent =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let html = |text: &str| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        text.replace('"', "&quot;").replace('\'', "&#39;")
    };
    [authorization, &pair, &seen.body]
        .into_iter()
        .flat_map(|text| {
            [
                text.to_owned(),
                percent(text),
                percent(text).replace('+', "%20").to_lowercase(),
                serde_json::to_string(text).unwrap(),
                html(text),
                STANDARD.encode(text),
                URL_SAFE_NO_PAD.encode(format!("x{text}")),
                URL_SAFE_NO_PAD.encode(format!("xy{text}")),
                // Cut off, as logs do.
                text.chars().take(40).collect(),
            ]
        })
        .collect()
}

/// Parts of a secret, raw and in the encodings, that must be nowhere.
fn parts(secret: &str) -> Vec<String> {
    let percent: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let raw = secret.to_owned();
    let json = serde_json::to_string(secret).unwrap();
    let mut forms = vec![raw, percent.to_lowercase(), percent, json.trim_matches('"').to_owned()];
    for before in ["", "x", "xy"] {
        let text = STANDARD.encode(format!("{before}{secret}"));
        // Without what depends on the neighbours.
        forms.push(text[4..text.len() - 4].to_owned());
    }
    let windows = forms.iter().flat_map(|form| {
        let form: Vec<char> = form.chars().collect();
        form.windows(RUN).map(|run| run.iter().collect::<String>()).collect::<Vec<_>>()
    });
    windows.collect()
}

fn check(error: &Error, shape: &str) {
    let shown = format!("{error} {error:?}");
    // `Debug` escapes once more.
    let d = error.details();
    let fields = [Some(d.message.clone()), d.error_message.clone(), d.error_url.clone()];
    let more = [d.error_type.clone(), d.request_id.clone(), d.recovery.clone(), Some(shown)];
    for text in fields.into_iter().chain(more).flatten() {
        for part in PARTS.iter() {
            assert!(!text.contains(part), "{shape}: {part} is in {text}");
        }
    }
}

fn settings(url: &str) -> ClientConfig {
    ClientConfig { secret: Some(MANAGEMENT.into()), ..config(url, hurried()) }
}

#[tokio::test]
async fn a_server_that_repeats_the_request_puts_no_secret_into_an_error() {
    type Shape = fn(&str) -> String;
    let shapes: [(&str, Shape); 9] = [
        ("error_message", |text| json!({"error_type": "x", "error_message": text}).to_string()),
        ("error_type", |text| json!({"error_type": text}).to_string()),
        ("error_url", |text| json!({"error_type": "x", "error_url": text}).to_string()),
        ("request_id", |text| json!({"error_type": "x", "request_id": text}).to_string()),
        ("error", |text| json!({"error": text}).to_string()),
        ("error_description", |text| json!({"error": "x", "error_description": text}).to_string()),
        ("error_uri", |text| json!({"error": "x", "error_uri": text}).to_string()),
        ("a page", |text| format!("<html>{text}</html>")),
        ("a token's answer", |text| {
            json!({"access_token": "", "token_type": text, "request_id": text}).to_string()
        }),
    ];
    for (shape, body) in shapes {
        let next = Arc::new(AtomicUsize::new(0));
        let asked = Arc::clone(&next);
        let server = Server::start(move |seen| {
            let next = asked.load(Ordering::SeqCst);
            let text = repeated(seen)[next / STATUSES.len()].clone();
            // What a header can hold.
            let id: String = text.chars().filter(|c| *c >= ' ').take(120).collect();
            let headers = format!("x-request-id: {id}\r\ncontent-type: {id}");
            Act::with(STATUSES[next % STATUSES.len()], &headers, &body(&text))
        });
        let client = Client::new(settings(server.url())).unwrap();
        for number in 0..FORMS * STATUSES.len() {
            next.store(number, Ordering::SeqCst);
            let grant = TokenRequest {
                client_id: "m2m-client-test-1".into(),
                client_secret: CLIENT.into(),
                force_refresh: true,
                ..Default::default()
            };
            check(&client.token(grant).await.unwrap_err(), shape);
            let create = CreateRequest { client_secret: Some(CLIENT.into()), ..Default::default() };
            check(&client.clients().create(create).await.unwrap_err(), shape);
        }
    }
}

#[tokio::test]
async fn a_servers_text_is_short_and_holds_nothing_that_deceives() {
    let text = format!(
        "a\nfalse line\t\u{1b}[31m\u{9b}2J\u{202e}desrever\u{2028}{}",
        "long ".repeat(9000)
    );
    let body = json!({
        "error_type": text, "error_message": text, "error_url": text, "request_id": text,
    });
    let server = Server::always(Act::json(400, &body.to_string()));
    let error = Client::new(settings(server.url())).unwrap().clients().get(PROJECT).await;
    let details = error.unwrap_err().into_details();
    let fields = [details.error_type, details.error_message, details.error_url, details.request_id];
    for text in fields.into_iter().flatten().chain([details.message]) {
        assert!(text.len() <= 1024, "{}", text.len());
        assert!(
            text.starts_with(r"a\nfalse line\t\u{1b}[31m\u{9b}2J\u{202e}desrever\u{2028}long"),
            "{text}"
        );
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
}
