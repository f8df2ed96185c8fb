//! Terms to bytes, in the newest form of each kind: what OTP writes with `{minor_version, 2}`.

use super::atom::Atom;
use super::bit_string::BitString;
use super::error::EncodeError;
use super::fun::{Export, Fun};
use super::id::{Pid, Port, Reference};
use super::tag;
use super::term::Term;
use std::ops::{Deref, DerefMut};

/// The term as a whole: version byte and term.
///
/// ```
/// use countersign::etf::{atom, encode};
///
/// // term_to_binary(ok, [{minor_version, 2}]).
/// assert_eq!(encode(&atom("ok")), Ok(vec![131, 119, 2, b'o', b'k']));
/// ```
///
/// # Errors
/// Something in it is longer than the format has room for (4 GiB), or local and not alone.
pub fn encode(term: &Term) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::new();
    encode_into(term, &mut out).map(|()| out)
}

/// Writes version byte and term behind what is in the buffer.
///
/// # Errors
/// As [`encode`].
pub fn encode_into(term: &Term, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    out.push(tag::VERSION);
    encode_bare(term, out)
}

/// Writes the term without version byte behind what is in the buffer, as packets of the distribution
/// hold it.
///
/// # Errors
/// As [`encode`].
pub fn encode_bare(term: &Term, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    whole(term, &mut Out { bytes: out, atoms: None })
}

/// As [`encode_bare`], with references to those atoms that the packet's header lists.
///
/// # Errors
/// As [`encode`].
pub fn encode_bare_with(term: &Term, atoms: &mut dyn AtomIndex, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    whole(term, &mut Out { bytes: out, atoms: Some(atoms) })
}

/// The atoms that a packet's header lists; the counterpart of [`AtomTable`](super::AtomTable).
pub trait AtomIndex {
    /// The number under which the header lists the atom, or will list it. `None`: it is written out.
    fn index(&mut self, atom: &Atom) -> Option<u8>;
}

/// Writes terms piece by piece, where their shape is known: nothing is made only to be written.
pub struct TermWriter<'a>(Out<'a>);

impl<'a> TermWriter<'a> {
    /// Behind what is in the buffer; with references to the atoms that a packet's header lists, if it has one.
    pub fn new(bytes: &'a mut Vec<u8>, atoms: Option<&'a mut dyn AtomIndex>) -> Self {
        Self(Out { bytes, atoms })
    }

    /// How many bytes the buffer has by now.
    pub fn written(&self) -> usize {
        self.0.len()
    }

    /// The byte in front of a term that stands alone.
    pub fn version(&mut self) {
        self.0.push(tag::VERSION);
    }

    /// The head of a tuple with so few elements; they have to follow.
    pub fn tuple(&mut self, arity: u8) {
        self.0.extend([tag::SMALL_TUPLE, arity]);
    }

    /// An integer.
    pub fn integer(&mut self, value: i64) {
        integer(value, &mut self.0);
    }

    /// A name.
    pub fn atom(&mut self, value: &Atom) {
        atom(value, &mut self.0);
    }

    /// A process.
    pub fn pid(&mut self, value: &Pid) {
        pid(value, &mut self.0);
    }

    /// A reference.
    pub fn reference(&mut self, value: &Reference) {
        reference(value, &mut self.0);
    }

    /// Any term.
    ///
    /// # Errors
    /// As [`encode`]; and a local term, which is always alone.
    pub fn term(&mut self, term: &Term) -> Result<(), EncodeError> {
        match term {
            Term::Local(_) => Err(EncodeError::LocalInside),
            term => whole(term, &mut self.0),
        }
    }
}

/// Where to, and how atoms are written.
struct Out<'a> {
    bytes: &'a mut Vec<u8>,
    atoms: Option<&'a mut dyn AtomIndex>,
}

impl Deref for Out<'_> {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        self.bytes
    }
}

impl DerefMut for Out<'_> {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        self.bytes
    }
}

fn whole(term: &Term, out: &mut Out<'_>) -> Result<(), EncodeError> {
    if let Term::Local(bytes) = term {
        out.push(tag::LOCAL);
        out.extend_from_slice(bytes);
        return Ok(());
    }
    // All but the innermost: most terms are flat, and need no stack.
    let mut open = Vec::new();
    let mut innermost = node(term, out)?;
    while let Some(top) = &mut innermost {
        match top.rest.next() {
            Some(term) => {
                if let Some(inner) = node(term, out)? {
                    open.extend(innermost.replace(inner));
                }
            }
            None => {
                let done = std::mem::replace(&mut innermost, open.pop());
                done.map_or(Ok(()), |done| done.end.write(out))?;
            }
        }
    }
    Ok(())
}

/// A container whose head is written.
struct Open<'a> {
    rest: std::slice::Iter<'a, Term>,
    end: End,
}

/// What is still to be written behind the last child.
enum End {
    Nothing,
    Nil,
    /// The size of a fun, into the place that was left for it.
    Size(usize),
}

impl End {
    fn write(self, out: &mut Out<'_>) -> Result<(), EncodeError> {
        match self {
            Self::Nothing => {}
            Self::Nil => out.push(tag::NIL),
            Self::Size(at) => {
                let size = length(out.len() - at)?;
                if let Some(place) = out.get_mut(at..at + 4) {
                    place.copy_from_slice(&size);
                }
            }
        }
        Ok(())
    }
}

/// Writes a leaf whole, and of a container the head.
fn node<'a>(term: &'a Term, out: &mut Out<'_>) -> Result<Option<Open<'a>>, EncodeError> {
    let end = match term {
        Term::Tuple(terms) => tuple_head(terms.len(), out)?,
        Term::Map(map) => counted(tag::MAP, map.len(), out)?,
        Term::List(terms) if terms.is_empty() => return leaf(term, out).map(|()| None),
        Term::List(terms) => match string_length(terms) {
            Some(length) => {
                string(length, terms, out);
                return Ok(None);
            }
            None => counted(tag::LIST, terms.len(), out).map(|_| End::Nil)?,
        },
        Term::Improper(improper) => counted(tag::LIST, improper.elements().len(), out)?,
        Term::Fun(fun) => fun_head(fun, out)?,
        _ => return leaf(term, out).map(|()| None),
    };
    Ok(Some(Open { rest: term.children().iter(), end }))
}

/// A list comes here only when it is empty.
fn leaf(term: &Term, out: &mut Out<'_>) -> Result<(), EncodeError> {
    match term {
        Term::Integer(value) => integer(*value, out),
        Term::BigInt(value) => return big(value.is_negative(), value.magnitude(), out),
        Term::Float(value) => {
            out.push(tag::NEW_FLOAT);
            out.extend(value.value().to_be_bytes());
        }
        Term::Atom(value) => atom(value, out),
        Term::Reference(value) => reference(value, out),
        Term::Export(value) => export(value, out),
        Term::Port(value) => port(value, out),
        Term::Pid(value) => pid(value, out),
        Term::Binary(value) => return bytes(tag::BINARY, None, value, out),
        Term::BitString(value) => return bit_string(value, out),
        Term::Local(_) => return Err(EncodeError::LocalInside),
        Term::List(_) => out.push(tag::NIL),
        Term::Tuple(_) | Term::Map(_) | Term::Improper(_) | Term::Fun(_) => {}
    }
    Ok(())
}

fn length(length: usize) -> Result<[u8; 4], EncodeError> {
    u32::try_from(length).map(u32::to_be_bytes).map_err(|_| EncodeError::TooLong { length })
}

fn counted(tag: u8, count: usize, out: &mut Out<'_>) -> Result<End, EncodeError> {
    out.push(tag);
    out.extend(length(count)?);
    Ok(End::Nothing)
}

fn tuple_head(arity: usize, out: &mut Out<'_>) -> Result<End, EncodeError> {
    match u8::try_from(arity) {
        Ok(arity) => out.extend([tag::SMALL_TUPLE, arity]),
        Err(_) => return counted(tag::LARGE_TUPLE, arity, out),
    }
    Ok(End::Nothing)
}

/// The length of a list that has the short form: bytes only, and not too many.
fn string_length(terms: &[Term]) -> Option<u16> {
    let length = u16::try_from(terms.len()).ok()?;
    terms.iter().all(|term| matches!(term, Term::Integer(0..=255))).then_some(length)
}

fn string(length: u16, terms: &[Term], out: &mut Out<'_>) {
    out.push(tag::STRING);
    out.extend(length.to_be_bytes());
    out.extend(terms.iter().filter_map(|term| if let Term::Integer(byte) = term { u8::try_from(*byte).ok() } else { None }));
}

fn integer(value: i64, out: &mut Out<'_>) {
    if let Ok(byte) = u8::try_from(value) {
        out.extend([tag::SMALL_INTEGER, byte]);
    } else if let Ok(value) = i32::try_from(value) {
        out.push(tag::INTEGER);
        out.extend(value.to_be_bytes());
    } else {
        let zeros = usize::try_from(value.unsigned_abs().leading_zeros() / 8).unwrap_or(0);
        let magnitude = value.unsigned_abs().to_le_bytes();
        out.extend([tag::SMALL_BIG, (8 - zeros) as u8, u8::from(value < 0)]);
        out.extend(magnitude.iter().take(8 - zeros));
    }
}

fn big(is_negative: bool, magnitude: &[u8], out: &mut Out<'_>) -> Result<(), EncodeError> {
    match u8::try_from(magnitude.len()) {
        Ok(length) => out.extend([tag::SMALL_BIG, length]),
        Err(_) => counted(tag::LARGE_BIG, magnitude.len(), out).map(|_| ())?,
    }
    out.push(u8::from(is_negative));
    out.extend_from_slice(magnitude);
    Ok(())
}

fn atom(atom: &Atom, out: &mut Out<'_>) {
    let name = atom.as_bytes();
    if let Some(index) = out.atoms.as_mut().and_then(|atoms| atoms.index(atom)) {
        return out.extend([tag::ATOM_CACHE_REF, index]);
    }
    match u8::try_from(name.len()) {
        Ok(length) => out.extend([tag::SMALL_ATOM_UTF8, length]),
        Err(_) => {
            // 255 characters have at most 1020 bytes.
            out.push(tag::ATOM_UTF8);
            out.extend((name.len() as u16).to_be_bytes());
        }
    }
    out.extend_from_slice(name);
}

fn bytes(tag: u8, last: Option<u8>, bytes: &[u8], out: &mut Out<'_>) -> Result<(), EncodeError> {
    counted(tag, bytes.len(), out)?;
    out.extend(last);
    out.extend_from_slice(bytes);
    Ok(())
}

fn bit_string(bits: &BitString, out: &mut Out<'_>) -> Result<(), EncodeError> {
    bytes(tag::BIT_BINARY, Some(bits.last_bits()), bits.bytes(), out)
}

fn pid(pid: &Pid, out: &mut Out<'_>) {
    out.push(tag::NEW_PID);
    atom(&pid.node, out);
    for number in [pid.id, pid.serial, pid.creation.0] {
        out.extend(number.to_be_bytes());
    }
}

/// OTP writes the form with 64 bits only for numbers that need it.
fn port(port: &Port, out: &mut Out<'_>) {
    let short = u32::try_from(port.id).ok().filter(|&id| id <= LARGEST_SHORT_PORT);
    out.push(if short.is_some() { tag::NEW_PORT } else { tag::V4_PORT });
    atom(&port.node, out);
    match short {
        Some(id) => out.extend(id.to_be_bytes()),
        None => out.extend(port.id.to_be_bytes()),
    }
    out.extend(port.creation.0.to_be_bytes());
}

fn reference(reference: &Reference, out: &mut Out<'_>) {
    out.push(tag::NEWER_REFERENCE);
    out.extend((reference.words().len() as u16).to_be_bytes());
    atom(reference.node(), out);
    out.extend(reference.creation().0.to_be_bytes());
    reference.words().iter().for_each(|word| out.extend(word.to_be_bytes()));
}

fn export(export: &Export, out: &mut Out<'_>) {
    out.push(tag::EXPORT);
    atom(&export.module, out);
    atom(&export.function, out);
    integer(i64::from(export.arity), out);
}

fn fun_head(fun: &Fun, out: &mut Out<'_>) -> Result<End, EncodeError> {
    out.push(tag::NEW_FUN);
    let size = out.len();
    out.extend([0; 4]);
    out.push(fun.arity);
    out.extend(fun.uniq);
    out.extend(fun.index.to_be_bytes());
    out.extend(length(fun.free.len())?);
    atom(&fun.module, out);
    integer(fun.old_index, out);
    integer(fun.old_uniq, out);
    pid(&fun.creator, out);
    Ok(End::Size(size))
}

const LARGEST_SHORT_PORT: u32 = (1 << 28) - 1;
