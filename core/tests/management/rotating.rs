use std::sync::Mutex;

use stytch_m2m::{Error, ErrorKind, M2MClientWithClientSecret, Secret};
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

#[tokio::test]
async fn a_failing_proof_cancels_and_the_old_secret_stays() {
    let project = Project::start();
    let (made, vault) = (project.create().await, Vault::default());
    let refused = r#"{"error": "invalid_client", "status_code": 401, "request_id": "r"}"#;
    let effect = Effect::Status { status: 401, headers: [].into(), body: Some(refused.into()) };
    project.fault(Operation::Token, effect);
    let id = &made.client.client_id;
    match project.client.secrets().rotate_with(id, |next| vault.put(next)).await {
        Err(VaultError::Api(e)) => assert_eq!(e.kind(), ErrorKind::Authentication),
        other => panic!("{other:?}"),
    }
    assert_only(&project, &made, &made.client_secret).await;
    assert_eq!(project.count(Operation::Rotate), 0);
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
async fn an_end_that_cannot_be_resolved_says_so_and_leaves_the_next_secret_working() {
    let project = Project::start();
    let (made, vault) = (project.create().await, Vault::default());
    let id = &made.client.client_id;
    project.fault(Operation::Rotate, Effect::DropAnswer);
    project.faults(Operation::Get, Effect::Reset, 9);
    match project.client.secrets().rotate_with(id, |next| vault.put(next)).await {
        Err(VaultError::Api(e)) => assert_eq!(e.kind(), ErrorKind::OutcomeUnknown),
        other => panic!("{other:?}"),
    }
    project.token(id, &vault.secret()).await.unwrap();
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
    assert_eq!(error.kind(), ErrorKind::Authentication, "the dropped secret does not prove itself");
    assert_eq!(project.token(id, &other).await.unwrap_err().kind(), ErrorKind::Authentication);
    assert_only(&project, &made, &made.client_secret).await;
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
