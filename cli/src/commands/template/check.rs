//! `stytch-m2m template check`

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value, json};
use stytch_m2m::management::template::{
    ClaimSource, ORGANIZATION_CLAIM, ORGANIZATION_KEY, ORGANIZATION_NAMES, Template,
    organization_variable,
};
use stytch_m2m::{AuthenticateOptions, Client, Error, RequiredOrganization, Secret, TokenRequest};

use super::Claim;
use super::show::said;
use super::workspace::Workspace;
use crate::failure::Failure;
use crate::output::{Output, plain};
use crate::secret;
use crate::settings::Settings;
use crate::word::call;

/// Parameters that every token request has, or that its server reads.
const RESERVED: [&str; 8] = [
    "audience",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "grant_type",
    "resource",
    "scope",
];

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The client to fetch tokens with
    #[arg(long, env = "STYTCH_CLIENT_ID", value_name = "ID", allow_hyphen_values = true)]
    client_id: String,
    /// A file with its secret, or - for standard input [default: STYTCH_CLIENT_SECRET, or a prompt]
    #[arg(long, value_name = "PATH")]
    secret_from: Option<PathBuf>,
    /// The organization that the tokens must name
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    organization: Option<String>,
    /// Another parameter to try, beside the usual names of an organization; can be repeated
    #[arg(long = "parameter", value_name = "NAME")]
    parameters: Vec<String>,
    #[command(flatten)]
    claim: Claim,
    #[command(flatten)]
    workspace: Workspace,
}

pub(super) async fn run(
    options: Options,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    let client = settings.public_client()?;
    let template = match options.workspace.is_given(settings) || options.workspace.is_begun() {
        true => Some(options.workspace.open(settings).await?.template().await?.template_content),
        false => None,
    };
    let client_secret = secret::require(
        options.secret_from.as_deref(),
        "--secret-from",
        "STYTCH_CLIENT_SECRET",
        "The client's secret",
    )?;
    let probe = Probe {
        client: &client,
        client_id: &options.client_id,
        client_secret,
        claim: &options.claim.claim,
        parameters: &options.parameters,
        template: template.as_deref(),
    };
    let finding = probe.run().await?;
    let wanted = options.organization.as_deref();
    output.result(|| finding.to_json(wanted), || finding.text(&options.client_id, wanted))?;
    match finding.problem(wanted) {
        None => Ok(()),
        Some(problem) => Err(Failure::Unfinished(problem)),
    }
}

/// Two tokens of a client, and what the template says of them.
pub(crate) struct Probe<'p> {
    pub(crate) client: &'p Client,
    pub(crate) client_id: &'p str,
    pub(crate) client_secret: Secret,
    pub(crate) claim: &'p str,
    /// Parameters to try beside the usual ones.
    pub(crate) parameters: &'p [String],
    pub(crate) template: Option<&'p str>,
}

/// Who chooses the organization in a client's tokens.
pub(crate) struct Finding {
    claim: String,
    /// What the client's token names.
    organization: Option<Value>,
    /// The source by the template, where it was read and understood.
    by_template: Option<ClaimSource>,
    /// The parameters that the claim follows.
    followed: Vec<String>,
    /// Other claims that follow a parameter.
    others: Vec<String>,
    /// Why the second token could not be fetched.
    untried: Option<String>,
}

impl Probe<'_> {
    pub(crate) async fn run(&self) -> Result<Finding, Failure> {
        let read = self.template.and_then(|content| Template::parse(content).ok());
        let own = self.claims(BTreeMap::new()).await.map_err(|error| self.explained(error))?;
        let mut names: BTreeSet<String> = ORGANIZATION_NAMES.map(str::to_owned).into();
        names.insert(self.claim.to_owned());
        names.extend(self.parameters.iter().cloned());
        names.extend(read.as_ref().map(Template::parameters).unwrap_or_default());
        names.retain(|name| !RESERVED.contains(&name.as_str()));
        let mark = secret::generate()?;
        // No value begins like another one.
        let value = |name: &String| format!("{}-{name}.", mark.expose());
        let chosen: BTreeMap<_, _> = names.iter().map(|name| (name.clone(), value(name))).collect();
        let (mut followed, mut others, mut untried) = (Vec::new(), Vec::new(), None);
        match self.claims(chosen).await {
            Ok(claims) => {
                for (claim, found) in &claims {
                    let found = found.to_string();
                    let own = names.iter().filter(|name| found.contains(&value(name)));
                    let own: Vec<_> = own.cloned().collect();
                    if claim == self.claim {
                        followed = own;
                    } else if !own.is_empty() {
                        others.push(claim.clone());
                    }
                }
                let changed = claims.get(self.claim) != own.get(self.claim);
                if changed && followed.is_empty() {
                    followed = vec!["a parameter that was not found out".to_owned()];
                }
            }
            Err(error) => untried = Some(error.to_string()),
        }
        Ok(Finding {
            claim: self.claim.to_owned(),
            organization: own.get(self.claim).filter(|value| !value.is_null()).cloned(),
            by_template: read.map(|template| template.source(self.claim)),
            followed,
            others,
            untried,
        })
    }

    /// The error; of an organization that no verifier takes, with what to do.
    fn explained(&self, error: Error) -> Failure {
        let is_organization = error.details().claim.as_deref() == Some(self.claim);
        let failure = Failure::from(error);
        match is_organization {
            true => {
                let update = call("clients update", self.client_id, "--organization ID");
                failure.and(&format!(
                    "Services that require an organization refuse such a token. Give the client one that \
                     is text: {update}"
                ))
            }
            false => failure,
        }
    }

    /// The custom claims of a token with these additional parameters, after its verification.
    async fn claims(&self, extra: BTreeMap<String, String>) -> Result<Map<String, Value>, Error> {
        let request = TokenRequest {
            client_id: self.client_id.to_owned(),
            client_secret: self.client_secret.clone(),
            extra,
            ..TokenRequest::default()
        };
        let token = self.client.token(request).await?;
        let options = AuthenticateOptions::default();
        let claims = self.client.authenticate_token(token.access_token.expose(), &options).await?;
        let all = claims.custom_claims.to_map();
        let is_there = all.get(self.claim).is_some_and(|value| !value.is_null());
        if self.claim == ORGANIZATION_CLAIM && is_there && claims.organization().is_none() {
            // Says what is wrong with it.
            let any = AuthenticateOptions {
                organization: Some(RequiredOrganization::Any),
                ..AuthenticateOptions::default()
            };
            self.client.authenticate_token(token.access_token.expose(), &any).await?;
        }
        Ok(all)
    }
}

impl Finding {
    /// Who chooses it, for programs.
    fn source(&self) -> &'static str {
        if !self.followed.is_empty() {
            return "caller";
        }
        match &self.by_template {
            Some(source) if source.is_unsafe() => source.name(),
            _ if self.organization.is_none() => "absent",
            Some(ClaimSource::Fixed) => "fixed",
            _ if self.untried.is_some() && self.by_template.is_none() => "unknown",
            _ => "project",
        }
    }

    /// Whether the caller chooses it, or may.
    pub(crate) fn is_unsafe(&self) -> bool {
        matches!(self.source(), "caller" | "unknown")
    }

    /// Whether tokens name none.
    pub(crate) fn is_absent(&self) -> bool {
        self.source() == "absent"
    }

    fn shown(&self) -> String {
        match &self.organization {
            None => "none".to_owned(),
            Some(Value::String(text)) => plain(text),
            Some(other) => plain(&other.to_string()),
        }
    }

    /// What is wrong, in a sentence.
    pub(crate) fn problem(&self, wanted: Option<&str>) -> Option<String> {
        let claim = plain(&self.claim);
        match (self.source(), wanted) {
            ("caller", _) => Some(format!(
                "the caller chooses the organization in {claim}: whoever has the client's secret \
                 can name any"
            )),
            ("unknown", _) => {
                Some(format!("it is not known who chooses the organization in {claim}"))
            }
            ("absent", _) => Some(format!("the token names no organization in {claim}")),
            (_, Some(wanted)) if self.organization != Some(wanted.into()) => Some(format!(
                "the token names the organization {}, not {}",
                self.shown(),
                plain(wanted)
            )),
            _ => None,
        }
    }

    /// How it was found out, and what to do.
    pub(crate) fn explanation(&self, client_id: &str) -> String {
        let claim = plain(&self.claim);
        let set = match self.claim == ORGANIZATION_CLAIM {
            true => "stytch-m2m template set --organization".to_owned(),
            false => format!("stytch-m2m template set --organization --claim {claim}"),
        };
        let by_template = self.by_template.as_ref().map(|source| said(&claim, source));
        let followed = plain(&self.followed.join(", "));
        let update = call("clients update", client_id, "--organization ID");
        match (self.source(), by_template) {
            ("caller" | "unknown", Some(said)) => format!("{said}. Fix it with: {set}"),
            ("caller", None) => {
                format!("{claim} follows the request's {followed}. Fix it with: {set}")
            }
            ("absent", Some(said)) => match &self.by_template {
                Some(ClaimSource::Project(variables)) => {
                    let key = variables.first().map(String::as_str).unwrap_or_default();
                    let is_usual = key == organization_variable(ORGANIZATION_KEY);
                    let how = if is_usual { format!(": {update}") } else { String::new() };
                    format!("{said}; this client has no value there. Give it one{how}")
                }
                _ => format!("{said}. Add it with: {set}"),
            },
            ("absent", None) => format!(
                "the template has no claim {claim}, or the client has no organization in its \
                 metadata. Look with: stytch-m2m template show; add the claim with: {set}; give the \
                 client an organization with: {update}"
            ),
            ("unknown", None) => format!(
                "a token with additional parameters could not be fetched: {}",
                plain(self.untried.as_deref().unwrap_or_default())
            ),
            (_, Some(said)) => said,
            (_, None) => format!(
                "{claim} followed none of the parameters that were tried; with a workspace key the \
                 template is read as well, which is certain"
            ),
        }
    }

    fn others(&self) -> Option<String> {
        let others = plain(&self.others.join(", "));
        (!others.is_empty()).then(|| format!("the caller also chooses these claims: {others}"))
    }

    /// In a line.
    pub(crate) fn line(&self, client_id: &str) -> String {
        let explanation = self.explanation(client_id);
        match self.problem(None) {
            Some(problem) => format!("{problem}. {explanation}"),
            None => format!("{}, which the project chooses: {explanation}", self.shown()),
        }
    }

    fn text(&self, client_id: &str, wanted: Option<&str>) -> String {
        let mut lines = vec![
            format!("organization: {}", self.shown()),
            match self.source() {
                "project" => "chosen by: the project".to_owned(),
                "caller" => "chosen by: the caller".to_owned(),
                "fixed" => "chosen by: the template, for every client".to_owned(),
                "unknown" => "chosen by: unknown".to_owned(),
                _ => "chosen by: nobody".to_owned(),
            },
        ];
        // A wrong one is told by the error.
        if self.problem(wanted).is_none() || self.problem(None).is_some() {
            lines.push(self.explanation(client_id));
        }
        lines.extend(self.others());
        lines.join("\n")
    }

    fn to_json(&self, wanted: Option<&str>) -> Value {
        json!({
            "claim": self.claim,
            "organization": self.organization,
            "source": self.source(),
            "by_template": self.by_template.as_ref().map(ClaimSource::name),
            "variables": self.by_template.as_ref().map(ClaimSource::variables),
            "followed_parameters": self.followed,
            "other_claims_of_the_caller": self.others,
            "problem": self.problem(wanted),
        })
    }
}
