//! Log handlers that themselves use the client that logs.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::time::Duration;

use stytch_m2m::{Client, TokenSource, TokenSourceConfig};
use tokio::runtime::Handle;
use tracing_subscriber::filter::LevelFilter;

use crate::issuer::{Key, PROJECT, config, hurried, jwks};
use crate::server::{Act, Server};

/// What the handler uses for each line that it is given.
struct Used {
    client: Client,
    source: TokenSource,
    token: String,
    lines: AtomicUsize,
}

#[derive(Clone)]
struct Handler(Arc<OnceLock<Used>>);

impl Write for Handler {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        if let (Some(used), Ok(runtime)) = (self.0.get(), Handle::try_current()) {
            used.lines.fetch_add(1, Ordering::SeqCst);
            let _ = used.source.cached_token();
            let _ = used.client.verifier().health();
            let _ = used.client.verifier().authenticate_token_now(&used.token, &Default::default());
            // As a handler does that sends the line somewhere, with a token.
            tokio::task::block_in_place(|| {
                let _ = runtime.block_on(used.source.get_token());
            });
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_log_handler_that_asks_for_a_token_or_verifies_one_does_not_deadlock() {
    let used = Arc::<OnceLock<Used>>::default();
    let handler = Handler(Arc::clone(&used));
    let (done, finished) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(4)
            .enable_all()
            .on_thread_start(move || {
                let handler = handler.clone();
                let log = tracing_subscriber::fmt()
                    .with_max_level(LevelFilter::DEBUG)
                    .with_writer(move || handler.clone())
                    .finish();
                std::mem::forget(tracing::subscriber::set_default(log));
            })
            .build()
            .unwrap();
        let talk = runtime.spawn(async move { talk(&used).await });
        done.send(runtime.block_on(talk).unwrap()).unwrap();
    });
    let lines = finished.recv_timeout(Duration::from_secs(30)).expect("it hangs");
    assert!(lines > 10, "{lines} lines");
}

/// Fetches that succeed, that are repeated, and that fail. Returns how many lines were logged.
async fn talk(used: &OnceLock<Used>) -> usize {
    let key = Key::generate("known");
    let keys = Server::always(Act::json(200, &jwks(&[&key])));
    let granted = r#"{"access_token":"t","token_type":"bearer","expires_in":3600}"#;
    let tokens = Server::always(Act::json(200, granted));
    let client = Client::new(config(keys.url(), hurried())).unwrap();
    let source = TokenSource::new(TokenSourceConfig {
        project_id: Some(PROJECT.into()),
        base_url: Some(tokens.url().into()),
        client_id: "m2m-client-test-1".into(),
        client_secret: Some("client-secret-canary".into()),
        transport: hurried(),
        ..Default::default()
    })
    .unwrap();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() as i64;
    let token = key.token(now);
    let used = used.get_or_init(|| Used { client, source, token, lines: AtomicUsize::new(0) });
    for act in [Act::Reset, Act::json(503, ""), Act::json(400, "{}")] {
        tokens.does_once(act.clone());
        keys.does_once(act);
        let options = Default::default();
        let verified = used.client.authenticate_token(&used.token, &options);
        let (_, _) = tokio::join!(used.source.get_token(), verified);
        used.source.invalidate("t");
    }
    used.lines.load(Ordering::SeqCst)
}
