//! What `authority` writes, damaged on its way to a node: pairs, pools and lists as they are loaded.

use crate::mutation::damaged;
use crate::readers::{explained, read_everything};
use countersign::authority::{KeyKind, KeyPair};
use countersign::testing::Ca;
use countersign::tls::{CaPool, Certificate};
use countersign::x509::pem::{self, Label, Origin};
use countersign::x509::{Inspected, PrivateKey};
use proptest::prelude::*;

#[test]
fn every_kind_of_key_is_read_back_and_survives_damage_to_every_eighth_byte() {
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519, KeyKind::Rsa2048] {
        let text = KeyPair::generate(kind).unwrap().pem();
        let block = pem::private_key(&Origin::memory(), text.expose()).unwrap();
        for at in (0..block.der.expose().len()).step_by(8) {
            let mut der = block.der.expose().to_vec();
            der[at] ^= 0x41;
            explained(PrivateKey::from_pem(&Origin::memory(), pem::encode("PRIVATE KEY", &der).as_bytes()));
        }
    }
}

#[test]
fn an_rsa_key_in_its_old_form_is_read() {
    let text = KeyPair::generate(KeyKind::Rsa2048).unwrap().pem();
    let pkcs8 = pem::private_key(&Origin::memory(), text.expose()).unwrap();
    let old = pem::encode("RSA PRIVATE KEY", &pkcs8.der.expose()[PKCS8_HEAD_OF_RSA_2048..]);
    assert_eq!(PrivateKey::from_pem(&Origin::memory(), old.as_bytes()).unwrap().label(), Label::Pkcs1Key);
}

#[test]
fn a_pair_cut_off_anywhere_is_refused_with_a_reason() {
    let (chain, key) = Ca::new().leaf().names(&["localhost"]).pem();
    let end_of_text = |text: &str| text.trim_end().len();
    for end in (0..end_of_text(&chain)).step_by(7) {
        assert!(
            explained(Certificate::from_pem(&Origin::memory(), &chain.as_bytes()[..end], key.expose())).is_none(),
            "{end} bytes of the chain passed"
        );
    }
    let text = std::str::from_utf8(key.expose()).unwrap();
    for end in (0..end_of_text(text)).step_by(7) {
        assert!(
            explained(Certificate::from_pem(&Origin::memory(), chain.as_bytes(), &key.expose()[..end])).is_none(),
            "{end} bytes of the key passed"
        );
    }
}

thread_local! {
    /// A leaf below an intermediate with names of every kind, its key, and a list of its CA.
    static ISSUED: Issued = Issued::new();
}

struct Issued {
    chain: Vec<u8>,
    key: Vec<u8>,
    list: Vec<u8>,
    pool: Vec<u8>,
    ders: Vec<Vec<u8>>,
}

impl Issued {
    fn new() -> Self {
        let root = Ca::new();
        let ca = root.intermediate();
        let (chain, key) = ca.leaf().names(&["localhost", "*.example", "127.0.0.1", "::1", "erl:a@localhost"]).pem();
        let revoked = ca.agent(&["gone"]);
        let list = ca.revocation_list(&[&revoked]).into_bytes();
        let blocks = pem::blocks(&Origin::memory(), format!("{chain}{}", String::from_utf8_lossy(&list)).as_bytes()).unwrap();
        let ders = blocks.iter().map(|block| block.der.expose().to_vec()).collect();
        let pool = format!("{}{}", root.pem(), ca.pem()).into_bytes();
        Self { chain: chain.into_bytes(), key: key.expose().to_vec(), list, pool, ders }
    }
}

fn issued<T>(read: impl FnOnce(&Issued) -> T) -> T {
    ISSUED.with(read)
}

proptest! {
    #![proptest_config(crate::cases(1000))]

    #[test]
    fn a_damaged_chain_is_refused_or_belongs_to_the_key(chain in damaged(vec![issued(|it| it.chain.clone())])) {
        let loaded = issued(|it| explained(Certificate::from_pem(&Origin::memory(), &chain, &it.key)));
        if let Some(certificate) = loaded {
            let key = issued(|it| PrivateKey::from_pem(&Origin::memory(), &it.key).unwrap());
            prop_assert!(key.belongs_to(&Inspected::from_der(certificate.leaf_der()).unwrap()));
        }
    }

    #[test]
    fn a_damaged_key_is_refused_or_still_belongs_to_the_chain(key in damaged(vec![issued(|it| it.key.clone())])) {
        let loaded = issued(|it| explained(Certificate::from_pem(&Origin::memory(), &it.chain, &key)));
        if let Some(certificate) = loaded {
            prop_assert!(PrivateKey::from_pem(&Origin::memory(), &key).unwrap().belongs_to(certificate.leaf()));
        }
    }

    #[test]
    fn a_damaged_pool_is_refused_or_holds_authorities_only(pool in damaged(vec![issued(|it| it.pool.clone())])) {
        if let Some(pool) = explained(CaPool::from_pem(&Origin::memory(), &pool)) {
            prop_assert!(!pool.is_empty());
        }
    }

    #[test]
    fn damaged_lists_and_certificates_of_our_own_are_read_or_refused_without_a_panic(
        bytes in damaged(issued(|it| [it.ders.clone(), vec![it.list.clone()]].concat()))
    ) {
        read_everything(&bytes);
    }
}

/// What stands before the `RSAPrivateKey` in the PKCS#8 of such a key: outer head, version, algorithm, inner head.
const PKCS8_HEAD_OF_RSA_2048: usize = 26;
