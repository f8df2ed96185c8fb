//! The side that was dialled.

use super::{HandoverError, frame, session};
use crate::dist::handover::{Answer, Ask, Binding, LinkName};
use crate::failure::{Code, Failure};
use crate::net::Connection;
use crate::net::link::{Link, Successor};
use crate::rt;
use futures_util::io::AsyncWriteExt;
use std::time::Duration;

/// Hears for which link a connection was dialled. Nothing is proven yet.
///
/// # Errors
/// What came instead, or that nothing came in time.
pub async fn hear(mut connection: Connection, within: Duration) -> Result<Petition, HandoverError> {
    let session = session(&connection).ok_or(HandoverError::NotSpoken)?;
    let step = "the request for a handover";
    let late = |_| HandoverError::Timeout { step, within };
    let frame = rt::timeout(within, frame::read(&mut connection, step)).await.map_err(late)??;
    match Ask::read(&frame) {
        Some(ask) => Ok(Petition { connection, ask, session, within }),
        None => {
            turn_away(connection, Code::ProtocolViolation, within).await;
            Err(HandoverError::Malformed { what: step })
        }
    }
}

/// Somebody who wants to carry a link.
#[derive(Debug)]
pub struct Petition {
    connection: Connection,
    ask: Ask,
    session: Binding,
    within: Duration,
}

impl Petition {
    /// Which link it names. Anybody can name one.
    pub const fn link(&self) -> LinkName {
        self.ask.link
    }

    /// The connection, for what is known of its other end.
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Whether it comes from the other end of this link.
    pub fn is_of(&self, link: &Link) -> bool {
        link.succession.keys().is_ok_and(|keys| keys.has_asked(&self.ask, self.session))
    }

    /// Agrees, and waits until the link has moved, which it does when the other end begins. A petition that does not
    /// come from the link's other end is refused.
    ///
    /// # Errors
    /// Why the link stays where it is.
    pub async fn grant(self, link: &Link) -> Result<(), HandoverError> {
        let number = self.ask.number;
        let keys = match link.succession.keys() {
            Ok(keys) if self.is_of(link) => keys,
            _ => {
                self.refuse(HandoverError::NotProven.code()).await;
                return Err(HandoverError::NotProven);
            }
        };
        if let Err(error) = link.succession.admit(number) {
            self.refuse(error.code()).await;
            return Err(error);
        }
        // The driver answers: it must have the connection before the other end can move.
        let greeting = frame::framed(&keys.grant(number, self.session).bytes());
        link.hand_to_driver(Successor { connection: self.connection, number, greeting })?;
        link.succession.outcome(number).await
    }

    /// Says why not, in one word.
    pub async fn refuse(self, code: Code) {
        turn_away(self.connection, code, self.within).await;
    }
}

/// The other end is given the time of a step to read it.
async fn turn_away(mut connection: Connection, code: Code, within: Duration) {
    let saying = async {
        // What counts is why we refuse, not that the other end did not stay to hear it.
        if frame::write(&mut connection, &Answer::Refused(code).bytes()).await.is_ok() && connection.close().await.is_ok() {
            rt::drain(&mut connection).await;
        }
    };
    rt::timeout(within, saying).await.unwrap_or_default();
}
