//! Findings, for people and for programs.

use crate::cli::console::{Console, Tone};
use crate::doctor::{Fact, Finding, Health, Link, Report};
use crate::x509::name::on_one_line;
use serde_json::{Map, Value, json};
use std::io;

pub(super) fn objects(report: &Report) -> Value {
    report.findings().iter().map(object).collect()
}

fn object(finding: &Finding) -> Value {
    let facts: Map<String, Value> = finding.facts.iter().map(|(key, fact)| ((*key).to_owned(), value(fact))).collect();
    json!({
        "check": finding.check.as_str(),
        "about": finding.about,
        "ok": finding.ok(),
        "said": finding.said,
        "facts": facts,
        "code": finding.code.map(|code| code.as_str()),
        "hint": finding.hint.as_ref().map(|hint| hint.as_str()),
        "also_seen_as": finding.also_seen_as,
    })
}

fn value(fact: &Fact) -> Value {
    match fact {
        Fact::Words(words) => json!(words),
        Fact::Chain(links) => links.iter().map(certificate).collect(),
    }
}

fn certificate(link: &Link) -> Value {
    let Link { subject, issuer, not_before, not_after, sha256, names } = link;
    json!({
        "subject": subject,
        "issuer": issuer,
        "not_before": not_before.to_string(),
        "not_after": not_after.to_string(),
        "sha256": sha256,
        "names": names,
    })
}

pub(super) fn lines(report: &Report, console: &mut Console<'_>) -> io::Result<()> {
    for finding in report.findings() {
        line(finding, console)?;
    }
    let wrong = report.findings().iter().filter(|finding| finding.health == Health::Bad).count();
    console.line(match wrong {
        0 => "nothing is wrong".to_owned(),
        1 => "1 thing is wrong".to_owned(),
        count => format!("{count} things are wrong"),
    })
}

fn line(finding: &Finding, console: &mut Console<'_>) -> io::Result<()> {
    let mark = match finding.health {
        Health::Good => console.painted(Tone::Good, "✓"),
        Health::Bad => console.painted(Tone::Bad, "✗"),
        Health::Absent => "-".to_owned(),
    };
    let about = if finding.about.is_empty() { String::new() } else { format!("{}: ", on_one_line(&finding.about)) };
    console.line(format_args!("{mark} {:WIDTH$}  {about}{}", finding.check, on_one_line(&finding.said)))?;
    // What is well and ours needs no more words.
    if finding.health == Health::Bad || finding.check.is_of_a_peer() {
        finding.facts.iter().try_for_each(|(key, fact)| detail(key, fact, console))?;
    }
    if let Some(code) = finding.code {
        field("code", code.as_str(), console)?;
    }
    if let Some(hint) = &finding.hint {
        field("hint", hint.as_str(), console)?;
    }
    match &finding.also_seen_as[..] {
        [] => Ok(()),
        phrases => field("also seen as", &phrases.join(" · "), console),
    }
}

fn detail(key: &str, fact: &Fact, console: &mut Console<'_>) -> io::Result<()> {
    match fact {
        Fact::Words(words) => field(&key.replace('_', " "), words, console),
        Fact::Chain(links) => tree(links, console),
    }
}

fn field(label: &str, words: &str, console: &mut Console<'_>) -> io::Result<()> {
    console.line(format_args!("    {label}: {}", on_one_line(words)))
}

/// Each certificate below the one that it signed.
fn tree(links: &[Link], console: &mut Console<'_>) -> io::Result<()> {
    for (depth, link) in links.iter().enumerate() {
        let room = "   ".repeat(depth);
        let branch = if depth == 0 { "chain: " } else { "└─ signed by " };
        console.line(format_args!("    {room}{branch}{}", on_one_line(&link.subject)))?;
        let facts = [
            format!("names {}", on_one_line(&link.names)),
            format!("issuer {}", on_one_line(&link.issuer)),
            format!("valid from {} to {}", link.not_before, link.not_after),
            format!("SHA-256 {}", link.sha256),
        ];
        facts.iter().try_for_each(|fact| console.line(format_args!("    {room}   {fact}")))?;
    }
    Ok(())
}

/// As long as the longest check.
const WIDTH: usize = 19;
