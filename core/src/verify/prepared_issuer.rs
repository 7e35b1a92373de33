//! An issuer prepared from its settings, with its keys.

use std::sync::Arc;

use super::header::LastHeader;
use super::health::{KeySetHealth, KeySetState};
use super::issuer::{IssuerConfig, KeySource};
use super::jwks_cache::{CachedKeys, JwksCache, KeyAddress, KeySetSource};
use super::key_set::{BadKeySet, KeySet, KeySetRules};
use super::key_token::KeyToken;
use super::organization::OrganizationClaim;
use super::policy::{Policy, has_tenants};
use crate::clock::Instants;
use crate::config::https_url;
use crate::discovery::{Discovery, IssuerUrl};
use crate::error::{Error, Result};
use crate::http::Transport;
use crate::stats::Counters;

/// An issuer with its keys.
pub(crate) struct Issuer {
    pub(super) config: IssuerConfig,
    pub(super) policy: Option<Policy>,
    pub(super) organization: Option<OrganizationClaim>,
    pub(super) keys: IssuerKeys,
    pub(super) last_header: LastHeader,
}

#[derive(Clone)]
pub(crate) enum IssuerKeys {
    Configured(Arc<KeySet>),
    Fetched(Arc<JwksCache>),
}

/// The key set in use now.
pub(crate) enum CurrentKeys<'v> {
    Configured(&'v KeySet),
    /// Those of an issuer that the resolver may drop.
    Shared(Arc<KeySet>),
    Fetched(CachedKeys),
}

impl CurrentKeys<'_> {
    pub(super) fn set(&self) -> &KeySet {
        match self {
            Self::Configured(set) => set,
            Self::Shared(set) => set,
            Self::Fetched(cached) => cached.set(),
        }
    }

    /// The key set, if it was fetched, and so can be replaced.
    pub(super) fn fetched(&self) -> Option<&Arc<KeySet>> {
        match self {
            Self::Configured(_) | Self::Shared(_) => None,
            Self::Fetched(cached) => Some(cached.set()),
        }
    }

    pub(super) fn has(&self, kid: Option<&str>) -> bool {
        kid.is_some_and(|kid| self.set().has(kid))
    }
}

impl Issuer {
    pub(super) fn new(
        config: IssuerConfig,
        transport: &Arc<Transport>,
        counters: Arc<Counters>,
    ) -> Result<Self> {
        config.validate()?;
        let rules = rules(&config);
        let fetched = |address, setting, rules| {
            let token = config.jwks_token_file.as_ref().map(KeyToken::file);
            let source = KeySetSource { address, setting, token, rules };
            IssuerKeys::Fetched(JwksCache::new(
                config.name(),
                source,
                Arc::clone(transport),
                counters,
            ))
        };
        let keys = match &config.keys {
            KeySource::Jwks(text) => {
                let set = KeySet::parse(text.as_bytes(), &rules);
                let set = set.map_err(unusable)?;
                set.log_skipped(&config.name(), &KeySet::default());
                IssuerKeys::Configured(Arc::new(set))
            }
            KeySource::Url(url) => {
                let address = KeyAddress::Known(https_url("jwks_url", url)?);
                fetched(address, config.profile.setting(), rules)
            }
            KeySource::Discovery(issuer) => {
                let issuer = IssuerUrl::parse("issuer", issuer)?;
                let discovery = Discovery::new(issuer, Arc::clone(transport));
                fetched(KeyAddress::Discovered(discovery), "issuer", rules)
            }
        };
        let (policy, organization) = (config.policy(), config.organization()?);
        Ok(Self { config, policy, organization, keys, last_header: LastHeader::default() })
    }

    /// Whether `config` takes its keys from where this issuer's are from, in the same way.
    pub(super) fn has_keys_of(&self, config: &IssuerConfig) -> bool {
        let own = &self.config;
        own.keys == config.keys
            && own.jwks_token_file == config.jwks_token_file
            && own.profile == config.profile
            && rules(own) == rules(config)
    }

    /// An issuer of `config` that shares the keys of `other`.
    pub(super) fn with_keys_of(other: &Self, config: IssuerConfig) -> Result<Self> {
        config.validate()?;
        let (policy, organization) = (config.policy(), config.organization()?);
        let (keys, last_header) = (other.keys.clone(), LastHeader::default());
        Ok(Self { config, policy, organization, keys, last_header })
    }

    pub(super) fn current_keys(&self, now: Instants) -> Option<CurrentKeys<'_>> {
        match &self.keys {
            IssuerKeys::Configured(set) => Some(CurrentKeys::Configured(set)),
            IssuerKeys::Fetched(cache) => cache.current(now).map(CurrentKeys::Fetched),
        }
    }

    /// The same for an issuer that may be dropped meanwhile.
    pub(super) fn current_keys_shared(&self, now: Instants) -> Option<CurrentKeys<'static>> {
        match &self.keys {
            IssuerKeys::Configured(set) => Some(CurrentKeys::Shared(Arc::clone(set))),
            IssuerKeys::Fetched(cache) => cache.current(now).map(CurrentKeys::Fetched),
        }
    }

    /// Counts a verification that used `keys` without waiting.
    pub(super) fn count(&self, keys: &CurrentKeys<'_>) {
        if let (IssuerKeys::Fetched(cache), CurrentKeys::Fetched(cached)) = (&self.keys, keys) {
            cache.count(cached);
        }
    }

    pub(super) fn cache(&self) -> Option<&Arc<JwksCache>> {
        match &self.keys {
            IssuerKeys::Configured(_) => None,
            IssuerKeys::Fetched(cache) => Some(cache),
        }
    }

    pub(super) fn health(&self) -> KeySetHealth {
        match &self.keys {
            IssuerKeys::Fetched(cache) => cache.health(),
            IssuerKeys::Configured(set) => KeySetHealth {
                issuer: self.config.name(),
                state: KeySetState::Fresh,
                keys: set.usable(),
                skipped_keys: set.skipped(),
                fetched_at: None,
                age: None,
                failures: 0,
                last_failure: None,
                last_failure_message: None,
                retry_after: None,
                unknown_kids: 0,
                cooldown_hits: 0,
            },
        }
    }
}

/// Which keys of the issuer's key set are used.
fn rules(config: &IssuerConfig) -> KeySetRules {
    KeySetRules {
        algorithms: config.algorithms.clone(),
        tenants: has_tenants(&config.issuers),
        max_keys: config.max_jwks_keys,
        max_bytes: config.max_jwks_bytes,
    }
}

pub(super) fn unusable(bad: BadKeySet) -> Error {
    Error::invalid_config("jwks", format!("jwks is unusable: {}", bad.0))
}
