//! Moving M2M clients from Auth0 to Stytch, with the same ids and the same secrets.
//!
//! 1. [`Auth0Tenant::export`] reads the tenant; an [`Auth0Export`] can also come from a file.
//! 2. [`Plan::draft`] decides which clients to import, and [`Plan::compare`] finds those that are
//!    at Stytch already. A plan contains no secret; read it and edit it.
//! 3. [`import`] carries the plan out; with a [`Journal`] it can continue after an interruption.
//! 4. [`verify`] checks each imported secret by a test fetch of a token.
//! 5. [`status`] shows the progress, and [`undo`] reverts the import.
//!
//! A client that Auth0 binds to one organization gets it as `organization_id` in its trusted metadata;
//! a client of several organizations needs a choice in the plan. Tokens name the organization if the
//! project's template does.
//!
//! ```no_run
//! use stytch_m2m::Client;
//! use stytch_m2m::auth0::{
//!     Auth0Tenant, Auth0TenantConfig, ImportOptions, Journal, Plan, ScopeMapping, import,
//! };
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::from_env()?;
//! let tenant = Auth0Tenant::new(Auth0TenantConfig::new("acme.eu.auth0.com", "id", "secret"))?;
//! let export = tenant.export(|_| {}).await?;
//! let mut plan = Plan::draft(&export, client.project_id(), &ScopeMapping::default())?;
//! plan.compare(&client, &export).await?;
//! let journal = Journal::open("import.journal".as_ref(), &plan)?;
//! let options = ImportOptions::default();
//! let report = import(&client, &plan, &export, Some(&journal), &options, |_| {}).await?;
//! println!("{:?}", report.counts());
//! # Ok(())
//! # }
//! ```

mod candidate;
mod compare;
mod conflict;
mod export;
mod import;
mod journal;
mod organizations;
mod plan;
mod planned;
mod rate_gate;
mod records;
mod report;
mod scopes;
mod state;
mod status;
mod undo;
mod verify;

pub use export::{Auth0Tenant, Auth0TenantConfig, ExportProgress};
pub use import::{ImportOptions, import};
pub use journal::{Journal, JournalState};
pub use plan::Plan;
pub use planned::PlannedClient;
pub use records::{Auth0Client, Auth0Export, Auth0Grant, Auth0ResourceServer, Auth0Scope};
pub use report::{ImportRecord, ImportReport};
pub use scopes::{ScopeHazard, ScopeHazardKind, ScopeHazards, ScopeMapping};
pub use state::{ImportState, OnConflict, PlanState, SkipReason};
pub use status::{StatusRecord, StatusReport, status};
pub use undo::{UndoOptions, UndoReport, undo};
pub use verify::{VerifyRecord, VerifyReport, verify};
