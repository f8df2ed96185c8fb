//! How worn the keys of a connection are that its two ends cannot renew.

use crate::net::link::TlsFacts;

/// Counts TLS records, where their number is limited.
#[derive(Debug)]
pub(super) struct Wear(Option<u64>);

impl Wear {
    pub(super) fn of(tls: Option<&TlsFacts>) -> Self {
        Self(tls.is_some_and(TlsFacts::keys_wear_out).then_some(0))
    }

    /// So many bytes were taken by one write. Returns whether the keys are worn out: what waits may still go.
    pub(super) fn write(&mut self, bytes: usize) -> bool {
        let Some(records) = &mut self.0 else { return false };
        *records = records.saturating_add(bytes.div_ceil(RECORD) as u64);
        *records > MOST_RECORDS
    }
}

/// Plaintext of a TLS record.
const RECORD: usize = 16 * 1024;
/// rustls renews the keys of AES-GCM at 2^24 records; a margin for what still waits.
const MOST_RECORDS: u64 = (1 << 24) - (1 << 18);

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(version: &'static str, suite: &'static str, is_ours: bool) -> TlsFacts {
        TlsFacts { version, suite, key_exchange: "X25519", is_ours }
    }

    #[test]
    fn keys_wear_out_on_aes_gcm_where_nobody_renews_them() {
        let gcm = "TLS13_AES_256_GCM_SHA384";
        assert!(facts("TLSv1_3", gcm, false).keys_wear_out());
        assert!(!facts("TLSv1_3", gcm, true).keys_wear_out());
        assert!(facts("TLSv1_2", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", true).keys_wear_out(), "TLS 1.2 renews none");
        assert!(!facts("TLSv1_3", "TLS13_CHACHA20_POLY1305_SHA256", false).keys_wear_out());
    }

    #[test]
    fn the_link_ends_before_the_last_record_that_the_keys_may_protect() {
        let mut wear = Wear::of(Some(&facts("TLSv1_3", "TLS13_AES_128_GCM_SHA256", false)));
        for _ in 0..MOST_RECORDS / 4 {
            // A short message is a whole record; a long write is as many as it fills.
            assert!(!wear.write(1) && !wear.write(2 * RECORD + 1));
        }
        assert!(wear.write(1));
    }

    #[test]
    fn keys_that_do_not_wear_out_are_not_counted() {
        let mut wear = Wear::of(None);
        assert!(!wear.write(usize::MAX) && !wear.write(usize::MAX));
    }
}
