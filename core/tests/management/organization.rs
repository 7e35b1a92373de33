use std::time::Duration;

use stytch_m2m::{ErrorKind, OrganizationClient, OrganizationConfig, Secret};
use stytch_m2m_emulator::{Effect, Operation};

use crate::project::{Project, hurried};

fn organization(project: &Project) -> OrganizationClient {
    let authorization = format!("Bearer {}", project.emulator.organization().authorization);
    OrganizationClient::new(OrganizationConfig {
        base_url: project.emulator.base_url().into(),
        authorization: authorization.into(),
        transport: hurried(),
    })
    .unwrap()
}

#[tokio::test]
async fn it_tells_the_credential_and_fetches_one_token_for_many_calls() {
    let project = Project::start();
    let organization = organization(&project);
    let expected = project.emulator.organization();
    assert_eq!(organization.client_id().await.unwrap(), expected.client_id);
    assert_eq!(organization.client_secret().await.unwrap(), Secret::from(expected.client_secret));

    assert_eq!(organization.cached_token(), None);
    let calls = (0..50).map(|_| organization.token(false));
    let tokens = futures_util::future::try_join_all(calls).await.unwrap();
    assert!(tokens.iter().all(|token| token.access_token == tokens[0].access_token));
    assert_eq!(tokens[0].token_type, "Bearer");
    assert!(tokens[0].expires_in > 86_000);
    assert_eq!(project.count(Operation::OrganizationToken), 1);
    assert_eq!(organization.cached_token().unwrap().access_token, tokens[0].access_token);

    organization.token(true).await.unwrap();
    assert_eq!(project.count(Operation::OrganizationToken), 2);
    assert_eq!(organization.stats().refreshes, 2);
    // Once by the call above, and once for the token.
    assert_eq!(project.count(Operation::OrganizationClientSecret), 2);
}

#[tokio::test]
async fn a_rotation_takes_effect_at_once() {
    let project = Project::start();
    let organization = organization(&project);
    let old = organization.client_secret().await.unwrap();
    organization.token(false).await.unwrap();
    let new = organization.rotate().await.unwrap();
    assert_ne!(new, old);
    assert_eq!(organization.client_secret().await.unwrap(), new);
    assert_eq!(organization.cached_token(), None, "the cached token is dropped");
    organization.token(false).await.unwrap();
    assert_eq!(project.count(Operation::OrganizationToken), 2);
}

#[tokio::test]
async fn a_rotation_by_somebody_else_is_noticed() {
    let project = Project::start();
    let (ours, theirs) = (organization(&project), organization(&project));
    ours.token(false).await.unwrap();
    theirs.rotate().await.unwrap();
    ours.token(true).await.unwrap();
    assert_eq!(project.count(Operation::OrganizationClientSecret), 2);
}

#[tokio::test]
async fn a_credential_that_stays_refused_is_not_read_again_and_again() {
    let project = Project::start();
    let organization = organization(&project);
    let refused = r#"{"error": "invalid_client", "status_code": 401, "request_id": "r"}"#;
    let effect = Effect::Status { status: 401, headers: [].into(), body: Some(refused.into()) };
    project.faults(Operation::OrganizationToken, effect, 99);
    for _ in 0..20 {
        let error = organization.token(false).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
    }
    assert_eq!(project.count(Operation::OrganizationToken), 1);
    assert_eq!(project.count(Operation::OrganizationClientSecret), 2);
}

#[tokio::test]
async fn a_lost_rotation_says_so_and_the_next_token_has_the_new_secret() {
    let project = Project::start();
    let organization = organization(&project);
    organization.token(false).await.unwrap();
    for effect in [Effect::DropAnswer, Effect::status(503), Effect::status(502)] {
        let before = project.count(Operation::OrganizationRotate);
        project.fault(Operation::OrganizationRotate, effect);
        let error = organization.rotate().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
        assert!(error.details().recovery.as_deref().unwrap().contains("client_secret"));
        assert_eq!(project.count(Operation::OrganizationRotate), before + 1);
        organization.token(false).await.unwrap();
    }
}

#[tokio::test]
async fn reads_survive_faults_and_refusals_are_typed() {
    let project = Project::start();
    let organization = organization(&project);
    project.fault(Operation::OrganizationClientId, Effect::Reset);
    project.fault(Operation::OrganizationClientSecret, Effect::status(503));
    project.fault(Operation::OrganizationToken, Effect::status(500));
    organization.token(false).await.unwrap();

    let wrong = OrganizationClient::new(OrganizationConfig {
        base_url: project.emulator.base_url().into(),
        authorization: "Bearer canary-authorization".into(),
        transport: hurried(),
    })
    .unwrap();
    let error = wrong.token(false).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(!format!("{error:?} {wrong:?}").contains("canary"));
    assert!(format!("{wrong:?}").contains(project.emulator.base_url()));
    assert_eq!(wrong.rotate().await.unwrap_err().kind(), ErrorKind::Authentication);
}

#[tokio::test]
async fn what_is_no_refusal_of_the_credential_changes_nothing() {
    let project = Project::start();
    let organization = organization(&project);
    let first = organization.token(false).await.unwrap();
    project.faults(Operation::OrganizationToken, Effect::status(503), 9);
    let error = organization.token(true).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Service);
    assert_eq!(project.count(Operation::OrganizationClientSecret), 1, "it is not read again");

    project.fault(Operation::OrganizationRotate, Effect::status(400));
    let error = organization.rotate().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(organization.cached_token().unwrap().access_token, first.access_token);
}

#[tokio::test]
async fn after_a_lost_rotation_the_old_token_is_not_handed_out() {
    let project = Project::start();
    let organization = organization(&project);
    organization.token(false).await.unwrap();
    project.fault(Operation::OrganizationRotate, Effect::Reset);
    organization.rotate().await.unwrap_err();
    assert_eq!(organization.cached_token(), None);
}

/// Servers call these from tasks that move between threads.
#[tokio::test]
async fn every_call_can_be_spawned() {
    fn spawnable<F: Future + Send>(_: F) {}
    let project = Project::start();
    let organization = organization(&project);
    spawnable(organization.token(false));
    spawnable(organization.rotate());
    let secrets = project.client.secrets();
    spawnable(secrets.recover_rotation("x"));
    spawnable(secrets.rotate_finish("x", &Secret::from("y")));
    spawnable(secrets.rotate_with("x", async |_| Ok::<_, stytch_m2m::Error>(())));
    spawnable(project.client.clients().create(stytch_m2m::CreateRequest::default()));
}

#[test]
fn wrong_settings_name_their_field() {
    let field = |base_url: &str, authorization: &str| {
        let transport = hurried();
        let (base_url, authorization) = (base_url.into(), authorization.into());
        let config = OrganizationConfig { base_url, authorization, transport };
        OrganizationClient::new(config).unwrap_err().details().field.clone().unwrap()
    };
    assert_eq!(field("http://api.example.com", "Bearer x"), "base_url");
    assert_eq!(field("", "Bearer x"), "base_url");
    assert_eq!(field("https://api.example.com", ""), "authorization");
    assert_eq!(field("https://api.example.com", "Bearer x\r\nHost: y"), "authorization");
    let mut slow = hurried();
    slow.total_timeout = Duration::ZERO;
    let config = OrganizationConfig {
        base_url: "https://api.example.com".into(),
        authorization: "x".into(),
        transport: slow,
    };
    assert!(OrganizationClient::new(config).is_err());
}
