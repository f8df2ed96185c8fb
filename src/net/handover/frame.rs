//! The first frame of each side, and not a byte more: what follows belongs to the link.

use super::HandoverError;
use crate::dist::Framing;
use crate::dist::handover::LONGEST;
use crate::net::Connection;
use futures_util::io::{AsyncReadExt, AsyncWriteExt};
use std::io;
use std::sync::Arc;

/// The next frame; `step` is what it should be.
pub(super) async fn read(connection: &mut Connection, step: &'static str) -> Result<Vec<u8>, HandoverError> {
    let mut length = [0; 4];
    connection.read_exact(&mut length).await.map_err(|error| broken(error, step))?;
    let length = u32::from_be_bytes(length) as usize;
    if length > LONGEST {
        return Err(HandoverError::Malformed { what: step });
    }
    let mut frame = vec![0; length];
    connection.read_exact(&mut frame).await.map_err(|error| broken(error, step))?;
    Ok(frame)
}

pub(super) async fn write(connection: &mut Connection, frame: &[u8]) -> Result<(), HandoverError> {
    let bytes = framed(frame);
    let writing = async {
        connection.write_all(&bytes).await?;
        connection.flush().await
    };
    writing.await.map_err(|error| broken(error, "its reading"))
}

pub(super) fn framed(frame: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    // No frame of a handover is longer than its length can say.
    Framing::Four.write(frame, &mut bytes).unwrap_or_default();
    bytes
}

fn broken(error: io::Error, step: &'static str) -> HandoverError {
    match (Connection::refusal(&error), error.kind()) {
        (None, io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => HandoverError::Closed { step },
        _ => HandoverError::Io(Arc::new(error)),
    }
}
