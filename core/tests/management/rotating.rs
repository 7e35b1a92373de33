use std::sync::Mutex;

use stytch_m2m::{
    ClientStatus, Error, ErrorKind, M2MClientWithClientSecret, Secret, UpdateRequest,
};
use stytch_m2m_emulator::{Effect, Operation};

use crate::project::Project;

/// A place to keep a secret in, with an error of its own.
#[derive(Default)]
struct Vault(Mutex<Option<Secret>>);

#[derive(Debug)]
enum VaultError {
    Sealed,
    Api(Error),
}

impl From<Error> for VaultError {
    fn from(error: Error) -> Self {
        Self::Api(error)
    }
}

impl Vault {
    async fn put(&self, secret: Secret) -> Result<(), VaultError> {
        *self.0.lock().unwrap() = Some(secret);
        Ok(())
    }

    fn secret(&self) -> Secret {
        self.0.lock().unwrap().clone().unwrap()
    }
}

async fn assert_only(project: &Project, made: &M2MClientWithClientSecret, secret: &Secret) {
    let id = &made.client.client_id;
    let now = project.client.clients().get(id).await.unwrap().m2m_client;
    assert_eq!(now.next_client_secret_last_four, None);
    project.token(id, secret).await.unwrap();
}

#[tokio::test]
async fn a_whole_rotation_stores_proves_and_ends() {
    let project = Project::start();
    let (made, vault) = (project.create().await, Vault::default());
    let id = &made.client.client_id;
    let ended = project.client.secrets().rotate_with(id, |next| vault.put(next)).await.unwrap();
    assert_eq!(ended.m2m_client.client_id, *id);
    assert_only(&project, &made, &vault.secret()).await;
    let old = project.token(id, &made.client_secret).await.unwrap_err();
    assert_eq!(old.kind(), ErrorKind::Authentication);
}

#[tokio::test]
async fn both_secrets_work_while_the_next_is_stored() {
    let project = Project::start();
    let made = project.create().await;
    let id = &made.client.client_id;
    let store = async |next: Secret| {
        project.token(id, &made.client_secret).await?;
        project.token(id, &next).await?;
        Ok::<_, Error>(())
    };
    project.client.secrets().rotate_with(id, store).await.unwrap();
}

#[tokio::test]
async fn a_failing_store_cancels_and_its_error_comes_through() {
    let project = Project::start();
    let made = project.create().await;
    let store = async |_| Err(VaultError::Sealed);
    let outcome = project.client.secrets().rotate_with(&made.client.client_id, store).await;
    assert!(matches!(outcome, Err(VaultError::Sealed)));
    assert_only(&project, &made, &made.client_secret).await;
}

/// What keeps a token from being fetched with a secret that works, for so many requests.
fn passing_failures() -> Vec<(Effect, u32, ErrorKind)> {
    let body = |status, text: &str| Effect::Status {
        status,
        headers: [("Content-Type".to_owned(), "text/html".to_owned())].into(),
        body: Some(text.to_owned()),
    };
    let refused = r#"{"error": "invalid_client", "status_code": 401, "request_id": "r"}"#;
    vec![
        (Effect::status(429), 3, ErrorKind::RateLimited),
        (Effect::status(503), 3, ErrorKind::Service),
        (Effect::Reset, 3, ErrorKind::Network),
        (Effect::Delay { milliseconds: 700 }, 3, ErrorKind::Timeout),
        (body(200, "<html>maintenance</html>"), 3, ErrorKind::UnexpectedResponse),
        (body(401, refused), 4, ErrorKind::Authentication),
    ]
}

/// An inactive client fetches no token: the error says so, and nothing is tried in vain.
#[tokio::test]
async fn the_next_secret_of_an_inactive_client_is_not_tested() {
    let project = Project::start();
    let (made, vault) = (project.create().await, Vault::default());
    let id = &made.client.client_id;
    let status = |status| UpdateRequest { status: Some(status), ..Default::default() };
    let clients = project.client.clients();
    clients.update(id, status(ClientStatus::Inactive)).await.unwrap();
    let error = match project.client.secrets().rotate_with(id, |next| vault.put(next)).await {
        Err(VaultError::Api(error)) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let recovery = error.details().recovery.as_deref().unwrap();
    assert!(recovery.starts_with("nothing was changed: activate the client"), "{error}");
    assert_eq!(project.count(Operation::Token), 0);
    clients.update(id, status(ClientStatus::Active)).await.unwrap();
    project.client.secrets().rotate_finish(id, &vault.secret()).await.unwrap();
    assert_only(&project, &made, &vault.secret()).await;
}

#[tokio::test]
async fn a_failed_proof_ends_nothing_and_says_how_to_go_on() {
    let project = Project::start();
    for (effect, times, kind) in passing_failures() {
        project.emulator.reset();
        let (made, vault) = (project.create().await, Vault::default());
        let id = &made.client.client_id;
        project.faults(Operation::Token, effect.clone(), times);
        let error = match project.client.secrets().rotate_with(id, |next| vault.put(next)).await {
            Err(VaultError::Api(error)) => error,
            other => panic!("{effect:?}: {other:?}"),
        };
        assert_eq!(error.kind(), kind, "{error:?}");
        let recovery = error.details().recovery.as_deref().unwrap();
        assert!(recovery.contains("still in progress") && recovery.contains("rotate_finish"));
        assert!(error.to_string().contains(recovery), "{error}");
        assert_eq!(project.count(Operation::Rotate), 0, "{effect:?}");
        assert_eq!(project.count(Operation::RotateCancel), 0, "{effect:?}");

        project.emulator.clear_faults();
        project.token(id, &made.client_secret).await.unwrap();
        project.token(id, &vault.secret()).await.unwrap();
        project.client.secrets().rotate_finish(id, &vault.secret()).await.unwrap();
        assert_only(&project, &made, &vault.secret()).await;
    }
}

#[tokio::test]
async fn a_401_of_the_proof_counts_only_when_it_is_repeated() {
    let project = Project::start();
    let made = project.create().await;
    let id = &made.client.client_id;
    let started = project.client.secrets().rotate_start(id).await.unwrap().m2m_client;
    let next = &started.next_client_secret;
    let refused = r#"{"error": "invalid_client", "status_code": 401, "request_id": "r"}"#;
    let effect = Effect::Status { status: 401, headers: [].into(), body: Some(refused.into()) };
    project.faults(Operation::Token, effect, 3);
    project.client.secrets().rotate_finish(id, next).await.unwrap();
    assert_eq!(project.count(Operation::Token), 4);
    assert_only(&project, &made, next).await;
}

#[tokio::test]
async fn the_current_secret_given_as_the_next_one_ends_nothing() {
    let project = Project::start();
    let made = project.create().await;
    let id = &made.client.client_id;
    let secrets = project.client.secrets();
    let started = secrets.rotate_start(id).await.unwrap().m2m_client;
    let error = secrets.rotate_finish(id, &made.client_secret).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.to_string().contains("this is the current secret"), "{error}");
    assert!(error.details().recovery.as_deref().unwrap().contains("rotate_start"), "{error}");
    let counts = [Operation::Token, Operation::Rotate, Operation::RotateCancel];
    assert_eq!(counts.map(|operation| project.count(operation)), [0; 3]);
    project.token(id, &made.client_secret).await.unwrap();
    secrets.rotate_finish(id, &started.next_client_secret).await.unwrap();
    // Repeated, it is as good as done.
    secrets.rotate_finish(id, &started.next_client_secret).await.unwrap();
    assert_eq!(project.count(Operation::Rotate), 1);
}

#[tokio::test]
async fn a_secret_that_merely_ends_like_the_next_one_ends_nothing() {
    let project = Project::start();
    let made = project.create().await;
    let id = &made.client.client_id;
    let secrets = project.client.secrets();
    let started = secrets.rotate_start(id).await.unwrap().m2m_client;
    let pasted = Secret::new(format!("SECRET={}", started.next_client_secret.expose()));
    for _ in 0..2 {
        let error = secrets.rotate_finish(id, &pasted).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        project.token(id, &made.client_secret).await.unwrap();
    }
    secrets.rotate_finish(id, &started.next_client_secret).await.unwrap();
    let error = secrets.rotate_finish(id, &pasted).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication, "nor is it what has ended");
}

#[tokio::test]
async fn a_lost_end_is_resolved_whether_it_happened_or_not() {
    for effect in [Effect::DropAnswer, Effect::MalformedBody, Effect::Reset, Effect::status(500)] {
        let project = Project::start();
        let made = project.create().await;
        let id = &made.client.client_id;
        let started = project.client.secrets().rotate_start(id).await.unwrap().m2m_client;
        project.fault(Operation::Rotate, effect.clone());
        let next = &started.next_client_secret;
        project.client.secrets().rotate_finish(id, next).await.unwrap();
        assert_only(&project, &made, next).await;
        assert!(project.count(Operation::Rotate) <= 2, "{effect:?}");
    }
}

#[tokio::test]
async fn a_rotation_that_is_gone_is_refused() {
    let project = Project::start();
    let made = project.create().await;
    let id = &made.client.client_id;
    let secrets = project.client.secrets();
    let nothing = secrets.rotate(id).await.unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::Conflict);
    // Another rotation than the one that this secret is of.
    let first = secrets.rotate_start(id).await.unwrap().m2m_client.next_client_secret;
    let other = secrets.recover_rotation(id).await.unwrap().m2m_client.next_client_secret;
    let error = secrets.rotate_finish(id, &first).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.to_string().contains("a rotation to another secret is in progress"), "{error}");
    project.token(id, &other).await.unwrap();
    secrets.rotate_cancel(id).await.unwrap();
    let error = secrets.rotate_finish(id, &other).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.to_string().contains("no rotation to this secret is in progress"), "{error}");
    assert!(error.details().recovery.as_deref().unwrap().contains("client_secret_last_four"));
    assert_eq!(project.count(Operation::Rotate), 1);
    assert_only(&project, &made, &made.client_secret).await;
}

/// What a gateway says, whatever the server behind it has done.
#[tokio::test]
async fn a_5xx_to_a_call_that_must_not_be_repeated_leaves_its_outcome_unknown() {
    let project = Project::start();
    let made = project.create().await;
    let (id, secrets) = (&made.client.client_id, project.client.secrets());
    for status in [408, 500, 502, 503, 504, 520] {
        for body in [None, Some("<html>gateway</html>".to_owned())] {
            let effect = Effect::Status { status, headers: [].into(), body };
            for operation in [Operation::RotateStart, Operation::Rotate] {
                project.fault(operation, effect.clone());
            }
            let start = secrets.rotate_start(id).await.unwrap_err();
            let end = secrets.rotate(id).await.unwrap_err();
            for error in [start, end] {
                assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{effect:?}: {error:?}");
                assert_eq!(error.details().status_code, Some(status));
                assert!(error.details().recovery.is_some());
            }
        }
    }
}

#[tokio::test]
async fn a_lost_start_says_so_and_is_recovered() {
    let project = Project::start();
    let made = project.create().await;
    let id = &made.client.client_id;
    project.fault(Operation::RotateStart, Effect::DropAnswer);
    let secrets = project.client.secrets();
    let lost = secrets.rotate_start(id).await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::OutcomeUnknown);
    assert!(lost.details().recovery.as_deref().unwrap().contains("recover_rotation"));
    project.token(id, &made.client_secret).await.unwrap();

    let started = secrets.recover_rotation(id).await.unwrap().m2m_client;
    project.token(id, &made.client_secret).await.unwrap();
    secrets.rotate_finish(id, &started.next_client_secret).await.unwrap();
    assert_only(&project, &made, &started.next_client_secret).await;

    // With nothing under way it is a plain start.
    let again = secrets.recover_rotation(id).await.unwrap().m2m_client;
    project.token(id, &again.next_client_secret).await.unwrap();
}
