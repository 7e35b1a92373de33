//! A tenant to read, as a value that a test can change, and a project to move to.

use serde_json::{Value, json};
use stytch_m2m::auth0::{
    Auth0Export, ImportOptions, ImportReport, ImportState, Journal, Plan, ScopeMapping, import,
};
use stytch_m2m::{Client, ClientConfig};
use stytch_m2m_emulator::Emulator;
use tempfile::TempDir;

pub(crate) const API: &str = "https://api.example.com/";

/// The tenant's document, with what changes it.
pub(crate) struct Tenant(pub(crate) Value);

impl Tenant {
    /// Clients that may `read` one API.
    pub(crate) fn of(ids: &[&str]) -> Self {
        let client = |id: &&str| {
            json!({ "client_id": id, "client_secret": format!("canary-of-{id}"), "name": id,
                    "grant_types": ["client_credentials"] })
        };
        let grant =
            |id: &&str| json!({ "client_id": id, "audience": API, "scope": ["read", "write"] });
        Self(json!({
            "tenant": "acme.eu.auth0.com",
            "clients": ids.iter().map(client).collect::<Vec<_>>(),
            "client_grants": ids.iter().map(grant).collect::<Vec<_>>(),
            "resource_servers": [],
        }))
    }

    pub(crate) fn client(&mut self, id: &str) -> &mut Value {
        Self::find(&mut self.0["clients"], id)
    }

    pub(crate) fn grant(&mut self, id: &str) -> &mut Value {
        Self::find(&mut self.0["client_grants"], id)
    }

    /// Removes what is said of the client in one of the lists.
    pub(crate) fn remove(&mut self, list: &str, id: &str) {
        self.0[list].as_array_mut().unwrap().retain(|one| one["client_id"] != id);
    }

    fn find<'a>(list: &'a mut Value, id: &str) -> &'a mut Value {
        list.as_array_mut().unwrap().iter_mut().find(|one| one["client_id"] == id).unwrap()
    }

    pub(crate) fn export(&self) -> Auth0Export {
        Auth0Export::from_json(&self.0.to_string()).unwrap()
    }
}

/// A project to move to, with a journal.
pub(crate) struct Move {
    pub(crate) emulator: Emulator,
    pub(crate) client: Client,
    dir: TempDir,
}

impl Move {
    pub(crate) fn start() -> Self {
        let emulator = Emulator::start().unwrap();
        let config = ClientConfig {
            base_url: Some(emulator.base_url().into()),
            ..ClientConfig::new(emulator.project_id(), emulator.secret())
        };
        let client = Client::new(config).unwrap();
        Self { emulator, client, dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) async fn plan(&self, tenant: &Tenant) -> Plan {
        let export = tenant.export();
        let mapping = ScopeMapping::default();
        let mut plan = Plan::draft(&export, self.client.project_id(), &mapping).unwrap();
        plan.compare(&self.client, &export).await.unwrap();
        plan
    }

    pub(crate) fn journal(&self, plan: &Plan) -> Journal {
        Journal::open(&self.dir.path().join("journal"), plan).unwrap()
    }

    pub(crate) async fn import(&self, plan: &Plan, tenant: &Tenant) -> ImportReport {
        self.import_with(plan, tenant, &ImportOptions::default()).await
    }

    pub(crate) async fn import_with(
        &self,
        plan: &Plan,
        tenant: &Tenant,
        options: &ImportOptions,
    ) -> ImportReport {
        let journal = self.journal(plan);
        let export = tenant.export();
        import(&self.client, plan, &export, Some(&journal), options, |_| {}).await.unwrap()
    }

    /// The ids at Stytch, sorted.
    pub(crate) async fn ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        let mut all = self.client.clients().search_all(Default::default());
        while let Some(client) = all.next().await.unwrap() {
            ids.push(client.client_id);
        }
        ids.sort();
        ids
    }
}

/// What became of each client, in order.
pub(crate) fn states(report: &ImportReport) -> Vec<(&str, ImportState)> {
    report.clients.iter().map(|one| (one.client_id.as_str(), one.state)).collect()
}
