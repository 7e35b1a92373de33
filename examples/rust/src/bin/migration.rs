use std::env::var;

use stytch_m2m::{
    AuthenticateOptions, IssuerConfig, TokenSource, TokenSourceConfig, TokenVerifier,
    TokenVerifierConfig, Vertical,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (tenant, audience) = (var("AUTH0_URL")?, var("AUTH0_AUDIENCE")?);
    let (project, base_url) = (var("STYTCH_PROJECT_ID")?, var("STYTCH_BASE_URL").ok());

    // A service: it accepts the tokens of both, each by its own keys, audience and profile.
    let verifier = TokenVerifier::new(TokenVerifierConfig {
        issuers: vec![
            IssuerConfig::auth0(&tenant, &audience)?,
            IssuerConfig::stytch(&project, base_url.as_deref(), Vertical::Consumer)?,
        ],
        ..Default::default()
    })?;

    // A caller: the same id and secret before and after. To move, it changes the token endpoint.
    let credential = TokenSourceConfig {
        client_id: var("M2M_CLIENT_ID")?,
        client_secret: Some(var("M2M_CLIENT_SECRET")?.into()),
        ..Default::default()
    };
    let before = TokenSource::new(TokenSourceConfig {
        token_url: Some(format!("{tenant}/oauth/token")),
        extra: [("audience".to_owned(), audience)].into(),
        ..credential.clone()
    })?;
    let after = TokenSource::new(credential.or_env())?;

    let options = AuthenticateOptions::scopes(["read:invoices"]);
    for source in [before, after] {
        let token = source.get_token().await?.access_token;
        let claims = verifier.authenticate_token(token.expose(), &options).await?;
        println!("{} by {}", claims.client_id, claims.issuer);
    }
    Ok(())
}
