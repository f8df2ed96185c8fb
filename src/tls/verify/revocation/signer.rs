//! Whether a list was signed by the key of the CA in whose name it speaks.

use crate::tls::algorithms::ALGORITHMS;
use crate::x509::RevocationList;
use der::asn1::BitStringRef;
use der::{Decode, Reader, SliceReader, Tag};

/// Whether this public key, a DER `SubjectPublicKeyInfo`, signed the list.
pub(super) fn has_signed(spki_der: &[u8], list: &RevocationList) -> bool {
    let (Ok(key), Ok(signed)) = (public_key(spki_der), signed(&list.der)) else { return false };
    let fits = ALGORITHMS.all.iter().filter(|algorithm| {
        algorithm.public_key_alg_id().as_ref() == key.algorithm && algorithm.signature_alg_id().as_ref() == signed.algorithm
    });
    let mut verdicts = fits.map(|algorithm| algorithm.verify_signature(key.bits, signed.body, signed.signature));
    verdicts.any(|verdict| verdict.is_ok())
}

struct PublicKey<'a> {
    algorithm: &'a [u8],
    bits: &'a [u8],
}

struct Signed<'a> {
    body: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
}

fn public_key(spki_der: &[u8]) -> der::Result<PublicKey<'_>> {
    SliceReader::new(spki_der)?.sequence(|spki| Ok(PublicKey { algorithm: contents(spki)?, bits: bits(spki)? }))
}

/// RFC 5280, section 5.1: the list, the algorithm, the signature.
fn signed(list_der: &[u8]) -> der::Result<Signed<'_>> {
    SliceReader::new(list_der)?.sequence(|list| Ok(Signed { body: list.tlv_bytes()?, algorithm: contents(list)?, signature: bits(list)? }))
}

/// What stands in a sequence: that is how algorithms are told apart.
fn contents<'a>(reader: &mut SliceReader<'a>) -> der::Result<&'a [u8]> {
    reader.sequence(|inner| {
        let length = inner.remaining_len();
        inner.read_slice(length)
    })
}

fn bits<'a>(reader: &mut SliceReader<'a>) -> der::Result<&'a [u8]> {
    let bits = BitStringRef::decode(reader)?;
    bits.as_bytes().ok_or_else(|| Tag::BitString.value_error().into())
}
