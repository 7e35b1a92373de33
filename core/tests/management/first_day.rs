//! What people tripped over on their first day, which the core decides.

use std::time::Duration;

use stytch_m2m::{
    AuthenticateOptions, Client, ClientConfig, ClientStatus, CreateRequest, ErrorKind,
    InvalidTokenReason as Reason, TokenRequest, TokenSource, TokenSourceConfig, UpdateRequest,
    token_from_authorization_header,
};
use stytch_m2m_emulator::{Effect, Operation};
use tokio::time::timeout;

use crate::project::Project;

/// Client `a` of the project, as one who fetches tokens.
async fn grant(project: &Project, client_id: &str) -> TokenRequest {
    let request = CreateRequest { client_id: Some(client_id.into()), ..Default::default() };
    let made = project.client.clients().create(request).await.unwrap().m2m_client;
    let (client_id, client_secret) = (made.client.client_id, made.client_secret);
    TokenRequest { client_id, client_secret, ..Default::default() }
}

fn deactivation() -> UpdateRequest {
    UpdateRequest { status: Some(ClientStatus::Inactive), ..Default::default() }
}

#[tokio::test]
async fn a_leftover_bearer_is_named_as_such() {
    let project = Project::start();
    let request = grant(&project, "a").await;
    let token = project.client.token(request).await.unwrap().access_token;
    let token = token.expose();
    let options = AuthenticateOptions::default();
    for (left, said) in [
        (format!("Bearer {token}"), "begins with `Bearer `"),
        (format!("bearer  {token}\n"), "begins with `Bearer `"),
        ("Bearer opaque".to_owned(), "begins with `Bearer `"),
        (format!("{token}\n"), "white space"),
        (format!(" {token}"), "white space"),
    ] {
        let error = project.client.authenticate_token(&left, &options).await.unwrap_err();
        assert_eq!(error.details().reason, Some(Reason::Malformed));
        assert!(error.details().message.contains(said), "{error}");
        assert!(!error.to_string().contains(token), "{error}");
    }
    let error = token_from_authorization_header(Some("Bearer Bearer a.b.c")).unwrap_err();
    assert!(error.details().message.contains("`Bearer` twice"), "{error}");
}

#[tokio::test]
async fn a_token_of_another_project_says_that_the_issuer_is_anothers() {
    let (project, other) = (Project::start(), Project::start());
    let request = grant(&other, "a").await;
    let token = other.client.token(request).await.unwrap().access_token;
    let options = AuthenticateOptions::default();
    for warm in [false, true] {
        if warm {
            project.client.verifier().warm_up().await.unwrap();
        }
        let error = project.client.authenticate_token(token.expose(), &options).await.unwrap_err();
        let details = error.details();
        assert_eq!(
            (details.reason, details.claim.as_deref()),
            (Some(Reason::KeyNotFound), Some("iss"))
        );
        let ours = format!("stytch.com/{}", project.client.project_id());
        assert!(
            details.message.contains("another issuer") && details.message.contains(&ours),
            "{error}"
        );
        assert!(!details.message.contains(other.client.project_id()), "unverified, so not quoted");
    }
}

#[tokio::test]
async fn a_wrong_project_id_shows_when_keys_are_fetched() {
    let project = Project::start();
    let wrong = "project-test-00000000-0000-4000-8000-00000000dead";
    let base_url = project.emulator.base_url();
    let config =
        ClientConfig { base_url: Some(base_url.into()), ..ClientConfig::new(wrong, "secret") };
    let client = Client::new(config).unwrap();
    let error = client.verifier().warm_up().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeysUnavailable);
    let message = &error.details().message;
    assert!(message.contains(wrong) && message.ends_with("Check project_id"), "{message}");
    assert_eq!(client.verifier().health()[0].last_failure, Some(ErrorKind::NotFound));
}

#[tokio::test]
async fn a_deleted_or_deactivated_client_has_no_cached_token() {
    let project = Project::start();
    let (gone, idle) = (grant(&project, "gone").await, grant(&project, "idle").await);
    let kept = grant(&project, "kept").await;
    let scoped = TokenRequest { extra: [("audience".into(), "x".into())].into(), ..gone.clone() };
    for request in [&gone, &scoped, &idle, &kept] {
        project.client.token(request.clone()).await.unwrap();
        assert!(project.client.cached_token(request).is_some());
    }
    project.client.clients().delete("gone").await.unwrap();
    project.client.clients().update("idle", deactivation()).await.unwrap();
    for request in [gone, scoped, idle] {
        assert!(project.client.cached_token(&request).is_none());
        let error = project.client.token(request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    }
    assert!(project.client.cached_token(&kept).is_some(), "another client's token stays");
    let renamed = UpdateRequest { client_name: Some("b".into()), ..Default::default() };
    project.client.clients().update("kept", renamed).await.unwrap();
    assert!(project.client.cached_token(&kept).is_some(), "and so does one of a renamed client");
}

#[tokio::test]
async fn a_deleted_client_has_no_cached_token_in_the_whole_process() {
    let (project, other_project) = (Project::start(), Project::start());
    let request = grant(&project, "gone").await;
    let source = |project_id: &str, base_url: &str, client: &TokenRequest| {
        TokenSource::new(TokenSourceConfig {
            project_id: Some(project_id.into()),
            base_url: Some(base_url.into()),
            client_id: client.client_id.clone(),
            client_secret: Some(client.client_secret.clone().into()),
            ..Default::default()
        })
        .unwrap()
    };
    let (project_id, base_url) = (project.emulator.project_id(), project.emulator.base_url());
    let gone = source(project_id, base_url, &request);
    let kept = source(project_id, base_url, &grant(&project, "kept").await);
    let (other_id, other_url) =
        (other_project.emulator.project_id(), other_project.emulator.base_url());
    let namesake = source(other_id, other_url, &grant(&other_project, "gone").await);
    let another_client = Client::new(ClientConfig {
        base_url: Some(base_url.into()),
        ..ClientConfig::new(project_id, project.emulator.secret())
    })
    .unwrap();
    another_client.token(request.clone()).await.unwrap();
    for source in [&gone, &kept, &namesake] {
        source.get_token().await.unwrap();
    }

    project.client.clients().delete("gone").await.unwrap();

    assert!(another_client.cached_token(&request).is_none());
    assert!(gone.cached_token().is_none());
    let error = gone.get_token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    assert!(kept.cached_token().is_some(), "another client's token stays");
    assert!(namesake.cached_token().is_some(), "and so does one of another project's client");
}

#[tokio::test]
async fn a_deletion_that_its_caller_gives_up_drops_the_tokens_too() {
    let project = Project::start();
    let request = grant(&project, "gone").await;
    project.client.token(request.clone()).await.unwrap();
    project.fault(Operation::Delete, Effect::Delay { milliseconds: 5000 });
    let clients = project.client.clients();
    let deletion = clients.delete("gone");
    timeout(Duration::from_millis(200), deletion).await.unwrap_err();
    assert!(project.client.cached_token(&request).is_none());
}
