use stytch_m2m::{AuthenticateOptions, Client, CreateRequest, TokenRequest};

#[tokio::main]
async fn main() -> stytch_m2m::Result<()> {
    let client = Client::from_env()?; // STYTCH_PROJECT_ID, STYTCH_SECRET, STYTCH_BASE_URL

    let scopes = vec!["read:users".to_owned()];
    let request = CreateRequest { scopes, ..Default::default() };
    let created = client.clients().create(request).await?.m2m_client;

    let request = TokenRequest {
        client_id: created.client.client_id,
        client_secret: created.client_secret,
        ..Default::default()
    };
    let token = client.token(request).await?.access_token;

    let read = AuthenticateOptions::scopes(["read:users"]);
    let claims = client.authenticate_token(token.expose(), &read).await?;
    println!("{} {:?}", claims.client_id, claims.scopes);

    let write = AuthenticateOptions::scopes(["write:users"]);
    if let Err(error) = client.authenticate_token(token.expose(), &write).await {
        println!("{} {:?}", error.code(), error.details().missing_scopes);
    }
    Ok(())
}
