//! How to test your own service: the emulator issues its tokens, valid and invalid ones.

use stytch_m2m::{AuthenticateOptions, Client, ClientConfig, token_from_authorization_header};
use stytch_m2m_emulator::{Effect, Emulator, Fault, Operation, Seed, TokenChanges, TokenRequest};

const SEED: &str = include_str!("../../emulator/seed.yaml");

/// The service: returns the HTTP status of its response.
async fn list_invoices(client: &Client, authorization: Option<&str>) -> u16 {
    let options = AuthenticateOptions::scopes(["read:invoices"]);
    let verified = match token_from_authorization_header(authorization) {
        Ok(token) => client.authenticate_token(token, &options).await.map(|_| ()),
        Err(error) => Err(error),
    };
    verified.map_or_else(|error| error.http_status(), |()| 200)
}

struct Test {
    emulator: Emulator,
    client: Client,
}

impl Test {
    fn start() -> Result<Self, Box<dyn std::error::Error>> {
        let emulator = Emulator::builder().seed(Seed::parse(SEED)?).start()?;
        let config = ClientConfig {
            base_url: Some(emulator.base_url().into()),
            ..ClientConfig::new(emulator.project_id(), emulator.secret())
        };
        let client = Client::new(config)?;
        Ok(Self { emulator, client })
    }

    async fn status_of(&self, request: TokenRequest) -> Result<u16, Box<dyn std::error::Error>> {
        let token = self.emulator.issue_token(&request)?;
        Ok(list_invoices(&self.client, Some(&format!("Bearer {token}"))).await)
    }
}

#[tokio::test]
async fn callers_get_the_status_that_their_token_earns() -> Result<(), Box<dyn std::error::Error>> {
    let test = Test::start()?;
    let billing = || TokenRequest::new("billing");
    assert_eq!(test.status_of(billing()).await?, 200);
    assert_eq!(test.status_of(billing().scopes(["write:invoices"])).await?, 403);
    assert_eq!(test.status_of(billing().changes(TokenChanges::expired())).await?, 401);
    assert_eq!(list_invoices(&test.client, None).await, 401);
    Ok(())
}

#[tokio::test]
async fn without_keys_nobody_is_blamed() -> Result<(), Box<dyn std::error::Error>> {
    let test = Test::start()?;
    let away = Fault::new(Effect::status(503)).at(Operation::Jwks).seconds(60);
    test.emulator.add_fault(away)?;
    assert_eq!(test.status_of(TokenRequest::new("billing")).await?, 503);
    Ok(())
}
