//! The map as law: which module may import which, where the runtime and rustls may be named, and how
//! large things may grow. Reads `src` as text, so it needs no compiler and no crate.
//!
//! Comments, strings and `#[cfg(test)]` items do not count. Every rule has a test that holds it against
//! the tree, and one that shows the rule to an offender, so that no rule is green because it is blind.

#![expect(clippy::unwrap_used, reason = "a test reports by panicking")]

#[path = "architecture/events.rs"]
mod events;
#[path = "architecture/reading.rs"]
mod reading;

use reading::{Source, ignored_folders, root_folders, source, sources};
use std::fmt;

/// Module and floor. A module imports only from lower floors; neighbours do not import each other.
/// Tens are the floors of the map in `src/lib.rs`; the numbers between are half-storeys.
const FLOORS: &[(&str, u32)] = &[
    ("cli", 90),
    ("doctor", 85), // looks at all that a configuration names
    ("config", 80),
    ("gateway", 80),
    ("otp", 75), // what OTP's libraries are to Erlang: programs of the node's own processes
    ("node", 70),
    ("net", 60),
    ("epmd", 50),
    ("testing", 45), // a throwaway CA in memory: a customer of `authority`, nothing more
    ("authority", 40),
    ("tls", 30),
    ("dist", 20),
    ("x509", 20),
    ("etf", 10),
    ("observe", 10),
    ("rt", 10),
    ("failure", 5), // codes come with cures, and a cure is a `hint`
    ("bytes", 0),
    ("clock", 0),
    ("hint", 0),
    ("secret", 0),
    ("node_name", 0),
];

/// The map itself, the guide and the command: they stand outside the house and may see all of it.
const OUTSIDE: &[&str] = &["src/guide.rs", "src/lib.rs", "src/main.rs"];
const ROOT_FOLDERS: &[&str] = &["src", "priv", "test", "rebar-like-scripts"];
const LONGEST_FILE: usize = 400;
const LONGEST_MAIN: usize = 40;
/// Files that may be longer, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[];

#[test]
fn a_module_imports_only_from_lower_floors() {
    hold("a module imports only from lower floors", imports_that_climb(&sources()));
}

#[test]
fn every_module_stands_on_a_floor() {
    hold("every module of src is listed in FLOORS of test/architecture.rs", homeless_modules(&sources()));
}

#[test]
fn async_std_is_named_only_in_rt() {
    hold("async_std is named only in src/rt.rs and src/rt/", runtimes_outside_rt(&sources()));
}

#[test]
fn rustls_configurations_are_built_only_in_tls() {
    hold("rustls configurations are built only in src/tls.rs and src/tls/", builders_outside_tls(&sources()));
}

#[test]
fn main_only_parses_runs_and_exits() {
    hold("src/main.rs has at most 40 lines", long_main(&sources()));
}

#[test]
fn no_file_is_called_mod_rs() {
    hold("foo.rs and foo/, never foo/mod.rs", mod_files(&sources()));
}

#[test]
fn no_file_is_longer_than_400_lines() {
    hold("a file has at most 400 lines; split it by noun", long_files(&sources()));
}

#[test]
fn the_root_has_only_the_four_folders() {
    hold("visible folders at the root are src, priv, test and rebar-like-scripts", stray_folders(&root_folders(), &ignored_folders()));
}

#[test]
fn an_import_that_climbs_is_caught_in_every_spelling() {
    for code in [
        "use crate::node::Node;",
        "use crate::{clock::Clock, net::{Listener, dialer}};",
        "pub(crate) use crate::epmd;",
        "fn f() { crate::cli::run() }",
        "use super::super::config::Raw;",
        "use super::{super::net, witness};",
        "mod inner { use super::super::super::net; }",
        "use crate::nowhere::X;",
        "use crate::Node;",
        "use crate::*;",
        "use crate::x509::pem; use crate::testing::Ca;",
    ] {
        assert_eq!(imports_that_climb(&[source("src/tls/verify.rs", code)]).len(), 1, "{code}");
    }
    let neighbours = [source("src/x509/pem.rs", "use crate::dist::flags;")];
    let [offence] = &imports_that_climb(&neighbours)[..] else { panic!("neighbours may not import each other") };
    assert_eq!(offence.to_string(), "src/x509/pem.rs:1: x509 (floor 2) names dist (floor 2)");
}

#[test]
fn an_import_that_descends_is_left_alone() {
    for code in [
        "use crate::{clock::{Clock, Timestamp}, x509::*, hint};",
        "use super::super::x509::pem; use super::manager; use self::inner::x;",
        "pub(crate) fn f() {} pub(in crate::tls) fn g() {} pub(super) fn h() {}",
        "/// See [`crate::node::Node`].\n// use crate::net;\n/* crate::cli /* nested */ crate::cli */",
        "const A: &str = \"use crate::node\"; const B: &str = r#\"\"crate::net\"#; const C: char = '\"'; fn f<'a>(x: &'a u8) {}",
        "#[cfg(test)]\nmod tests { use crate::testing::Ca; fn f() { if true { crate::cli::run() } } }",
        "#[cfg(test)] use crate::testing::Ca;\n#[cfg(all(test, unix))] fn f(a: [u8; 4]) { crate::net::go(a) }",
        "mod inner { use super::x; use super::super::manager; }",
        "macro_rules! m { () => { $crate::clock::DAY } }",
    ] {
        let offences = imports_that_climb(&[source("src/tls/verify.rs", code)]);
        assert!(offences.is_empty(), "{code}\n{}", list(&offences));
    }
    assert!(imports_that_climb(&[source("src/lib.rs", "pub use crate::node::Node;")]).is_empty());
    assert!(imports_that_climb(&[source("src/testing.rs", "use crate::authority::Root;")]).is_empty());
}

#[test]
fn code_after_a_test_module_counts_again() {
    let code = "#[cfg(test)]\nmod tests {}\nuse crate::net::X;";
    let [offence] = &imports_that_climb(&[source("src/tls.rs", code)])[..] else { panic!("the last line was overlooked") };
    assert_eq!(offence.line, 3);
}

#[test]
fn an_unlisted_module_is_caught() {
    let found = homeless_modules(&[source("src/utils.rs", ""), source("src/helper/deep.rs", ""), source("src/tls/x.rs", "")]);
    assert_eq!(found.len(), 2, "{}", list(&found));
}

#[test]
fn a_runtime_outside_rt_is_caught() {
    let named = "use async_std::task;";
    assert_eq!(
        runtimes_outside_rt(&[source("src/net/listener.rs", named), source("src/main.rs", "#[async_std::main] fn x() {}")]).len(),
        2
    );
    let fine =
        [source("src/rt.rs", named), source("src/rt/sockets.rs", named), source("src/net.rs", "// async_std\nlet x = \"async_std\";")];
    assert!(runtimes_outside_rt(&fine).is_empty());
}

#[test]
fn a_rustls_configuration_built_outside_tls_is_caught() {
    for code in ["rustls::ServerConfig::builder()", "ClientConfig :: builder_with_provider(p)", "x.builder_with_protocol_versions(v)"] {
        assert_eq!(builders_outside_tls(&[source("src/net/link.rs", code)]).len(), 1, "{code}");
        assert!(builders_outside_tls(&[source("src/tls/config.rs", code)]).is_empty(), "{code}");
    }
    assert!(builders_outside_tls(&[source("src/node.rs", "CertAuth::builder(cert).build()")]).is_empty());
}

#[test]
fn what_grows_too_large_is_caught() {
    let lines = |count: usize| "\n".repeat(count);
    assert_eq!(long_files(&[source("src/tls/a.rs", &lines(401)), source("src/tls/b.rs", &lines(400))]).len(), 1);
    assert_eq!(long_main(&[source("src/main.rs", &lines(41)), source("src/lib.rs", &lines(41))]).len(), 1);
}

#[test]
fn a_mod_rs_and_a_stray_folder_are_caught() {
    assert_eq!(mod_files(&[source("src/tls/mod.rs", ""), source("src/tls/modus.rs", "")]).len(), 1);
    let folders = ["src", "benches", "certs", "target", ".git"].map(str::to_owned);
    assert_eq!(stray_folders(&folders, &["certs".to_owned(), "target".to_owned()]).len(), 1);
}

struct Offence {
    path: String,
    line: usize,
    what: String,
}

impl fmt::Display for Offence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

fn hold(rule: &str, offences: Vec<Offence>) {
    assert!(offences.is_empty(), "{rule}\n{}", list(&offences));
}

fn list(offences: &[Offence]) -> String {
    offences.iter().map(|offence| format!("  {offence}\n")).collect()
}

fn offence(source: &Source, line: usize, what: impl Into<String>) -> Offence {
    Offence { path: source.path.clone(), line, what: what.into() }
}

fn is_outside(source: &Source) -> bool {
    OUTSIDE.contains(&source.path.as_str())
}

fn imports_that_climb(sources: &[Source]) -> Vec<Offence> {
    let inside = sources.iter().filter(|source| !is_outside(source));
    inside.flat_map(|source| source.imports().into_iter().filter_map(|(line, name)| climbs(source, line, &name))).collect()
}

fn climbs(source: &Source, line: usize, name: &str) -> Option<Offence> {
    let own = source.top();
    if own == name {
        return None;
    }
    let Some(theirs) = floor(name) else {
        return Some(offence(source, line, format!("crate::{name} is no listed module: name the module it lives in")));
    };
    let ours = floor(own)?;
    let storey = |floor: u32| f64::from(floor) / 10.0;
    let what = || format!("{own} (floor {}) names {name} (floor {})", storey(ours), storey(theirs));
    (theirs >= ours).then(|| offence(source, line, what()))
}

fn homeless_modules(sources: &[Source]) -> Vec<Offence> {
    let homeless = sources.iter().filter(|source| !is_outside(source) && floor(source.top()).is_none());
    homeless.map(|source| offence(source, 1, format!("{} stands on no floor", source.top()))).collect()
}

fn runtimes_outside_rt(sources: &[Source]) -> Vec<Offence> {
    named_outside("rt", sources, |token, _| token == "async_std")
}

fn builders_outside_tls(sources: &[Source]) -> Vec<Offence> {
    let is_config = |words: &[&str]| matches!(words, [.., "ServerConfig" | "ClientConfig", "::"]);
    named_outside("tls", sources, |token, before| token.starts_with("builder_with_") || token == "builder" && is_config(before))
}

fn named_outside(home: &str, sources: &[Source], is_named: impl Fn(&str, &[&str]) -> bool) -> Vec<Offence> {
    let mut out = Vec::new();
    for source in sources.iter().filter(|source| source.top() != home) {
        let tokens = source.tokens();
        let words: Vec<&str> = tokens.iter().map(|token| token.text).collect();
        let named = tokens.iter().enumerate().filter(|&(at, token)| is_named(token.text, words.get(..at).unwrap_or_default()));
        out.extend(named.map(|(_, token)| offence(source, token.line, format!("{} is named", token.text))));
    }
    out
}

fn long_main(sources: &[Source]) -> Vec<Offence> {
    let long = sources.iter().filter(|source| source.path == "src/main.rs" && source.lines > LONGEST_MAIN);
    long.map(|source| offence(source, source.lines, format!("{} lines", source.lines))).collect()
}

fn long_files(sources: &[Source]) -> Vec<Offence> {
    let excused = |source: &Source| LONG_FILES.iter().any(|(path, _)| *path == source.path);
    let long = sources.iter().filter(|source| source.lines > LONGEST_FILE && !excused(source));
    long.map(|source| offence(source, source.lines, format!("{} lines", source.lines))).collect()
}

fn mod_files(sources: &[Source]) -> Vec<Offence> {
    sources.iter().filter(|source| source.path.ends_with("/mod.rs")).map(|source| offence(source, 1, "a mod.rs")).collect()
}

fn stray_folders(folders: &[String], ignored: &[String]) -> Vec<Offence> {
    let known = |name: &str| name.starts_with('.') || name == "target" || ROOT_FOLDERS.contains(&name);
    let stray = folders.iter().filter(|name| !known(name) && !ignored.contains(name));
    stray.map(|name| Offence { path: format!("{name}/"), line: 0, what: "a folder that the house does not have".to_owned() }).collect()
}

fn floor(module: &str) -> Option<u32> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|&(_, floor)| floor)
}
