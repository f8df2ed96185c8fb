//! The section `tls`: of the node, of an acceptor, of a route.

use super::error::ConfigError;
use super::fault::Fault;
use super::material::{Access, Material};
use super::policy;
use super::raw;
use super::spot::Spot;
use crate::node::{
    Admission, AdmissionHandle, IdentityPolicy, NotAPattern, NotASpiffeTemplate, Otherwise, Pattern, Rotation, SpiffeTemplate,
};
use crate::tls::manager::{CertAuthBuilder, NotAClientAuth};
use crate::tls::{CaPool, CertAuth, CertAuthManager, Certificate, CertificateError, ClientAuth, TlsPolicy};
use crate::x509::PrivateKey;
use crate::x509::pem::Origin;
use rustls_pki_types::ServerName;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Mutual TLS from a directory as Kubernetes mounts it: `tls.crt`, `tls.key` and `ca.crt`.
///
/// # Errors
/// The file that cannot be used, and why.
pub fn directory(path: &Path) -> Result<CertAuth, ConfigError> {
    from_directory(path, &Spot::top(Origin::file(path), Path::new("")))
}

/// What a section says; what it leaves out is the node's.
#[derive(Default)]
pub(super) struct Tls {
    pub(super) manager: Option<Arc<dyn CertAuthManager>>,
    pub(super) policy: Option<TlsPolicy>,
    pub(super) identity: Option<IdentityPolicy>,
    pub(super) spiffe: Option<SpiffeTemplate>,
    pub(super) admission: Option<AdmissionHandle>,
    pub(super) rotation: Option<Rotation>,
}

/// The node's own section, in which a certificate is a must.
pub(super) fn of_node(raw: raw::Tls, spot: &Spot<'_>) -> Result<Tls, ConfigError> {
    let tls = section(raw, None, spot)?;
    if tls.manager.is_none() { Err(spot.refuse(Fault::NoCertificate)) } else { Ok(tls) }
}

/// All that the node's own section could be refused for, file by file left aside where words are wrong.
pub(super) fn faults(raw: raw::Tls, spot: &Spot<'_>) -> Vec<ConfigError> {
    let has_pool = raw.client_ca.is_some() || raw.client_ca_pem.is_some() || raw.dir.is_some();
    let words = [
        policy::of(&raw, None, spot).map(drop),
        identity(raw.identity.as_deref(), &spot.key("identity")).map(drop),
        raw.spiffe.as_deref().map_or(Ok(()), |text| spiffe(text, &spot.key("spiffe")).map(drop)),
        admission(raw.allow.as_deref(), raw.deny.as_deref(), spot).map(drop),
        rotation(raw.rotation.as_deref(), raw.rotation_otherwise.as_deref(), spot).map(drop),
        client_auth(raw.client_auth.as_deref(), has_pool, spot).map(drop),
        raw.server_name.as_deref().map_or(Ok(()), |name| server_name(name, &spot.key("server_name")).map(drop)),
        raw.dir.as_ref().map_or(Ok(()), |_| refuse_beside_directory(&raw, spot)),
    ];
    let halves = [
        (raw.dir.is_none() && raw.cert.is_none() && raw.cert_pem.is_none()).then(|| spot.refuse(Fault::NoCertificate)),
        (raw.dir.is_none() && raw.root_ca.is_none() && raw.root_ca_pem.is_none()).then(|| spot.key("root_ca").refuse(Fault::NoRootCa)),
    ];
    let mut faults: Vec<ConfigError> = words.into_iter().filter_map(Result::err).chain(halves.into_iter().flatten()).collect();
    // What is left is wrong with files, or with what is said twice.
    if faults.is_empty() {
        faults.extend(of_node(raw, spot).err());
    }
    faults
}

/// An acceptor's or a route's, which may leave out everything.
pub(super) fn section(raw: raw::Tls, of_node: Option<&TlsPolicy>, spot: &Spot<'_>) -> Result<Tls, ConfigError> {
    let policy = policy::of(&raw, of_node, spot)?;
    let identity = identity(raw.identity.as_deref(), &spot.key("identity"))?;
    let spiffe = raw.spiffe.as_deref().map(|text| spiffe(text, &spot.key("spiffe"))).transpose()?;
    let admission = admission(raw.allow.as_deref(), raw.deny.as_deref(), spot)?;
    let rotation = rotation(raw.rotation.as_deref(), raw.rotation_otherwise.as_deref(), spot)?;
    let manager = if says_who(&raw) { Some(manager(&raw, spot)?) } else { None };
    Ok(Tls { manager: manager.map(|manager| Arc::new(manager) as _), policy, identity, spiffe, admission, rotation })
}

/// The section of an acceptor or a route, and what stands beside it.
pub(super) struct Place<'a> {
    pub(super) raw: Option<Option<raw::Tls>>,
    pub(super) danger_plaintext: bool,
    pub(super) of_node: OfNode<'a>,
}

/// What the node itself says, for those who differ from it.
#[derive(Clone, Copy)]
pub(super) struct OfNode<'a> {
    /// Whether it has no certificate.
    pub(super) is_plain: bool,
    /// How it judges handshakes.
    pub(super) policy: &'a TlsPolicy,
}

/// Plain TCP beside a certificate of the node must be said in words: `"tls": null` alone may be meant otherwise.
pub(super) fn overriding(place: Place<'_>, spot: &Spot<'_>) -> Result<Tls, ConfigError> {
    let Place { raw, danger_plaintext, of_node: OfNode { is_plain, policy } } = place;
    let for_certificates = raw.as_ref().and_then(|raw| only_for_certificates(raw.as_ref()?));
    let tls = match raw {
        Some(Some(raw)) => section(raw, Some(policy), &spot.key("tls"))?,
        Some(None) if !is_plain && !danger_plaintext => return Err(spot.key("tls").refuse(Fault::Plain)),
        Some(None) | None => Tls::default(),
    };
    if danger_plaintext && tls.manager.is_some() {
        return Err(spot.key("danger_plaintext").refuse(Fault::Idle { beside: "tls names a certificate here" }));
    }
    match for_certificates.filter(|_| danger_plaintext || is_plain && tls.manager.is_none()) {
        Some(key) => Err(spot.key("tls").key(key).refuse(Fault::Idle { beside: "plain TCP is spoken here: nobody shows a certificate" })),
        None => Ok(tls),
    }
}

/// A key that is there and says something of certificates alone. Whoever pins a key must not have peers without one.
fn only_for_certificates(raw: &raw::Tls) -> Option<&'static str> {
    let keys = [
        ("pins", raw.pins.is_some()),
        ("crl", raw.crl.is_some()),
        ("spiffe", raw.spiffe.is_some()),
        ("min_version", raw.min_version.is_some()),
        ("rotation", raw.rotation.is_some()),
    ];
    keys.into_iter().find_map(|(key, is_there)| is_there.then_some(key))
}

/// A route's, and the name that it verifies: it is to be had without a certificate of the route's own. Nobody dials a
/// route, so nothing need be said about those who do.
pub(super) fn of_route(mut place: Place<'_>, spot: &Spot<'_>) -> Result<(Option<ServerName<'static>>, Tls), ConfigError> {
    let Some(Some(raw)) = &mut place.raw else { return Ok((None, overriding(place, spot)?)) };
    let at = spot.key("tls").key("server_name");
    let name = raw.server_name.take().map(|name| server_name(&name, &at)).transpose()?;
    let names_no_clients = [&raw.client_ca, &raw.dir].iter().all(|path| path.is_none()) && raw.client_ca_pem.is_none();
    if says_who(raw) && names_no_clients && raw.client_auth.is_none() {
        raw.client_auth = Some(ClientAuth::None.to_string());
    }
    Ok((name, overriding(place, spot)?))
}

/// Whether the section says anything about who we are and whom we trust.
const fn says_who(raw: &raw::Tls) -> bool {
    let files = [&raw.dir, &raw.cert, &raw.key, &raw.root_ca, &raw.client_ca];
    let inline = [&raw.cert_pem, &raw.key_pem, &raw.root_ca_pem, &raw.client_ca_pem];
    let words = [&raw.client_auth, &raw.server_name];
    any(&files) || any(&inline) || any(&words)
}

const fn any<T>(mut options: &[&Option<T>]) -> bool {
    while let [first, rest @ ..] = options {
        if first.is_some() {
            return true;
        }
        options = rest;
    }
    false
}

fn manager(raw: &raw::Tls, spot: &Spot<'_>) -> Result<CertAuth, ConfigError> {
    if let Some(dir) = &raw.dir {
        refuse_beside_directory(raw, spot)?;
        return with_words(directory_parts(&spot.file(dir), &spot.key("dir"))?, raw, spot);
    }
    let certificate = certificate(raw, spot)?.ok_or_else(|| spot.key("cert").refuse(Fault::NoCertificate))?;
    let root_ca = pool((raw.root_ca.as_ref(), raw.root_ca_pem.as_ref()), ("root_ca", "root_ca_pem"), spot)?;
    let client_ca = pool((raw.client_ca.as_ref(), raw.client_ca_pem.as_ref()), ("client_ca", "client_ca_pem"), spot)?;
    let root_ca = root_ca.ok_or_else(|| spot.key("root_ca").refuse(Fault::NoRootCa))?;
    with_words(Parts { certificate, root_ca, client_ca }, raw, spot)
}

/// Who we are and whom we trust, read.
struct Parts {
    certificate: Certificate,
    root_ca: Arc<CaPool>,
    client_ca: Option<Arc<CaPool>>,
}

fn from_directory(path: &Path, spot: &Spot<'_>) -> Result<CertAuth, ConfigError> {
    let parts = directory_parts(path, spot)?;
    Ok(CertAuth::mutual(parts.certificate, parts.root_ca))
}

fn directory_parts(path: &Path, spot: &Spot<'_>) -> Result<Parts, ConfigError> {
    // Kubernetes replaces all three at once by pointing this link elsewhere: followed once, they belong together.
    let path = std::fs::canonicalize(path.join("..data")).unwrap_or_else(|_| path.to_owned());
    let file = |name: &str, access| Material::read(&path.join(name), spot.clone(), access);
    let certificate = pair(&file("tls.crt", Access::Everyone)?, Some(&file("tls.key", Access::Owner)?))?;
    let pool = authorities(&file("ca.crt", Access::Everyone)?)?;
    Ok(Parts { certificate, root_ca: Arc::clone(&pool), client_ca: Some(pool) })
}

fn refuse_beside_directory(raw: &raw::Tls, spot: &Spot<'_>) -> Result<(), ConfigError> {
    let files = [("cert", &raw.cert), ("key", &raw.key), ("root_ca", &raw.root_ca), ("client_ca", &raw.client_ca)];
    let inline =
        [("cert_pem", &raw.cert_pem), ("key_pem", &raw.key_pem), ("root_ca_pem", &raw.root_ca_pem), ("client_ca_pem", &raw.client_ca_pem)];
    let given = files.iter().filter(|(_, value)| value.is_some()).map(|(name, _)| *name);
    match given.chain(inline.iter().filter(|(_, value)| value.is_some()).map(|(name, _)| *name)).next() {
        Some(name) => Err(spot.key(name).refuse(Fault::Twice { other: "dir" })),
        None => Ok(()),
    }
}

fn with_words(parts: Parts, raw: &raw::Tls, spot: &Spot<'_>) -> Result<CertAuth, ConfigError> {
    let mode = client_auth(raw.client_auth.as_deref(), parts.client_ca.is_some(), spot)?;
    let mut builder = CertAuth::builder(parts.certificate).client_auth(mode).root_cas(parts.root_ca);
    if let Some(pool) = parts.client_ca {
        builder = builder.client_cas(pool);
    }
    named(builder, raw.server_name.as_deref(), &spot.key("server_name"))?.build().map_err(|error| spot.refuse(error))
}

fn client_auth(word: Option<&str>, has_pool: bool, spot: &Spot<'_>) -> Result<ClientAuth, ConfigError> {
    let at = spot.key("client_auth");
    let mode = match word {
        None if has_pool => ClientAuth::RequireAndVerify,
        None => return Err(at.refuse(Fault::NoClientAuth)),
        Some(word) => word.parse().map_err(|NotAClientAuth(word)| at.refuse(unknown(word, &ClientAuth::ALL.map(ClientAuth::as_str))))?,
    };
    if mode.judges() && !has_pool { Err(spot.key("client_ca").refuse(Fault::NoClientCa(mode))) } else { Ok(mode) }
}

fn named(builder: CertAuthBuilder, name: Option<&str>, spot: &Spot<'_>) -> Result<CertAuthBuilder, ConfigError> {
    let Some(name) = name else { return Ok(builder) };
    Ok(builder.server_name(server_name(name, spot)?))
}

fn server_name(name: &str, spot: &Spot<'_>) -> Result<ServerName<'static>, ConfigError> {
    ServerName::try_from(name.to_owned()).map_err(|_| spot.refuse(Fault::ServerName(name.to_owned())))
}

fn certificate(raw: &raw::Tls, spot: &Spot<'_>) -> Result<Option<Certificate>, ConfigError> {
    // A certificate's file that holds its key is as secret as a key's.
    let has_own_key = raw.key.is_some() || raw.key_pem.is_some();
    let access = if has_own_key { Access::Everyone } else { Access::Owner };
    let chain = Material::of(raw.cert.as_ref(), raw.cert_pem.as_ref(), (spot.key("cert"), spot.key("cert_pem")), ("cert_pem", access))?;
    let key = Material::of(raw.key.as_ref(), raw.key_pem.as_ref(), (spot.key("key"), spot.key("key_pem")), ("key_pem", Access::Owner))?;
    chain.map(|chain| pair(&chain, key.as_ref())).transpose()
}

/// A certificate and its key, which stands in the certificate's text if it has none of its own.
fn pair(chain: &Material<'_>, key: Option<&Material<'_>>) -> Result<Certificate, ConfigError> {
    let key = key.unwrap_or(chain);
    Certificate::from_pem(&chain.origin, chain.bytes.expose(), key.bytes.expose()).map_err(|error| match error {
        // Read again, with the name of its own file: the error above bears the certificate's.
        CertificateError::Key(error) => match PrivateKey::from_pem(&key.origin, key.bytes.expose()) {
            Err(error) => key.spot.refuse(error),
            Ok(_) => key.spot.refuse(error),
        },
        CertificateError::KeyMismatch { .. } => key.spot.refuse(error),
        _ => chain.spot.refuse(error),
    })
}

fn pool(
    (file, inline): (Option<&PathBuf>, Option<&raw::Inline>),
    (name, name_pem): (&str, &'static str),
    spot: &Spot<'_>,
) -> Result<Option<Arc<CaPool>>, ConfigError> {
    let material = Material::of(file, inline, (spot.key(name), spot.key(name_pem)), (name_pem, Access::Everyone))?;
    material.map(|material| authorities(&material)).transpose()
}

fn authorities(material: &Material<'_>) -> Result<Arc<CaPool>, ConfigError> {
    let pool = CaPool::from_pem(&material.origin, material.bytes.expose());
    pool.map(Arc::new).map_err(|error| material.spot.refuse(error))
}

fn identity(word: Option<&str>, spot: &Spot<'_>) -> Result<Option<IdentityPolicy>, ConfigError> {
    let Some(word) = word else { return Ok(None) };
    let known = || unknown(word, &IdentityPolicy::ALL.map(IdentityPolicy::as_str));
    word.parse().map(Some).map_err(|_| spot.refuse(known()))
}

fn spiffe(text: &str, spot: &Spot<'_>) -> Result<SpiffeTemplate, ConfigError> {
    text.parse().map_err(|error: NotASpiffeTemplate| spot.refuse(error))
}

/// `None` if neither list is there.
fn admission(allow: Option<&[String]>, deny: Option<&[String]>, spot: &Spot<'_>) -> Result<Option<AdmissionHandle>, ConfigError> {
    let lists = Admission::new().allowing(entries(allow, &spot.key("allow"))?).denying(entries(deny, &spot.key("deny"))?);
    Ok((allow.is_some() || deny.is_some()).then(|| lists.into()))
}

fn entries(texts: Option<&[String]>, spot: &Spot<'_>) -> Result<Vec<Pattern>, ConfigError> {
    let entry = |(index, text): (usize, &String)| text.parse().map_err(|error: NotAPattern| spot.index(index).refuse(error));
    texts.unwrap_or_default().iter().enumerate().map(entry).collect()
}

fn rotation(word: Option<&str>, otherwise: Option<&str>, spot: &Spot<'_>) -> Result<Option<Rotation>, ConfigError> {
    let at = spot.key("rotation_otherwise");
    let rotation = match word {
        None => None,
        Some("keep") => Some(Rotation::Keep),
        Some("close") => Some(Rotation::Close),
        Some("handover") => return Ok(Some(Rotation::Handover { otherwise: rotation_otherwise(otherwise, &at)? })),
        Some(word) => return Err(spot.key("rotation").refuse(unknown(word, &Rotation::WORDS))),
    };
    if otherwise.is_some() { Err(at.refuse(Fault::Idle { beside: "the rotation is no handover" })) } else { Ok(rotation) }
}

fn rotation_otherwise(word: Option<&str>, spot: &Spot<'_>) -> Result<Otherwise, ConfigError> {
    match word {
        None | Some("keep") => Ok(Otherwise::Keep),
        Some("close") => Ok(Otherwise::Close),
        Some(word) => Err(spot.refuse(unknown(word, &["keep", "close"]))),
    }
}

pub(super) fn unknown(word: impl Into<String>, known: &[&str]) -> Fault {
    Fault::Word { word: word.into(), known: known.join(", ") }
}
