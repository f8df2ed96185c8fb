//! Valid certificates, lists and keys, written down tag by tag: another pen than the one of `authority`,
//! so that the readers are not only held against our own writer. No signature in them is a real one;
//! readers do not ask. Keys are made at run time.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use countersign::x509::pem;

/// One element: tag, length as DER has it, contents.
pub(crate) fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len().to_be_bytes();
    let first = length.iter().position(|&byte| byte != 0).unwrap_or(length.len() - 1);
    let digits = &length[first..];
    let mut out = vec![tag];
    if contents.len() >= 128 {
        out.push(0x80 | u8::try_from(digits.len()).unwrap());
    }
    out.extend_from_slice(digits);
    out.extend_from_slice(contents);
    out
}

pub(crate) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

/// A name with one attribute, whose value is any element.
pub(crate) fn name_with(value: &[u8]) -> Vec<u8> {
    sequence(&[element(0x31, &sequence(&[element(0x06, COMMON_NAME), value.to_vec()]))])
}

pub(crate) fn name(text: &str) -> Vec<u8> {
    name_with(&element(0x0c, text.as_bytes()))
}

/// An agent's certificate with every extension that the reader looks at.
pub(crate) fn certificate() -> Vec<u8> {
    certificate_with(&name("agent"), &extensions())
}

pub(crate) fn certificate_with(subject: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
    let validity = sequence(&[element(0x17, b"260101000000Z"), element(0x18, b"20510101000000Z")]);
    let body = sequence(&[
        element(0xa0, &element(0x02, &[2])),
        element(0x02, &[0x7f, 1, 2, 3]),
        ecdsa_with_sha256(),
        name("sample CA"),
        validity,
        subject.to_vec(),
        public_key(),
        element(0xa3, &sequence(extensions)),
    ]);
    signed(body)
}

pub(crate) fn extension(id: u8, value: &[u8]) -> Vec<u8> {
    sequence(&[element(0x06, &[0x55, 0x1d, id]), element(0x04, value)])
}

/// A subject alternative name of each kind.
pub(crate) fn alternative_names() -> Vec<u8> {
    let other = [element(0x06, COMMON_NAME), element(0xa0, &element(0x0c, b"upn"))].concat();
    sequence(&[
        element(0x82, b"localhost"),
        element(0x87, &[127, 0, 0, 1]),
        element(0x87, &[0; 16]),
        element(0x86, b"erl:agent@localhost"),
        element(0x81, b"agent@localhost"),
        element(0xa4, &name("directory")),
        element(0x88, COMMON_NAME),
        element(0xa0, &other),
    ])
}

/// A list that revokes two serial numbers.
pub(crate) fn crl() -> Vec<u8> {
    let entry = |serial: u8| sequence(&[element(0x02, &[serial]), element(0x17, b"260102000000Z")]);
    signed(sequence(&[
        element(0x02, &[1]),
        ecdsa_with_sha256(),
        name("sample CA"),
        element(0x17, b"260101000000Z"),
        element(0x17, b"260201000000Z"),
        sequence(&[entry(5), entry(6)]),
    ]))
}

pub(crate) fn p256_pkcs8() -> Vec<u8> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    pair.to_pkcs8v1().unwrap().as_ref().to_vec()
}

pub(crate) fn p256_sec1() -> Vec<u8> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    pair.private_key().as_der().unwrap().as_ref().to_vec()
}

pub(crate) fn ed25519_pkcs8() -> Vec<u8> {
    Ed25519KeyPair::generate().unwrap().to_pkcs8v1().unwrap().as_ref().to_vec()
}

/// DER of every kind.
pub(crate) fn all_der() -> Vec<Vec<u8>> {
    vec![certificate(), crl(), p256_pkcs8(), p256_sec1(), ed25519_pkcs8()]
}

/// Files as people have them.
pub(crate) fn all_files() -> Vec<Vec<u8>> {
    let (leaf, list) = (pem::encode("CERTIFICATE", &certificate()), pem::encode("X509 CRL", &crl()));
    let key = pem::encode("PRIVATE KEY", &p256_pkcs8());
    let old_key = pem::encode("EC PRIVATE KEY", &p256_sec1());
    let bundle = format!("Bag Attributes\n    friendlyName: agent\n{leaf}{leaf}{key}{list}");
    [leaf, list, key, old_key, bundle].map(String::into_bytes).to_vec()
}

fn extensions() -> Vec<Vec<u8>> {
    let usages = sequence(&[element(0x06, &[0x2b, 6, 1, 5, 5, 7, 3, 1]), element(0x06, &[0x2b, 6, 1, 5, 5, 7, 3, 2])]);
    let authority = sequence(&[element(0x80, &[7; 20]), element(0xa1, &element(0xa4, &name("root"))), element(0x82, &[9])]);
    vec![
        extension(0x11, &alternative_names()),
        extension(0x0f, &element(0x03, &[7, 0x80])),
        extension(0x25, &usages),
        extension(0x13, &sequence(&[])),
        extension(0x0e, &element(0x04, &[8; 20])),
        extension(0x23, &authority),
    ]
}

fn public_key() -> Vec<u8> {
    let algorithm =
        sequence(&[element(0x06, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]), element(0x06, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7])]);
    sequence(&[algorithm, element(0x03, &[&[0, 4][..], &[1; 64]].concat())])
}

fn signed(body: Vec<u8>) -> Vec<u8> {
    sequence(&[body, ecdsa_with_sha256(), element(0x03, &[0, 0x30, 6, 2, 1, 1, 2, 1, 1])])
}

fn ecdsa_with_sha256() -> Vec<u8> {
    sequence(&[element(0x06, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2])])
}

const COMMON_NAME: &[u8] = &[0x55, 4, 3];
