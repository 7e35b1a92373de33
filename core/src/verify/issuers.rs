//! Finds the issuer whose key signed a token: all checks before the payload is read.

use std::sync::Arc;

use super::algorithm::Algorithm;
use super::claims;
use super::compact::Compact;
use super::header::Header;
use super::issuer::IssuerConfig;
use super::key_error;
use super::key_request::{KeyRequest, Stop};
use super::prepared_issuer::{CurrentKeys, Issuer, IssuerKeys};
use crate::clock::Instants;
use crate::error::{Error, InvalidTokenReason, Result};
use crate::http::Transport;

/// The issuers whose tokens are accepted.
pub(crate) struct Issuers(Box<[Issuer]>);

/// The issuer whose key signed a token, and the key set that the key is from.
pub(crate) struct SigningIssuer<'v> {
    /// The issuer's index.
    pub(super) index: usize,
    pub(super) issuer: &'v Issuer,
    pub(super) keys: CurrentKeys<'v>,
}

impl Issuers {
    pub(super) fn new(configs: Vec<IssuerConfig>, transport: &Arc<Transport>) -> Result<Self> {
        if configs.is_empty() {
            return Err(Error::invalid_config("issuers", "issuers must have at least one entry"));
        }
        let issuers = configs.into_iter().map(|config| Issuer::new(config, transport));
        let issuers = issuers.collect::<Result<Box<[_]>>>()?;
        let mut names: Vec<_> = issuers.iter().flat_map(|issuer| &issuer.config.issuers).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            return Err(Error::invalid_config(
                "issuers",
                "issuers must not contain an issuer twice",
            ));
        }
        Ok(Self(issuers))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Issuer> {
        self.0.iter()
    }

    pub(super) fn get(&self, index: usize) -> Option<&Issuer> {
        self.0.get(index)
    }

    /// The issuer that signed the token. `count` is called with the keys that are used.
    pub(crate) fn signing_issuer(
        &self,
        compact: &Compact<'_>,
        now: Instants,
        count: impl FnOnce(&Issuer, &CurrentKeys<'_>),
    ) -> Result<SigningIssuer<'_>, Stop<'_>> {
        let cached = self.iter().find_map(|issuer| issuer.last_header.find(compact.header));
        if let Some(cached) = cached.as_ref().and_then(|cached| cached.as_ref()) {
            return self.with_header(&cached.1, compact, now, count);
        }
        let header = Header::decode(compact.header)?;
        let signer = self.with_header(&header, compact, now, count)?;
        signer.issuer.last_header.put(compact.header, header);
        Ok(signer)
    }

    fn with_header(
        &self,
        header: &Header,
        compact: &Compact<'_>,
        now: Instants,
        count: impl FnOnce(&Issuer, &CurrentKeys<'_>),
    ) -> Result<SigningIssuer<'_>, Stop<'_>> {
        let algorithm = self.algorithm(header)?;
        header.check_extensions()?;
        if !self.iter().any(|issuer| issuer.config.accepts_typ(header)) {
            return Err(other_kind().into());
        }
        let kid = header.kid()?;
        let signer = self.issuer_with_key(kid, compact, now)?;
        if !signer.issuer.config.accepts_typ(header) {
            return Err(other_kind().into());
        }
        if !signer.issuer.config.algorithms.contains(&algorithm) {
            return Err(key_error(InvalidTokenReason::AlgorithmNotAllowed).into());
        }
        count(signer.issuer, &signer.keys);
        let set = signer.keys.set();
        let key = match kid {
            Some(kid) => set.select(kid, algorithm),
            None => set.only(algorithm),
        };
        key.map_err(key_error)?
            .verify_sig(compact.signing_input, &compact.signature)
            .map_err(|_| key_error(InvalidTokenReason::SignatureInvalid))?;
        Ok(signer)
    }

    /// The header's algorithm, if any issuer allows it.
    fn algorithm(&self, header: &Header) -> Result<Algorithm> {
        header
            .algorithm
            .filter(|a| self.iter().any(|issuer| issuer.config.algorithms.contains(a)))
            .ok_or_else(|| key_error(InvalidTokenReason::AlgorithmNotAllowed))
    }

    /// The issuer of a token. With several issuers, the unverified `iss` chooses among the
    /// configured ones; only that issuer's keys are used.
    fn issuer_with_key(
        &self,
        kid: Option<&str>,
        compact: &Compact<'_>,
        now: Instants,
    ) -> Result<SigningIssuer<'_>, Stop<'_>> {
        if let [issuer] = &*self.0
            && let Some(keys) = issuer.current_keys(now)
            && keys.has(kid)
        {
            return Ok(SigningIssuer { index: 0, issuer, keys });
        }
        let claimed = claims::unverified_issuer(&compact.payload);
        let is_named = |issuer: &Issuer| {
            claimed.as_ref().is_some_and(|iss| issuer.config.issuers.contains(iss))
        };
        let Some((index, issuer)) = self.iter().enumerate().find(|(_, one)| is_named(one)) else {
            let owner = self.only_owner(kid, now);
            return Ok(owner.ok_or_else(|| self.other_issuer(claimed.is_some()))?);
        };
        if kid.is_none() && !issuer.config.allow_missing_kid {
            return Err(unnamed_key().into());
        }
        match (&issuer.keys, issuer.current_keys(now)) {
            (_, Some(keys)) if kid.is_none() || keys.has(kid) => {
                Ok(SigningIssuer { index, issuer, keys })
            }
            (IssuerKeys::Fetched(cache), keys) => {
                let kid = keys.and(kid).map(str::to_owned);
                Err(Stop::NeedsKeys(KeyRequest { cache, kid }))
            }
            (IssuerKeys::Configured(_), _) => {
                Err(key_error(InvalidTokenReason::KeyNotFound).into())
            }
        }
    }

    /// The only issuer with a key called `kid`. A token that names no configured issuer is always
    /// refused; its key serves to say why.
    fn only_owner(&self, kid: Option<&str>, now: Instants) -> Option<SigningIssuer<'_>> {
        let mut owners = self.iter().enumerate().filter_map(|(index, issuer)| {
            let keys = issuer.current_keys(now).filter(|keys| keys.has(kid))?;
            Some(SigningIssuer { index, issuer, keys })
        });
        owners.next().filter(|_| owners.next().is_none())
    }

    /// The error of a token whose `iss` is not accepted. The `iss` is unverified and so not quoted.
    fn other_issuer(&self, has_iss: bool) -> Error {
        let accepted = match &*self.0 {
            [issuer] => issuer.config.name(),
            issuers => format!("one of the {} that are accepted", issuers.len()),
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
