//! Everything in this process that caches tokens: the tokens of a deleted or deactivated client
//! leave every cache, not only that of the [`Client`](crate::Client) that changed it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use arc_swap::ArcSwapOption;
use rpds::HashTrieMapSync;
use url::Url;

pub(crate) trait TokenHolder: Send + Sync {
    /// Drops all tokens that this token endpoint issued to this client.
    fn drop_client(self: Arc<Self>, token_url: &Url, client_id: &str);
}

type Holders = HashTrieMapSync<u64, Weak<dyn TokenHolder>>;

/// A persistent map behind an `ArcSwap`: a forked child can use it whatever a thread of its parent
/// was doing.
static HOLDERS: ArcSwapOption<Holders> = ArcSwapOption::const_empty();
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A holder's place in the list. Dropping it takes the holder off.
#[derive(Debug)]
pub(crate) struct Registration(u64);

impl Registration {
    pub(crate) fn new<H: TokenHolder + 'static>(holder: &Arc<H>) -> Self {
        let holder: Weak<dyn TokenHolder> = Arc::<H>::downgrade(holder);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        change(|holders| holders.insert_mut(number, Weak::clone(&holder)));
        Self(number)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        change(|holders| {
            holders.remove_mut(&self.0);
        });
    }
}

fn change(change: impl Fn(&mut Holders)) {
    HOLDERS.rcu(|holders| {
        let mut holders = holders.as_deref().cloned().unwrap_or_default();
        change(&mut holders);
        Some(Arc::new(holders))
    });
}

/// Drops a client's tokens from every holder at the end of a call: after a response, an error or a
/// cancellation.
pub(crate) struct DropAtEnd<'c> {
    pub(crate) token_url: &'c Url,
    pub(crate) client_id: &'c str,
}

impl Drop for DropAtEnd<'_> {
    fn drop(&mut self) {
        let Some(holders) = HOLDERS.load_full() else { return };
        for holder in holders.values().filter_map(Weak::upgrade) {
            holder.drop_client(self.token_url, self.client_id);
        }
    }
}
