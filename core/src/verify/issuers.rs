//! Finds the issuer whose key signed a token: all checks before the payload is read.

use std::sync::Arc;

use super::algorithm::Algorithm;
use super::claims;
use super::compact::Compact;
use super::entra;
use super::header::Header;
use super::issuer::IssuerConfig;
use super::issuer_resolver::IssuerResolver;
use super::key_error;
use super::key_request::{KeyRequest, Stop};
use super::prepared_issuer::{CurrentKeys, Issuer, IssuerKeys};
use super::resolver::{AcceptedIssuer, Lookup, Resolver};
use super::verified::VerifiedIssuer;
use crate::clock::Instants;
use crate::error::{Error, InvalidTokenReason, Result};
use crate::http::Transport;

/// The issuers whose tokens are accepted.
pub(crate) struct Issuers {
    listed: Box<[Issuer]>,
    pub(super) resolver: Option<Arc<Resolver>>,
}

/// The issuer whose key signed a token, and the key set that the key is from.
pub(crate) struct SigningIssuer<'v> {
    pub(super) issuer: IssuerRef<'v>,
    pub(super) keys: CurrentKeys<'v>,
    /// The only tenants whose tokens the key signs; `None`: all.
    tenants: Option<Arc<[String]>>,
}

/// An issuer whose tokens are accepted.
pub(crate) enum IssuerRef<'v> {
    /// With its index.
    Listed(usize, &'v Issuer),
    Accepted(Arc<AcceptedIssuer>),
}

impl IssuerRef<'_> {
    pub(super) fn issuer(&self) -> &Issuer {
        match self {
            Self::Listed(_, issuer) => issuer,
            Self::Accepted(accepted) => &accepted.issuer,
        }
    }

    pub(super) fn verified(&self) -> VerifiedIssuer {
        match self {
            Self::Listed(index, _) => VerifiedIssuer::Listed(*index),
            Self::Accepted(accepted) => VerifiedIssuer::Accepted(Arc::clone(accepted)),
        }
    }
}

impl SigningIssuer<'_> {
    /// Checks that the key signs the tokens of the tenant in this `iss`.
    pub(super) fn check_tenant(&self, issuer: &str) -> Result<()> {
        let Some(tenants) = &self.tenants else { return Ok(()) };
        let tenant = entra::tenant(issuer).unwrap_or_default();
        match !tenant.is_empty() && tenants.iter().any(|own| own == tenant) {
            true => Ok(()),
            false => Err(key_error(InvalidTokenReason::KeyNotFound)),
        }
    }
}

impl Issuers {
    pub(super) fn new(
        configs: Vec<IssuerConfig>,
        resolver: Option<IssuerResolver>,
        transport: &Arc<Transport>,
    ) -> Result<Self> {
        if configs.is_empty() && resolver.is_none() {
            let message = "issuers must have at least one entry, or set issuer_resolver";
            return Err(Error::invalid_config("issuers", message));
        }
        let of = |config| Issuer::new(config, transport, Arc::default());
        let listed = configs.into_iter().map(of).collect::<Result<Box<[_]>>>()?;
        let mut names: Vec<_> = listed.iter().flat_map(|issuer| &issuer.config.issuers).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            return Err(Error::invalid_config(
                "issuers",
                "issuers must not contain an issuer twice",
            ));
        }
        let resolver = resolver.map(|settings| Resolver::new(settings, transport)).transpose()?;
        Ok(Self { listed, resolver })
    }

    /// The listed issuers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Issuer> {
        self.listed.iter()
    }

    pub(super) fn get(&self, index: usize) -> Option<&Issuer> {
        self.listed.get(index)
    }

    /// The issuer that signed the token. `count` is called with the keys that are used.
    pub(crate) fn signing_issuer(
        &self,
        compact: &Compact<'_>,
        now: Instants,
        count: impl FnOnce(&Issuer, &CurrentKeys<'_>),
    ) -> Result<SigningIssuer<'_>, Stop> {
        let of_listed = self.iter().find_map(|issuer| issuer.last_header.find(compact.header));
        let cached = of_listed.or_else(|| {
            self.resolver.as_ref().and_then(|resolver| resolver.last_header.find(compact.header))
        });
        if let Some(cached) = cached.as_ref().and_then(|cached| cached.as_ref()) {
            return self.with_header(&cached.1, compact, now, count);
        }
        let header = Header::decode(compact.header)?;
        let signer = self.with_header(&header, compact, now, count)?;
        let last_header = match (&signer.issuer, &self.resolver) {
            (IssuerRef::Accepted(_), Some(resolver)) => &resolver.last_header,
            (issuer, _) => &issuer.issuer().last_header,
        };
        last_header.put(compact.header, header);
        Ok(signer)
    }

    fn with_header(
        &self,
        header: &Header,
        compact: &Compact<'_>,
        now: Instants,
        count: impl FnOnce(&Issuer, &CurrentKeys<'_>),
    ) -> Result<SigningIssuer<'_>, Stop> {
        let algorithm = self.algorithm(header)?;
        header.check_extensions()?;
        let is_kind = self.iter().any(|issuer| issuer.config.accepts_typ(header))
            || self.resolver.is_some() && header.may_be_access_token();
        if !is_kind {
            return Err(other_kind().into());
        }
        let kid = header.kid()?;
        let mut signer = self.issuer_with_key(kid, compact, now)?;
        let issuer = signer.issuer.issuer();
        if !issuer.config.accepts_typ(header) {
            return Err(other_kind().into());
        }
        if !issuer.config.algorithms.contains(&algorithm) {
            return Err(key_error(InvalidTokenReason::AlgorithmNotAllowed).into());
        }
        count(issuer, &signer.keys);
        let set = signer.keys.set();
        let key = match kid {
            Some(kid) => set.select(kid, algorithm),
            None => set.only(algorithm),
        };
        let key = key.map_err(key_error)?;
        key.parsed()
            .verify_sig(compact.signing_input, &compact.signature)
            .map_err(|_| key_error(InvalidTokenReason::SignatureInvalid))?;
        signer.tenants = key.tenants().cloned();
        Ok(signer)
    }

    /// The header's algorithm, if any issuer allows it or may.
    fn algorithm(&self, header: &Header) -> Result<Algorithm> {
        header
            .algorithm
            .filter(|a| {
                self.resolver.is_some()
                    || self.iter().any(|issuer| issuer.config.algorithms.contains(a))
            })
            .ok_or_else(|| key_error(InvalidTokenReason::AlgorithmNotAllowed))
    }

    /// The issuer of a token. With several issuers, the unverified `iss` chooses among the
    /// configured ones; only that issuer's keys are used.
    fn issuer_with_key(
        &self,
        kid: Option<&str>,
        compact: &Compact<'_>,
        now: Instants,
    ) -> Result<SigningIssuer<'_>, Stop> {
        if let ([issuer], None) = (&*self.listed, &self.resolver)
            && let Some(keys) = issuer.current_keys(now)
            && keys.has(kid)
        {
            return Ok(SigningIssuer::listed(0, issuer, keys));
        }
        let claimed = claims::unverified_issuer(&compact.payload);
        let is_named = |one: &Issuer| claimed.as_ref().is_some_and(|iss| one.config.has_name(iss));
        if let Some((index, issuer)) = self.iter().enumerate().find(|(_, one)| is_named(one)) {
            let keys = usable_keys(issuer, kid, issuer.current_keys(now))?;
            return Ok(SigningIssuer::listed(index, issuer, keys));
        }
        if let (Some(resolver), Some(claimed)) = (&self.resolver, &claimed) {
            match resolver.look_up(claimed, now) {
                Lookup::Accepted(accepted) => {
                    let keys = accepted.issuer.current_keys_shared(now);
                    let keys = usable_keys(&accepted.issuer, kid, keys)?;
                    let issuer = IssuerRef::Accepted(accepted);
                    return Ok(SigningIssuer { issuer, keys, tenants: None });
                }
                Lookup::Unknown(request) => return Err(Stop::NeedsIssuer(request)),
                Lookup::Refused => {}
            }
        }
        let owner = self.only_owner(kid, now);
        Ok(owner.ok_or_else(|| self.other_issuer(claimed.is_some()))?)
    }

    /// The only issuer with a key called `kid`. A token that names no configured issuer is always
    /// refused; its key serves to say why.
    fn only_owner(&self, kid: Option<&str>, now: Instants) -> Option<SigningIssuer<'_>> {
        let mut owners = self.iter().enumerate().filter_map(|(index, issuer)| {
            let keys = issuer.current_keys(now).filter(|keys| keys.has(kid))?;
            Some(SigningIssuer::listed(index, issuer, keys))
        });
        owners.next().filter(|_| owners.next().is_none())
    }

    /// The error of a token whose `iss` is not accepted. The `iss` is unverified and so not quoted.
    fn other_issuer(&self, has_iss: bool) -> Error {
        let accepted = match (&*self.listed, &self.resolver) {
            ([issuer], None) => issuer.config.name(),
            (issuers, None) => format!("one of the {} that are accepted", issuers.len()),
            (_, Some(_)) => "one that is listed or that issuer_resolver accepts".to_owned(),
        };
        let what = match has_iss {
            true => format!(
                "its `iss` names another issuer, not {accepted}: it is another project's or \
                 tenant's token, or this verifier is set up for the wrong one"
            ),
            false => "it has no `iss` that names its issuer".to_owned(),
        };
        let message = format!("the token is refused: {what}");
        let error = Error::invalid_token(InvalidTokenReason::KeyNotFound, message);
        error.with(|d| d.claim = Some("iss".to_owned()))
    }
}

impl<'v> SigningIssuer<'v> {
    fn listed(index: usize, issuer: &'v Issuer, keys: CurrentKeys<'v>) -> Self {
        Self { issuer: IssuerRef::Listed(index, issuer), keys, tenants: None }
    }
}

/// The issuer's keys, if the token's is among them or no other can be fetched for it.
fn usable_keys<'k>(
    issuer: &Issuer,
    kid: Option<&str>,
    keys: Option<CurrentKeys<'k>>,
) -> Result<CurrentKeys<'k>, Stop> {
    if kid.is_none() && !issuer.config.allow_missing_kid {
        return Err(unnamed_key().into());
    }
    match (&issuer.keys, keys) {
        (_, Some(keys)) if kid.is_none() || keys.has(kid) => Ok(keys),
        (IssuerKeys::Fetched(cache), keys) => {
            let kid = keys.and(kid).map(str::to_owned);
            Err(Stop::NeedsKeys(KeyRequest { cache: Arc::clone(cache), kid }))
        }
        (IssuerKeys::Configured(_), _) => Err(key_error(InvalidTokenReason::KeyNotFound).into()),
    }
}

fn unnamed_key() -> Error {
    let message = "the token is refused: its header has no `kid` that names a key of its issuer";
    Error::invalid_token(InvalidTokenReason::KeyNotFound, message)
}

fn other_kind() -> Error {
    Error::invalid_token(
        InvalidTokenReason::WrongTokenKind,
        "the token's `typ` is not that of its issuer's access tokens (JWT or at+jwt, or what \
         require_typ says)",
    )
}
