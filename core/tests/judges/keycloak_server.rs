//! One Keycloak for all tests of this process, with the realms of `tests/judges/keycloak.json`.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use stytch_m2m::{TokenSource, TokenSourceConfig};
use tokio::sync::OnceCell;

use crate::{folder, http, skip};

/// The realm of the tests, and another one.
pub(crate) const REALM: &str = "orders";
pub(crate) const OTHER_REALM: &str = "payments";
/// A Java virtual machine on a busy machine takes a minute.
const DEADLINE: Duration = Duration::from_secs(300);
const ADMIN: &str = "admin";

/// The process ends when its standard input does: at the end of this process, however that ends.
pub(crate) struct Keycloak {
    _process: Child,
    url: String,
    secret: String,
}

/// `None` where it is not installed.
pub(crate) async fn keycloak() -> Option<&'static Keycloak> {
    static STARTED: OnceCell<Option<Keycloak>> = OnceCell::const_new();
    STARTED.get_or_init(start).await.as_ref()
}

async fn start() -> Option<Keycloak> {
    let Some(home) = env::var_os("STYTCH_M2M_TEST_KEYCLOAK") else {
        skip("no Keycloak in STYTCH_M2M_TEST_KEYCLOAK, which cargo xtask test sets");
        return None;
    };
    let mut random = [0; 16];
    aws_lc_rs::rand::fill(&mut random).unwrap();
    let secret = format!("{:032x}", u128::from_be_bytes(random));
    let mut process = Command::new("sh")
        .arg(folder().join("keycloak.sh"))
        .arg(home)
        .env("KC_BOOTSTRAP_ADMIN_CLIENT_ID", ADMIN)
        .env("KC_BOOTSTRAP_ADMIN_CLIENT_SECRET", &secret)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = process.stdout.take().unwrap();
    let (sender, lines) = channel();
    thread::spawn(move || {
        // To the end, so that the server can always write.
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let url = url_in(&lines);
    let keycloak = Keycloak { _process: process, url, secret };
    let realm = fs::read_to_string(folder().join("keycloak.json")).unwrap();
    let mut realm: Value = serde_json::from_str(&realm).unwrap();
    keycloak.warm_up("master").await;
    for name in [REALM, OTHER_REALM] {
        realm["realm"] = json!(name);
        keycloak.administer("", &realm).await;
        keycloak.warm_up(name).await;
    }
    Some(keycloak)
}

/// The address in the server's log.
fn url_in(lines: &Receiver<String>) -> String {
    let (started, mut log) = (Instant::now(), String::new());
    loop {
        let line = match lines.recv_timeout(DEADLINE.saturating_sub(started.elapsed())) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => panic!("Keycloak takes more than 5 min:\n{log}"),
            Err(RecvTimeoutError::Disconnected) => panic!("Keycloak did not start:\n{log}"),
        };
        if let Some((_, url)) = line.split_once("Listening on: ") {
            println!("Keycloak started in {:?}", started.elapsed());
            return url.trim().trim_end_matches('.').to_owned();
        }
        log.push_str(&line);
        log.push('\n');
    }
}

impl Keycloak {
    pub(crate) fn issuer(&self, realm: &str) -> String {
        format!("{}/realms/{realm}", self.url)
    }

    pub(crate) fn token_url(&self, realm: &str) -> String {
        format!("{}/protocol/openid-connect/token", self.issuer(realm))
    }

    /// Waits for the first documents, which can take longer than a verifier waits for them.
    async fn warm_up(&self, realm: &str) {
        let url = format!("{}/.well-known/openid-configuration", self.issuer(realm));
        let document = http::json(http::client().get(url)).await;
        http::json(http::client().get(http::text(&document, "jwks_uri"))).await;
    }

    /// Creates something by the admin API. Its tokens, too, are fetched by discovery.
    pub(crate) async fn administer(&self, path: &str, body: &Value) {
        let source = TokenSource::new(TokenSourceConfig {
            issuer: Some(self.issuer("master")),
            client_id: ADMIN.to_owned(),
            client_secret: Some(self.secret.as_str().into()),
            ..Default::default()
        });
        let token = source.unwrap().get_token().await.unwrap();
        let request = http::client().post(format!("{}/admin/realms{path}", self.url)).json(body);
        http::json(request.bearer_auth(token.access_token.expose())).await;
    }

    /// The answer of the token endpoint to a request that this crate never sends.
    pub(crate) async fn tokens(
        &self,
        client: (&str, Option<&str>),
        form: &[(&str, &str)],
    ) -> Value {
        let request = http::client().post(self.token_url(REALM));
        let (client_id, secret) = client;
        let mut form = form.to_vec();
        form.push(("client_id", client_id));
        form.extend(secret.map(|secret| ("client_secret", secret)));
        http::json(request.form(&form)).await
    }
}
