//! How clients authenticate at the token endpoint.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der},
    rsa,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        Ed25519KeyPair,
    },
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::Jwk};
use reqwest::Method;
use serde_json::{Value, json};
use stytch_m2m_emulator::{Emulator, Seed};

use crate::support::{Answer, Api, send};

const BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

struct Key {
    algorithm: Algorithm,
    private: EncodingKey,
}

impl Key {
    fn generate(algorithm: Algorithm) -> Self {
        let ecdsa = |curve| {
            let pair = EcdsaKeyPair::generate(curve).unwrap();
            EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref())
        };
        let private = match algorithm {
            Algorithm::ES256 => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::ES384 => ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::EdDSA => {
                let pair = Ed25519KeyPair::generate().unwrap();
                EncodingKey::from_ed_der(pair.to_pkcs8v1().unwrap().as_ref())
            }
            _ => {
                let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
                let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
                // PKCS #1 begins after the 26 bytes of PKCS #8.
                EncodingKey::from_rsa_der(&der.as_ref()[26..])
            }
        };
        Self { algorithm, private }
    }

    fn jwks(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.private, self.algorithm).unwrap();
        json!({ "keys": [jwk] })
    }

    fn sign(&self, claims: &Value) -> String {
        encode(&Header::new(self.algorithm), claims, &self.private).unwrap()
    }
}

fn start(clients: &Value) -> Api {
    let seed = Seed::parse(&json!({ "clients": clients }).to_string()).unwrap();
    Api::of(Emulator::builder().seed(seed).start().unwrap())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// The claims of a good assertion of the client `jwt`.
fn claims(api: &Api, jti: &str) -> Value {
    let aud = api.emulator.base_url();
    json!({ "iss": "jwt", "sub": "jwt", "aud": aud, "exp": now() + 60, "jti": jti })
}

async fn post(api: &Api, form: &[(&str, &str)]) -> Answer {
    send(api.http.post(api.url(&api.token_path())).form(form)).await
}

async fn assert(api: &Api, assertion: &str) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", BEARER),
        ("client_assertion", assertion),
    ];
    post(api, &form).await
}

#[tokio::test]
async fn an_assertion_of_each_algorithm_proves_the_client() {
    for algorithm in
        [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA]
    {
        let key = Key::generate(algorithm);
        let api = start(&json!([{ "client_id": "jwt", "jwks": key.jwks() }]));
        assert(&api, &key.sign(&claims(&api, "1"))).await.ok();
        let mut to_endpoint = claims(&api, "2");
        to_endpoint["aud"] = json!([api.url(&api.token_path())]);
        assert(&api, &key.sign(&to_endpoint)).await.ok();
    }
}

#[tokio::test]
async fn a_wrong_assertion_proves_nobody() {
    let key = Key::generate(Algorithm::ES256);
    let api = start(&json!([
        { "client_id": "jwt", "jwks": key.jwks() },
        { "client_id": "secret", "client_secret": "secret-of-it-1" },
    ]));
    let cases = [
        ("aud", json!("https://another.example")),
        ("exp", json!(now() - 60)),
        ("exp", Value::Null),
        ("nbf", json!(now() + 60)),
        ("jti", Value::Null),
        ("iss", json!("secret")),
        ("sub", json!("secret")),
    ];
    for (name, value) in cases {
        let mut wrong = claims(&api, name);
        wrong[name] = value;
        assert(&api, &key.sign(&wrong)).await.oauth_refused(401, "invalid_client");
    }
    let another = Key::generate(Algorithm::ES256);
    let forged = another.sign(&claims(&api, "forged"));
    assert(&api, &forged).await.oauth_refused(401, "invalid_client");
    assert(&api, "no.jwt").await.oauth_refused(401, "invalid_client");

    let used = key.sign(&claims(&api, "once"));
    assert(&api, &used).await.ok();
    assert(&api, &used).await.oauth_refused(401, "invalid_client");
    api.emulator.reset();
    assert(&api, &used).await.ok();

    let other_id = [
        ("grant_type", "client_credentials"),
        ("client_id", "secret"),
        ("client_assertion_type", BEARER),
        ("client_assertion", &key.sign(&claims(&api, "of another"))),
    ];
    post(&api, &other_id).await.oauth_refused(401, "invalid_client");
}

#[tokio::test]
async fn a_trusted_issuer_proves_the_client_again_and_again() {
    let cluster = Key::generate(Algorithm::RS256);
    let api = start(&json!([{
        "client_id": "job",
        "federated_credentials": [{
            "issuer": "https://kubernetes.default.svc",
            "subject": "system:serviceaccount:n1:job",
            "audience": "emulator",
            "jwks": cluster.jwks(),
        }],
    }]));
    let mut token = json!({
        "iss": "https://kubernetes.default.svc",
        "sub": "system:serviceaccount:n1:job",
        "aud": ["emulator"],
        "exp": now() + 3600,
    });
    for _ in 0..2 {
        assert(&api, &cluster.sign(&token)).await.ok();
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", &cluster.sign(&token)),
        ];
        post(&api, &form).await.ok();
    }
    token["sub"] = json!("system:serviceaccount:n1:another");
    assert(&api, &cluster.sign(&token)).await.oauth_refused(401, "invalid_client");
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("assertion", &cluster.sign(&token)),
    ];
    post(&api, &form).await.oauth_refused(400, "invalid_grant");
    let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")];
    post(&api, &form).await.oauth_refused(400, "invalid_request");
}

#[tokio::test]
async fn only_the_methods_of_the_client_and_the_server_are_accepted() {
    let secret = "a+b:c %/=&";
    let api = start(&json!([
        { "client_id": "any.id+&%", "client_secret": secret },
        { "client_id": "basic", "client_secret": secret,
          "token_endpoint_auth_methods": ["client_secret_basic"] },
        { "client_id": "public", "token_endpoint_auth_methods": ["none"] },
    ]));
    let grant = ("grant_type", "client_credentials");
    let encoded = |text: &str| form_encoded(text);
    let basic = async |id: &str| {
        let request = api.http.post(api.url(&api.token_path())).form(&[grant]);
        send(request.basic_auth(encoded(id), Some(encoded(secret)))).await
    };
    let in_body =
        async |id: &str| post(&api, &[grant, ("client_id", id), ("client_secret", secret)]).await;
    basic("any.id+&%").await.ok();
    in_body("any.id+&%").await.ok();
    basic("basic").await.ok();
    in_body("basic").await.oauth_refused(401, "invalid_client");
    post(&api, &[grant, ("client_id", "public")]).await.ok();
    post(&api, &[grant, ("client_id", "basic")]).await.oauth_refused(400, "invalid_request");
    let raw = api.http.post(api.url(&api.token_path())).form(&[grant]);
    send(raw.basic_auth("basic", Some(secret))).await.oauth_refused(401, "invalid_client");

    let only = json!({ "token_endpoint_auth_methods_supported": ["client_secret_post"] });
    api.admin(Method::PUT, "token-settings", Some(only)).await;
    basic("any.id+&%").await.oauth_refused(401, "invalid_client");
    in_body("any.id+&%").await.ok();
}

fn form_encoded(text: &str) -> String {
    reqwest::Url::parse_with_params("http://a", [("", text)])
        .unwrap()
        .query()
        .unwrap()
        .trim_start_matches('=')
        .to_owned()
}
