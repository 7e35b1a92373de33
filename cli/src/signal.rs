//! The signal to end.

/// Ends at SIGTERM; never elsewhere, where Ctrl-C ends the command.
pub(crate) fn terminated() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let terminate = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate())
    };
    async move {
        #[cfg(unix)]
        if let Ok(mut terminate) = terminate {
            terminate.recv().await;
            return;
        }
        std::future::pending().await
    }
}
