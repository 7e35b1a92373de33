//! Microsoft Entra ID: several tenants, listed or decided about by a function.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use stytch_m2m::internals::Clock;
use stytch_m2m::{
    Algorithm, AuthenticateOptions, Error, IssuerConfig, IssuerResolver, KeySource, TokenVerifier,
    TokenVerifierConfig, TransportConfig,
};

use crate::directory::why;
use crate::signing::{NOW, Signer};

const OURS: &str = "0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a";
const THEIRS: &str = "0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b";
const OTHERS: &str = "0c0c0c0c-0c0c-4c0c-8c0c-0c0c0c0c0c0c";
const API: &str = "api://orders";

fn names(tenant: &str) -> [String; 2] {
    [
        format!("https://login.microsoftonline.com/{tenant}/v2.0"),
        format!("https://sts.windows.net/{tenant}/"),
    ]
}

fn token(key: &Signer, iss: &str, tid: &str) -> String {
    let payload = json!({
        "iss": iss, "aud": API, "exp": NOW + 3600, "iat": NOW, "nbf": NOW, "azp": "job",
        "oid": "o1", "sub": "o1", "roles": ["Orders.Read"], "tid": tid,
    });
    key.token(&key.header(), &payload)
}

fn key(kid: &str, issuer: Option<&str>) -> (Signer, Value) {
    let key = Signer::new(kid, Algorithm::Rs256);
    let mut jwk = key.jwk();
    jwk["issuer"] = json!(issuer);
    jwk.as_object_mut().unwrap().remove("alg");
    (key, jwk)
}

fn verifier(issuers: Vec<IssuerConfig>, issuer_resolver: Option<IssuerResolver>) -> TokenVerifier {
    let transport = TransportConfig { clock: Clock::manual(NOW), ..Default::default() };
    let config = TokenVerifierConfig { issuers, issuer_resolver, transport, ..Default::default() };
    TokenVerifier::new(config).unwrap()
}

async fn verify(verifier: &TokenVerifier, token: &str) -> Result<String, Error> {
    let options = AuthenticateOptions::default();
    verifier.authenticate_token(token, &options).await.map(|claims| claims.issuer.clone())
}

#[test]
fn a_list_of_tenants_is_one_issuer_with_the_common_keys() {
    let list = [THEIRS.to_uppercase(), OURS.to_owned(), OURS.to_owned()];
    let several = IssuerConfig::entra_tenants(&list, API).unwrap();
    assert_eq!(several.issuers, [names(OURS), names(THEIRS)].concat());
    let common = "https://login.microsoftonline.com/common/discovery/v2.0/keys";
    assert_eq!(several.keys, KeySource::Url(common.to_owned()));
    let one = IssuerConfig::entra_tenants(&list[1..], API).unwrap();
    assert_eq!(one, IssuerConfig::entra(OURS, API).unwrap());
    for wrong in [&[][..], &["common".to_owned()], &[OURS.to_owned(), "{tenantid}".to_owned()]] {
        let error = IssuerConfig::entra_tenants(wrong, API).unwrap_err();
        assert_eq!(error.details().field.as_deref(), Some("tenant"));
    }
}

#[tokio::test]
async fn tenants_share_a_key_set_and_not_the_keys_that_name_one() {
    let (shared, shared_jwk) = key("shared", Some(&names("{tenantid}")[0]));
    let (own, own_jwk) = key("own", Some(&names(OURS)[0]));
    let (plain, plain_jwk) = key("plain", None);
    let (foreign, foreign_jwk) = key("foreign", Some("https://evil.test/{tenantid}/v2.0"));
    let set = json!({"keys": [shared_jwk, own_jwk, plain_jwk, foreign_jwk]}).to_string();
    let list = [OURS.to_owned(), THEIRS.to_owned()];
    let keys = KeySource::Jwks(set);
    let several = IssuerConfig { keys, ..IssuerConfig::entra_tenants(&list, API).unwrap() };
    let verifier = verifier(vec![several], None);
    for tenant in [OURS, THEIRS] {
        for iss in names(tenant) {
            for key in [&shared, &plain] {
                assert_eq!(verify(&verifier, &token(key, &iss, tenant)).await.unwrap(), iss);
            }
            let by_own = verify(&verifier, &token(&own, &iss, tenant)).await;
            match tenant {
                OURS => drop(by_own.unwrap()),
                _ => assert_eq!(why(by_own), "invalid_token key_not_found"),
            }
            let by_foreign = verify(&verifier, &token(&foreign, &iss, tenant)).await;
            assert_eq!(why(by_foreign), "invalid_token key_not_found");
        }
    }
    // A token that says it is another tenant's, by either name.
    let [ours, _] = names(OURS);
    let mixed = verify(&verifier, &token(&shared, &ours, THEIRS)).await;
    assert_eq!(why(mixed), "invalid_token claim_invalid");
    let others = verify(&verifier, &token(&shared, &names(OTHERS)[0], OTHERS)).await;
    assert_eq!(why(others), "invalid_token claim_invalid");
}

#[tokio::test]
async fn a_function_decides_about_tenants_and_is_asked_with_their_ids() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let resolver = IssuerResolver::entra(API, move |tenant: String| {
        log.lock().unwrap().push(tenant.clone());
        async move { Ok::<_, io::Error>(tenant == OURS) }
    });
    let verifier = verifier(Vec::new(), Some(resolver));
    let (key, jwk) = key("k1", None);
    let set = json!({"keys": [jwk]}).to_string();
    for iss in names(OURS) {
        verifier.seed_jwks(Some(&iss), &set, crate::issuer::at(NOW)).unwrap();
        verify(&verifier, &token(&key, &iss, OURS)).await.unwrap();
        let mixed = verify(&verifier, &token(&key, &iss, OTHERS)).await;
        assert_eq!(why(mixed), "invalid_token claim_invalid");
    }
    let others = verify(&verifier, &token(&key, &names(OTHERS)[0], OTHERS)).await;
    assert_eq!(why(others), "invalid_token key_not_found");
    assert_eq!(*asked.lock().unwrap(), [OURS, OURS, OTHERS]);
    for iss in [
        names(&OURS.to_uppercase())[0].clone(),
        names(&format!("{OURS}/"))[0].clone(),
        names("common")[0].clone(),
        format!("https://login.microsoftonline.com.evil.test/{OURS}/v2.0"),
        format!("https://login.microsoftonline.com/{OURS}/v2.0/"),
        format!("https://sts.windows.net/{OURS}"),
    ] {
        let verdict = verify(&verifier, &token(&key, &iss, OURS)).await;
        assert_eq!(why(verdict), "invalid_token key_not_found", "{iss}");
    }
    assert_eq!(asked.lock().unwrap().len(), 3, "the rest are not Entra's");
}
