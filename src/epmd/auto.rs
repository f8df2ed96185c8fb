//! Uses the epmd that runs, or starts one.

use super::client::{Client, Registration};
use super::error::EpmdError;
use super::server::{Server, ServerOptions};
use super::wire::NodeEntry;
use crate::rt;
use std::time::Duration;

/// A registered node, and the epmd that was started for it, if none ran.
#[derive(Debug)]
#[must_use = "a registration that is dropped is over"]
pub struct Registered {
    /// First, so that the node leaves before its epmd ends.
    pub registration: Registration,
    /// The embedded epmd. When it ends, other nodes of this host lose their registration, and register
    /// again with whoever starts the next one.
    pub server: Option<Server>,
}

/// Registers a node with the epmd of this host; where none listens, starts one with these options, whose
/// port should be the client's.
///
/// Two nodes that start at the same moment may both find none. The port decides: whoever cannot open it
/// registers with the other.
///
/// # Errors
/// Why the node is not registered, or no epmd can be started. An epmd that is there but does not answer is
/// an error too: its port is taken.
pub async fn auto(client: &Client, options: &ServerOptions, entry: &NodeEntry) -> Result<Registered, EpmdError> {
    let mut outcome = step(client, options, entry).await;
    for _ in 0..RETRIES {
        match &outcome {
            // The winner of the race is between opening its port and listening, or it has ended again.
            Err(error) if error.is_port_taken() || error.is_absent() => rt::sleep(PAUSE).await,
            _ => return outcome,
        }
        outcome = step(client, options, entry).await;
    }
    outcome
}

async fn step(client: &Client, options: &ServerOptions, entry: &NodeEntry) -> Result<Registered, EpmdError> {
    match client.register(entry).await {
        Ok(registration) => Ok(Registered { registration, server: None }),
        Err(error) if error.is_absent() => {
            let server = Server::bind(options.clone()).await?;
            let registration = client.register(entry).await?;
            Ok(Registered { registration, server: Some(server) })
        }
        Err(error) => Err(error),
    }
}

const RETRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(25);
