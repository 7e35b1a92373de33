//! Whose signature does it bear? Every check but those of the payload, which is not read before.

use std::sync::Arc;

use super::TokenVerifier;
use super::algorithm::Algorithm;
use super::claims;
use super::compact::Compact;
use super::header::Header;
use super::issuer::{CurrentKeys, Issuer, IssuerKeys};
use super::jwks_cache::{JwksCache, KeyFetchReason};
use crate::clock::Instants;
use crate::error::{Error, InvalidTokenReason, Result};

/// Whose key signed a token, and the set that the key is of.
pub(crate) type SigningIssuer<'v> = (&'v Issuer, CurrentKeys<'v>);

/// Keys that must be fetched first: any of this issuer's, or the one called `kid`.
pub(crate) struct KeyRequest<'v> {
    keys: &'v Arc<JwksCache>,
    kid: Option<String>,
}

impl KeyRequest<'_> {
    pub(super) async fn fetch(&self) -> Result<()> {
        self.keys
            .fetch(self.kid.as_deref().map_or(KeyFetchReason::NoKeys, KeyFetchReason::UnknownKid))
            .await
    }
}

impl TokenVerifier {
    /// Who signed it. The inner `Err` is the keys to fetch first.
    pub(crate) fn signer(
        &self,
        compact: &Compact<'_>,
        now: Instants,
        fetched: bool,
    ) -> Result<Result<SigningIssuer<'_>, KeyRequest<'_>>> {
        let known = self.issuers.iter().find_map(|issuer| issuer.last_header.find(compact.header));
        if let Some(known) = known.as_ref().and_then(|known| known.as_ref()) {
            return self.signer_of(&known.1, compact, now, fetched);
        }
        let header = Header::decode(compact.header)?;
        let signer = self.signer_of(&header, compact, now, fetched)?;
        if let Ok((issuer, _)) = &signer {
            issuer.last_header.put(compact.header, header);
        }
        Ok(signer)
    }

    fn signer_of(
        &self,
        header: &Header,
        compact: &Compact<'_>,
        now: Instants,
        fetched: bool,
    ) -> Result<Result<SigningIssuer<'_>, KeyRequest<'_>>> {
        let algorithm = self.algorithm(header)?;
        header.check_extensions()?;
        if !self.issuers.iter().any(|issuer| header.is_kind_of(&issuer.config)) {
            return Err(other_kind());
        }
        let kid = header.kid()?;
        let (issuer, keys) = match self.issuer(kid, compact, now, fetched)? {
            Ok(found) => found,
            Err(missing) => return Ok(Err(missing)),
        };
        if !header.is_kind_of(&issuer.config) {
            return Err(other_kind());
        }
        if !issuer.config.algorithms.contains(&algorithm) {
            return Err(key_error(InvalidTokenReason::AlgorithmNotAllowed));
        }
        if !fetched {
            issuer.count(&keys);
        }
        let set = keys.set().ok_or_else(|| key_error(InvalidTokenReason::KeyNotFound))?;
        let key = match kid {
            Some(kid) => set.select(kid, algorithm),
            None => set.only(algorithm),
        };
        key.map_err(key_error)?
            .verify_sig(compact.signing_input, &compact.signature)
            .map_err(|_| key_error(InvalidTokenReason::SignatureInvalid))?;
        Ok(Ok((issuer, keys)))
    }

    /// The header's algorithm, if any issuer allows it.
    fn algorithm(&self, header: &Header) -> Result<Algorithm> {
        header
            .algorithm
            .filter(|a| self.issuers.iter().any(|issuer| issuer.config.algorithms.contains(a)))
            .ok_or_else(|| key_error(InvalidTokenReason::AlgorithmNotAllowed))
    }

    /// Whose token it is. Where there are several issuers, the unverified `iss` tells whom to ask,
    /// and only a configured issuer is ever asked; its keys alone decide. The inner `Err` is the keys
    /// to fetch first.
    fn issuer(
        &self,
        kid: Option<&str>,
        compact: &Compact<'_>,
        now: Instants,
        fetched: bool,
    ) -> Result<Result<SigningIssuer<'_>, KeyRequest<'_>>> {
        if let [only] = &*self.issuers
            && let Some(keys) = only.current_keys(now)
            && keys.has(kid)
        {
            return Ok(Ok((only, keys)));
        }
        let not_found = || key_error(InvalidTokenReason::KeyNotFound);
        let claimed = claims::unverified_issuer(&compact.payload);
        let named = self
            .issuers
            .iter()
            .find(|issuer| claimed.as_ref().is_some_and(|iss| issuer.config.issuers.contains(iss)));
        let Some(named) = named else {
            return self.only_owner(kid, now).map(Ok).ok_or_else(not_found);
        };
        if kid.is_none() && !named.config.allow_missing_kid {
            return Err(not_found());
        }
        match (&named.keys, named.current_keys(now)) {
            (_, Some(keys)) if kid.is_none() || keys.has(kid) => Ok(Ok((named, keys))),
            (IssuerKeys::Fetched(keys), None) if !fetched => {
                Ok(Err(KeyRequest { keys, kid: None }))
            }
            (IssuerKeys::Fetched(keys), Some(_))
                if !fetched && keys.may_ask_for_unknown_kid(kid.unwrap_or_default())? =>
            {
                Ok(Err(KeyRequest { keys, kid: kid.map(str::to_owned) }))
            }
            _ => Err(not_found()),
        }
    }

    /// The one issuer whose key is called `kid`: whatever its signature, a token that names no
    /// configured issuer is refused, and with its key it can be said why.
    fn only_owner(&self, kid: Option<&str>, now: Instants) -> Option<SigningIssuer<'_>> {
        let owned = |issuer| Issuer::current_keys(issuer, now).map(|keys| (issuer, keys));
        let mut owners = self.issuers.iter().filter_map(owned).filter(|(_, keys)| keys.has(kid));
        owners.next().filter(|_| owners.next().is_none())
    }
}

fn other_kind() -> Error {
    Error::invalid_token(
        InvalidTokenReason::WrongTokenKind,
        "the token's `typ` is not that of its issuer's access tokens (JWT or at+jwt, or what \
         require_typ says)",
    )
}

pub(super) fn key_error(reason: InvalidTokenReason) -> Error {
    let what = match reason {
        InvalidTokenReason::AlgorithmNotAllowed => "its `alg` is not allowed, or is not the key's",
        InvalidTokenReason::KeyNotFound => "its `iss` and `kid` name no key of an accepted issuer",
        InvalidTokenReason::KeyAmbiguous => "its issuer publishes several keys that fit",
        InvalidTokenReason::KeyUnusable => "its key is weak, invalid, or not for signatures",
        _ => "its signature does not hold",
    };
    Error::invalid_token(reason, format!("the token is refused: {what}"))
}
