//! Keycloak 26, verified with nothing but the issuer's name.

use serde_json::{Value, json};
use stytch_m2m::{
    Algorithm, AuthenticateOptions, Error, ErrorKind, InvalidTokenReason, IssuerConfig,
    TokenSource, TokenSourceConfig, TokenVerifier, TokenVerifierConfig,
};

use crate::http::text;
use crate::keycloak_server::{Keycloak, OTHER_REALM, REALM, keycloak};
use crate::keys::key;
use crate::{SECRET, of, verified};

const API: &str = "orders-api";
const PASSWORD: [(&str, &str); 4] = [
    ("grant_type", "password"),
    ("username", "ada"),
    ("password", "a password+of %:/=&"),
    ("scope", "openid"),
];
const JOB: (&str, Option<&str>) = ("job", Some(SECRET));

/// A token that this crate's own client gets, by discovery alone.
async fn token(issuer: String, config: TokenSourceConfig) -> Result<String, Error> {
    let source = TokenSource::new(TokenSourceConfig { issuer: Some(issuer), ..config }).unwrap();
    source.get_token().await.map(|token| token.access_token.expose().to_owned())
}

fn with_secret(client_id: &str, secret: &str) -> TokenSourceConfig {
    TokenSourceConfig { client_secret: Some(secret.into()), ..of(client_id) }
}

fn preset(keycloak: &Keycloak, audience: &str) -> IssuerConfig {
    IssuerConfig::keycloak(&keycloak.issuer(REALM), audience).unwrap()
}

#[tokio::test]
async fn a_service_account_is_verified_by_discovery_alone() {
    let Some(keycloak) = keycloak().await else { return };
    let issuer = keycloak.issuer(REALM);
    let token = token(issuer.clone(), with_secret("job", SECRET)).await.unwrap();
    let claims = verified(preset(keycloak, API), &token).await.unwrap();
    assert_eq!(claims.client_id, "job");
    assert_ne!(claims.subject(), Some("job"));
    let mut scopes = claims.scopes.clone();
    scopes.sort_unstable();
    assert_eq!(scopes, ["email", "profile", "read"]);
    // The roles of another API of this realm count for that API alone.
    let claims = verified(preset(keycloak, "billing-api"), &token).await.unwrap();
    assert!(
        claims.scopes.contains(&"pay".to_owned()) && !claims.scopes.contains(&"read".to_owned())
    );
    let any = IssuerConfig::discover(&issuer, &[API.to_owned()]);
    assert_eq!(verified(any, &token).await.unwrap().client_id, "job");
    for (scope, is_granted) in [("read", true), ("write", false)] {
        let issuers = vec![preset(keycloak, API)];
        let config = TokenVerifierConfig { issuers, ..Default::default() };
        let verifier = TokenVerifier::new(config).unwrap();
        let outcome =
            verifier.authenticate_token(&token, &AuthenticateOptions::scopes([scope])).await;
        assert_eq!(outcome.err().map(|error| error.kind()).is_none(), is_granted, "{scope}");
    }
    println!("Keycloak: 5 cases");
}

#[tokio::test]
async fn a_client_that_signs_is_verified_by_discovery_alone() {
    let Some(keycloak) = keycloak().await else { return };
    let algorithms = [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa];
    for algorithm in algorithms {
        let (pem, mut jwk) = key(algorithm);
        (jwk["use"], jwk["alg"], jwk["kid"]) = (json!("sig"), json!(algorithm.name()), json!("k"));
        let client_id = format!("signs-{}", algorithm.name());
        // A client's setting, which is off by default.
        let typ = if algorithm == Algorithm::Es256 { "at+jwt" } else { "JWT" };
        let client = json!({
            "clientId": client_id,
            "clientAuthenticatorType": "client-jwt",
            "serviceAccountsEnabled": true,
            "attributes": {
                "use.jwks.string": "true",
                "jwks.string": json!({ "keys": [jwk] }).to_string(),
                "token.endpoint.auth.signing.alg": algorithm.name(),
                "access.token.header.type.rfc9068": (typ == "at+jwt").to_string(),
            },
            "protocolMappers": [{
                "name": "audience",
                "protocol": "openid-connect",
                "protocolMapper": "oidc-audience-mapper",
                "config": { "included.client.audience": API, "access.token.claim": "true" },
            }],
        });
        keycloak.administer(&format!("/{REALM}/clients"), &client).await;
        let signing = TokenSourceConfig {
            private_key: Some(pem.into()),
            signing_algorithm: Some(algorithm),
            key_id: Some("k".to_owned()),
            ..of(&client_id)
        };
        let token = token(keycloak.issuer(REALM), signing).await;
        let token = token.unwrap_or_else(|error| panic!("{client_id}: {error}"));
        assert_eq!(jsonwebtoken::decode_header(&token).unwrap().typ.as_deref(), Some(typ));
        let any = IssuerConfig::discover(&keycloak.issuer(REALM), &[API.to_owned()]);
        for issuer in [preset(keycloak, API), any] {
            assert_eq!(verified(issuer, &token).await.unwrap().client_id, client_id);
        }
    }
    println!("Keycloak: {} cases", 2 * algorithms.len());
}

/// Each is signed with the realm's key, and is for the audience of the verifier that refuses it.
#[tokio::test]
async fn what_is_not_a_service_accounts_access_token_is_refused() {
    let Some(keycloak) = keycloak().await else { return };
    let app = keycloak.tokens(("app", None), &PASSWORD).await;
    let through_job = keycloak.tokens(JOB, &PASSWORD).await;
    let credentials = [("grant_type", "client_credentials"), ("scope", "openid")];
    let own = keycloak.tokens(JOB, &credentials).await;
    let cases: [(&str, &Value, &str, &str); 7] = [
        ("a user's token", &app, "access_token", API),
        ("a user's token of a client with a service account", &through_job, "access_token", API),
        ("a user's ID token for the API", &app, "id_token", API),
        ("a user's ID token", &app, "id_token", "app"),
        ("a user's ID token of a client with a service account", &through_job, "id_token", "job"),
        ("a service account's ID token", &own, "id_token", "job"),
        ("a refresh token", &app, "refresh_token", API),
    ];
    for (name, answer, member, audience) in &cases {
        let token = text(answer, member);
        let any = IssuerConfig::discover(&keycloak.issuer(REALM), &[(*audience).to_owned()]);
        for issuer in [preset(keycloak, audience), any] {
            let outcome = verified(issuer, token).await;
            let Err(error) = outcome else { panic!("{name} is accepted") };
            assert_eq!(error.kind(), ErrorKind::InvalidToken, "{name}: {error}");
            println!("{name}: {error}");
        }
    }
    println!("Keycloak: {} cases", 2 * cases.len());
}

/// A realm that was written by hand may lack the client scope, and then nothing marks its machines.
#[tokio::test]
async fn a_service_account_without_the_client_scope_is_refused_with_the_claim_that_it_lacks() {
    let Some(keycloak) = keycloak().await else { return };
    let token = token(keycloak.issuer(REALM), with_secret("unmarked-job", SECRET)).await.unwrap();
    let error = verified(preset(keycloak, API), &token).await.unwrap_err();
    let details = error.details();
    assert_eq!(details.reason, Some(InvalidTokenReason::ClaimMissing), "{error}");
    assert_eq!(details.claim.as_deref(), Some("client_id"));
    println!("Keycloak: 1 case");
}

#[tokio::test]
async fn another_realms_token_is_refused() {
    let Some(keycloak) = keycloak().await else { return };
    let token = token(keycloak.issuer(OTHER_REALM), with_secret("job", SECRET)).await.unwrap();
    let error = verified(preset(keycloak, API), &token).await.unwrap_err();
    assert_eq!(error.details().claim.as_deref(), Some("iss"), "{error}");
    println!("Keycloak: 1 case");
}

#[tokio::test]
async fn a_wrong_secret_and_a_wrong_address_are_read_as_keycloak_means_them() {
    let Some(keycloak) = keycloak().await else { return };
    let error = token(keycloak.issuer(REALM), with_secret("job", "wrong")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    let details = error.details();
    assert_eq!(details.status_code, Some(401));
    assert_eq!(details.error_type.as_deref(), Some("unauthorized_client"));
    let token_url = keycloak.token_url("absent");
    let source = TokenSource::new(TokenSourceConfig {
        token_url: Some(token_url.clone()),
        ..with_secret("job", SECRET)
    });
    let error = source.unwrap().get_token().await.unwrap_err().to_string();
    assert!(error.ends_with(&format!("It was asked for {token_url}")), "{error}");
    println!("Keycloak: 2 cases");
}

#[tokio::test]
async fn a_token_of_a_new_key_is_accepted_after_one_fetch() {
    let Some(keycloak) = keycloak().await else { return };
    let issuer = keycloak.issuer(OTHER_REALM);
    let issuers = vec![IssuerConfig::keycloak(&issuer, API).unwrap()];
    let verifier =
        TokenVerifier::new(TokenVerifierConfig { issuers, ..Default::default() }).unwrap();
    let options = AuthenticateOptions::default();
    let old = token(issuer.clone(), with_secret("job", SECRET)).await.unwrap();
    verifier.authenticate_token(&old, &options).await.unwrap();
    let keys = verifier.health()[0].keys;
    let new_key = json!({
        "name": "new",
        "providerId": "rsa-generated",
        "providerType": "org.keycloak.keys.KeyProvider",
        "config": { "priority": ["1000"], "algorithm": ["RS256"] },
    });
    keycloak.administer(&format!("/{OTHER_REALM}/components"), &new_key).await;
    let new = token(issuer, with_secret("job", SECRET)).await.unwrap();
    verifier.authenticate_token(&new, &options).await.unwrap();
    verifier.authenticate_token(&new, &options).await.unwrap();
    verifier.authenticate_token(&old, &options).await.unwrap();
    let health = &verifier.health()[0];
    assert_eq!((health.keys, health.unknown_kids, health.cooldown_hits), (keys + 1, 1, 0));
    println!("Keycloak: 1 case");
}
