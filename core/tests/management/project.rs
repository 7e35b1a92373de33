//! A project on an emulator of its own.

use std::time::Duration;

use stytch_m2m::{
    Client, ClientConfig, CreateRequest, M2MClientWithClientSecret, Secret, Token, TokenRequest,
    TransportConfig,
};
use stytch_m2m_emulator::{Effect, Emulator, Fault, Operation};

pub(crate) struct Project {
    pub(crate) emulator: Emulator,
    pub(crate) client: Client,
}

impl Project {
    pub(crate) fn start() -> Self {
        let emulator = Emulator::start().unwrap();
        let client = Client::new(ClientConfig {
            transport: hurried(),
            base_url: Some(emulator.base_url().into()),
            ..ClientConfig::new(emulator.project_id(), emulator.secret())
        });
        Self { emulator, client: client.unwrap() }
    }

    pub(crate) fn fault(&self, operation: Operation, effect: Effect) {
        self.faults(operation, effect, 1);
    }

    pub(crate) fn faults(&self, operation: Operation, effect: Effect, times: u32) {
        self.emulator.add_fault(Fault::new(effect).at(operation).times(times)).unwrap();
    }

    pub(crate) async fn create(&self) -> M2MClientWithClientSecret {
        let request = CreateRequest { scopes: vec!["read:users".into()], ..Default::default() };
        self.client.clients().create(request).await.unwrap().m2m_client
    }

    /// A token that no cache knows.
    pub(crate) async fn token(
        &self,
        client_id: &str,
        secret: &Secret,
    ) -> stytch_m2m::Result<Token> {
        let request = TokenRequest {
            client_id: client_id.into(),
            client_secret: secret.clone(),
            force_refresh: true,
            ..Default::default()
        };
        self.client.token(request).await
    }

    pub(crate) fn count(&self, operation: Operation) -> u64 {
        self.emulator.counts()[operation.name()]
    }
}

/// Settings that give a fault no more than moments.
pub(crate) fn hurried() -> TransportConfig {
    TransportConfig {
        attempt_timeout: Duration::from_millis(500),
        total_timeout: Duration::from_secs(5),
        ..Default::default()
    }
}
