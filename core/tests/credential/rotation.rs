//! A rotation under load: no caller sees a refusal.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use stytch_m2m::{Client, ClientConfig, CreateRequest, Secret, SecretSource, TokenSourceConfig};
use stytch_m2m_emulator::Emulator;

use crate::token_endpoint::Caller;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sources_go_on_through_rotations_without_a_refused_call() {
    let emulator = Emulator::start().unwrap();
    let client = Client::new(ClientConfig {
        base_url: Some(emulator.base_url().into()),
        ..ClientConfig::new(emulator.project_id(), emulator.secret())
    })
    .unwrap();
    let request = CreateRequest { scopes: vec!["a:b".into()], ..Default::default() };
    let made = client.clients().create(request).await.unwrap().m2m_client;
    let (id, first) = (made.client.client_id, made.client_secret);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secret");
    fs::write(&path, first.expose()).unwrap();

    let vault = path.clone();
    let from_vault = SecretSource::function(move || {
        let read = fs::read_to_string(&vault).map(Secret::new);
        async move { read }
    });
    let settings = || TokenSourceConfig {
        project_id: Some(emulator.project_id().into()),
        base_url: Some(emulator.base_url().into()),
        client_id: id.clone(),
        ..Default::default()
    };
    let by = |secret| Caller::new(TokenSourceConfig { client_secret: Some(secret), ..settings() });
    let sources = (0..10).flat_map(|_| [by(SecretSource::file(&path)), by(from_vault.clone())]);

    let (done, fetched) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let callers: Vec<_> = sources
        .map(|caller| {
            let (done, fetched) = (Arc::clone(&done), Arc::clone(&fetched));
            tokio::spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    caller.another().await?;
                    fetched.fetch_add(1, Ordering::SeqCst);
                }
                Ok::<_, stytch_m2m::Error>(())
            })
        })
        .collect();
    for _ in 0..10 {
        let before = fetched.load(Ordering::SeqCst);
        // As careful writers do: another file takes the place of the old one.
        let store = async |next: Secret| {
            let written = dir.path().join("next");
            fs::write(&written, next.expose()).unwrap();
            fs::rename(written, &path).unwrap();
            Ok::<_, stytch_m2m::Error>(())
        };
        client.secrets().rotate_with(&id, store).await.unwrap();
        crate::issuer::eventually(|| fetched.load(Ordering::SeqCst) > before + 20).await;
    }
    done.store(true, Ordering::SeqCst);
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    println!("{} tokens over 10 rotations", fetched.load(Ordering::SeqCst));
}
