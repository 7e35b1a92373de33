use serde_json::json;
use stytch_m2m::{CreateRequest, Error, ErrorKind, SearchRequest, Secret};
use stytch_m2m_emulator::{Effect, Operation};

use crate::project::Project;

const RUNS: usize = 200;
/// Emulators that share the runs.
const PROJECTS: usize = 20;

/// What goes wrong with one request, of every kind that the emulator knows.
fn effects() -> Vec<Effect> {
    let status = |status, headers: &[(&str, &str)], body: &str| Effect::Status {
        status,
        headers: headers.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
        body: Some(body.into()),
    };
    vec![
        Effect::DropAnswer,
        Effect::MalformedBody,
        Effect::Reset,
        Effect::Delay { milliseconds: 700 },
        Effect::status(500),
        Effect::status(503),
        Effect::rate_limited(0),
        status(502, &[("Content-Type", "text/html")], "<html>bad gateway</html>"),
        status(307, &[("Location", "http://127.0.0.1:1/")], ""),
        status(200, &[], "{\"m2m_client\":"),
        status(200, &[("Content-Encoding", "gzip")], "not gzip"),
    ]
}

fn named(name: &str) -> CreateRequest {
    CreateRequest {
        scopes: vec!["write:x".into(), "read:x".into()],
        client_name: Some(name.into()),
        ..Default::default()
    }
}

fn idempotent(name: &str) -> CreateRequest {
    CreateRequest { idempotent: true, ..named(name) }
}

fn imported(id: &str, secret: &str) -> CreateRequest {
    CreateRequest {
        client_id: Some(id.into()),
        client_secret: Some(secret.into()),
        ..named("imported")
    }
}

async fn clients(project: &Project) -> Vec<stytch_m2m::M2MClient> {
    project.client.clients().search(SearchRequest::default()).await.unwrap().m2m_clients
}

#[tokio::test]
async fn an_idempotent_create_makes_the_id_and_the_secret_itself() {
    let project = Project::start();
    let made = project.client.clients().create(idempotent("a")).await.unwrap().m2m_client;
    let id = made.client.client_id.as_str();
    let uuid = id.strip_prefix("m2m-client-test-").unwrap();
    assert_eq!(uuid.len(), 36);
    assert_eq!(made.client_secret.expose().len(), 44);
    project.token(id, &made.client_secret).await.unwrap();

    let live = stytch_m2m::ClientConfig {
        base_url: Some("http://127.0.0.1:1".into()),
        ..stytch_m2m::ClientConfig::new("project-live-1", "x")
    };
    let live = stytch_m2m::Client::new(live).unwrap();
    let error = live.clients().create(idempotent("a")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network, "nothing was sent: {error}");
}

/// Each run meets two faults in a row on the create, and one on the look that follows.
#[tokio::test(flavor = "multi_thread")]
async fn an_idempotent_create_leaves_exactly_one_client_under_every_fault() {
    let runs = async |project: Project, first: usize| {
        let effects = effects();
        let pick = |n: usize| effects[n % effects.len()].clone();
        for run in (first..RUNS).step_by(PROJECTS) {
            project.emulator.reset();
            project.fault(Operation::Create, pick(run));
            project.fault(Operation::Create, pick(run / effects.len()));
            project.fault(Operation::Get, pick(run * 7 + 3));
            let made = project.client.clients().create(idempotent("worker")).await;
            project.emulator.clear_faults();
            let made = made.unwrap_or_else(|e| panic!("run {run}: {e:?}")).m2m_client;
            let found = clients(&project).await;
            assert_eq!(found, std::slice::from_ref(&made.client), "run {run}");
            project.token(&made.client.client_id, &made.client_secret).await.unwrap();
        }
    };
    let tasks = (0..PROJECTS).map(|first| tokio::spawn(runs(Project::start(), first)));
    for task in futures_util::future::join_all(tasks).await {
        task.unwrap();
    }
    println!("idempotent create: {RUNS} runs under faults, one client each");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_create_leaves_at_most_one_client_and_says_that_it_does_not_know() {
    let project = Project::start();
    for effect in effects() {
        project.emulator.reset();
        project.fault(Operation::Create, effect.clone());
        let outcome = project.client.clients().create(named("worker")).await;
        let found = clients(&project).await;
        match outcome {
            Ok(made) => assert_eq!(found, [made.m2m_client.client], "{effect:?}"),
            Err(e) => {
                assert_eq!(e.kind(), ErrorKind::OutcomeUnknown, "{effect:?}: {e}");
                assert!(e.details().recovery.as_deref().unwrap().contains("search"), "{e}");
                assert!(found.len() <= 1, "{effect:?}");
            }
        }
        assert!(project.count(Operation::Create) <= 2, "{effect:?}");
    }
}

#[tokio::test]
async fn an_import_whose_answer_was_lost_is_resolved() {
    let project = Project::start();
    project.fault(Operation::Create, Effect::DropAnswer);
    let request = imported("legacy-1", "a-secret-of-old-times");
    let made = project.client.clients().create(request.clone()).await.unwrap().m2m_client;
    assert_eq!(made.client.client_id, "legacy-1");
    assert_eq!(made.client_secret, Secret::from("a-secret-of-old-times"));
    assert_eq!(project.count(Operation::Create), 1);
    assert_eq!(clients(&project).await.len(), 1);

    // Without a lost answer, an id that is taken is a conflict, equal or not.
    let again = project.client.clients().create(request.clone()).await.unwrap_err();
    assert_eq!(again.details().error_type.as_deref(), Some("duplicate_m2m_client_id"));
    // Unless the caller wants to be able to repeat it.
    let request = CreateRequest { idempotent: true, ..request };
    let again = project.client.clients().create(request).await.unwrap().m2m_client;
    assert_eq!(again, made);
}

#[tokio::test]
async fn another_client_with_that_id_is_a_clear_conflict() {
    let project = Project::start();
    let first = imported("legacy-1", "a-secret-of-old-times");
    project.client.clients().create(first.clone()).await.unwrap();
    let others = [
        imported("legacy-1", "another-secret-of-mine"),
        CreateRequest { client_name: Some("other".into()), ..first.clone() },
        CreateRequest { scopes: vec!["read:x".into()], ..first },
    ];
    for other in others {
        let error = |e: Error| {
            assert_eq!(e.kind(), ErrorKind::Conflict, "{e}");
            assert!(e.details().message.contains("legacy-1"), "{e}");
            assert!(!format!("{e:?}").contains("secret-of-mine"));
        };
        let request = CreateRequest { idempotent: true, ..other.clone() };
        error(project.client.clients().create(request).await.unwrap_err());
        project.fault(Operation::Create, Effect::Reset);
        error(project.client.clients().create(other).await.unwrap_err());
    }
    assert_eq!(clients(&project).await.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_resolved_names_the_client_to_look_for() {
    let project = Project::start();
    project.faults(Operation::Create, Effect::DropAnswer, 9);
    project.faults(Operation::Get, Effect::status(503), 9);
    let error = project.client.clients().create(idempotent("a")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    project.emulator.clear_faults();
    let found = clients(&project).await;
    let recovery = error.details().recovery.as_deref().unwrap();
    assert!(recovery.contains(&found[0].client_id), "{error}");
    assert!(!recovery.contains("same id and secret"), "nobody has the secret: {recovery}");
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn metadata_comes_back_as_it_was_sent() {
    let project = Project::start();
    let made = project.create().await;
    assert_eq!(made.client.trusted_metadata, Some(serde_json::Map::new()));
    let metadata = json!({"a": {"b": 1}}).as_object().cloned();
    let request = CreateRequest { trusted_metadata: metadata.clone(), ..named("m") };
    let made = project.client.clients().create(request).await.unwrap().m2m_client;
    assert_eq!(made.client.trusted_metadata, metadata);
}
