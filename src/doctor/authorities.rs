//! Files of authorities.

use super::dates;
use super::finding::{Check, Finding, Report};
use super::material::{Text, foreign};
use crate::tls::{CaPool, CaPoolError};
use std::sync::Arc;

pub(super) fn read(at: &str, (origin, bytes): &Text, report: &mut Report) -> Option<Arc<CaPool>> {
    match CaPool::from_pem(origin, bytes.expose()) {
        Ok(pool) => {
            let words = if pool.len() == 1 { "1 authority".to_owned() } else { format!("{} authorities", pool.len()) };
            report.add(Finding::good(Check::Ca, at, format!("{words}: {}", pool.in_words())).with_chain(pool.authorities()));
            pool.authorities().for_each(|authority| dates::of_authority(at, authority, report));
            Some(Arc::new(pool))
        }
        Err(CaPoolError::Pem(error)) => {
            report.add(foreign(Check::Ca, at, &error, bytes.expose()));
            None
        }
        Err(error) => {
            report.add(Finding::bad(Check::Ca, at, &error));
            None
        }
    }
}
