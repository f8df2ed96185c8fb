//! Agreement with `eetf`, which others wrote.
//!
//! Left out is what it is known to do otherwise: it writes a list of numbers below 256 as bytes even if
//! some are negative, does not read the arity 255, and knows neither `-0.0` nor a shared map key.

use crate::arbitrary::{laid_bare, term};
use bytes::Bytes;
use countersign::etf::{
    Atom, BitString, Creation, Export, Float, Fun, Map, Pid, Port, Reference, Term, binary, decode, encode, improper, integer, list, tuple,
};
use proptest::prelude::*;

proptest! {
    #![proptest_config(crate::cases(600))]

    #[test]
    fn what_we_write_is_read_alike(term in term().prop_filter("known difference", is_common)) {
        let theirs = eetf::Term::decode(&encode(&term).unwrap()[..]).unwrap();
        prop_assert_eq!(translated(&theirs), term);
    }

    #[test]
    fn what_it_writes_is_read_alike(term in term().prop_filter("known difference", |term| is_common(term) && !has_negative(term))) {
        let theirs = eetf::Term::decode(&encode(&term).unwrap()[..]).unwrap();
        let mut bytes = Vec::new();
        theirs.encode(&mut bytes).unwrap();
        prop_assert_eq!(decode(&Bytes::from(bytes)).unwrap(), term);
    }
}

fn is_common(term: &Term) -> bool {
    let printed = laid_bare(term);
    !printed.contains("/255") && !printed.contains("-0.0")
}

/// A negative number may stand in a list.
fn has_negative(term: &Term) -> bool {
    laid_bare(term).contains('-')
}

fn translated(term: &eetf::Term) -> Term {
    let all = |terms: &[eetf::Term]| terms.iter().map(translated).collect::<Vec<_>>();
    match term {
        eetf::Term::Atom(atom) => name(atom).into(),
        eetf::Term::FixInteger(number) => number.value.into(),
        eetf::Term::BigInteger(number) => {
            let (_, magnitude) = number.value.to_bytes_le();
            integer(number.value.to_string().starts_with('-'), &magnitude)
        }
        eetf::Term::Float(float) => Float::new(float.value).unwrap().into(),
        eetf::Term::Pid(value) => pid(value).into(),
        eetf::Term::Port(port) => Port { node: name(&port.node), id: port.id, creation: Creation(port.creation) }.into(),
        eetf::Term::Reference(reference) => {
            Reference::new(name(&reference.node), Creation(reference.creation), &reference.id).unwrap().into()
        }
        eetf::Term::ExternalFun(fun) => Export { module: name(&fun.module), function: name(&fun.function), arity: fun.arity }.into(),
        eetf::Term::InternalFun(value) => fun(value).into(),
        eetf::Term::Binary(bytes) => binary(bytes.bytes.clone()),
        eetf::Term::BitBinary(bits) => bit_string(bits),
        eetf::Term::ByteList(bytes) => list(bytes.bytes.iter().copied()),
        eetf::Term::List(terms) => list(all(&terms.elements)),
        eetf::Term::ImproperList(terms) => improper(all(&terms.elements), translated(&terms.last)),
        eetf::Term::Tuple(terms) => tuple(all(&terms.elements)),
        eetf::Term::Map(pairs) => Map::new(pairs.map.iter().map(|(key, value)| (translated(key), translated(value)))).unwrap().into(),
    }
}

fn name(atom: &eetf::Atom) -> Atom {
    Atom::new(&atom.name).unwrap()
}

fn pid(pid: &eetf::Pid) -> Pid {
    Pid { node: name(&pid.node), id: pid.id, serial: pid.serial, creation: Creation(pid.creation) }
}

/// Its last byte is shifted down.
fn bit_string(bits: &eetf::BitBinary) -> Term {
    let mut bytes = bits.bytes.clone();
    *bytes.last_mut().unwrap() <<= 8 - bits.tail_bits_size;
    BitString::new(bytes.into(), bits.tail_bits_size).unwrap().into()
}

fn fun(fun: &eetf::InternalFun) -> Fun {
    let eetf::InternalFun::New { module, arity, pid: creator, free_vars, index, uniq, old_index, old_uniq } = fun else {
        unreachable!("we write only the new form")
    };
    let free = free_vars.iter().map(translated).collect::<Vec<_>>().into();
    let (old_index, old_uniq) = (i64::from(*old_index), i64::from(*old_uniq));
    Fun { module: name(module), arity: *arity, uniq: *uniq, index: *index, old_index, old_uniq, creator: pid(creator), free }
}
