//! What the environment says: `ERL_EPMD_PORT` for everybody, `ERL_EPMD_ADDRESS` for the daemon.

use super::error::EpmdError;
use std::net::IpAddr;

/// The port on which epmds meet unless `ERL_EPMD_PORT` says otherwise.
pub const DEFAULT_PORT: u16 = 4369;

pub(super) fn port() -> Result<u16, EpmdError> {
    read("ERL_EPMD_PORT").map_or(Ok(DEFAULT_PORT), |text| parse_port(&text))
}

pub(super) fn addresses() -> Result<Vec<IpAddr>, EpmdError> {
    read("ERL_EPMD_ADDRESS").map_or(Ok(Vec::new()), |text| parse_addresses(&text))
}

/// An empty variable is as good as none; bytes that are no text are shown as they are refused.
fn read(name: &str) -> Option<String> {
    let text = std::env::var_os(name)?.to_string_lossy().into_owned();
    (!text.is_empty()).then_some(text)
}

fn parse_port(text: &str) -> Result<u16, EpmdError> {
    match text.trim().parse() {
        Ok(0) | Err(_) => Err(EpmdError::NotAPort(text.to_owned())),
        Ok(port) => Ok(port),
    }
}

fn parse_addresses(text: &str) -> Result<Vec<IpAddr>, EpmdError> {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(|word| word.parse().map_err(|_| EpmdError::NotAnAddress(word.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_a_number_that_can_be_dialled() {
        assert_eq!(parse_port("4370").unwrap(), 4370);
        for text in ["0", "65536", "-1", "epmd", "4369x"] {
            assert!(parse_port(text).is_err(), "{text}");
        }
    }

    #[test]
    fn addresses_stand_between_commas() {
        assert_eq!(parse_addresses("127.0.0.1, ::1,").unwrap().len(), 2);
        assert!(parse_addresses("127.0.0.1,localhost").is_err());
    }
}
