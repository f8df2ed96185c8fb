//! The unit for systemd.

use crate::program::understands;
use crate::scratch::Scratch;
use crate::text;
use std::process::Command;

type Entry = (String, String, String);

/// Each assignment, with its section. A line that is none ends the test.
fn entries() -> Vec<Entry> {
    let (mut section, mut entries) = (String::new(), Vec::new());
    for line in text(UNIT).lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(name) => name.clone_into(&mut section),
            None => {
                let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("no assignment: {line}"));
                entries.push((section.clone(), key.to_owned(), value.to_owned()));
            }
        }
    }
    entries
}

fn value(key: &str) -> String {
    let found: Vec<Entry> = entries().into_iter().filter(|(_, own, _)| own == key).collect();
    let [(_, _, value)] = &found[..] else { panic!("{key}: {found:?}") };
    value.clone()
}

#[test]
fn every_key_of_the_unit_is_one_of_its_section() {
    for (section, key, _) in entries() {
        let (_, known) = KEYS.iter().find(|(name, _)| *name == section).unwrap_or_else(|| panic!("[{section}]"));
        assert!(known.split_whitespace().any(|known| known == key), "{key} in [{section}]");
    }
}

#[test]
fn the_unit_runs_what_the_program_has_and_reloads_by_the_signal_for_it() {
    let line = value("ExecStart");
    let words: Vec<&str> = line.split(' ').collect();
    assert_eq!((words[0], words.last()), ("/usr/bin/countersign", Some(&"/etc/countersign/node.json")));
    understands(&words[1..]);
    assert_eq!(value("ExecReload"), "/bin/kill -HUP $MAINPID");
    assert_eq!((value("Restart"), value("RestartPreventExitStatus")), ("on-failure".to_owned(), "2".to_owned()));
}

/// RestartPreventExitStatus= is about the main process: what fails before it is started again, whatever its status.
#[test]
fn a_configuration_that_is_wrong_is_not_tried_again_and_again() {
    let before = ["ExecStartPre", "ExecCondition"];
    assert!(entries().iter().all(|(_, key, _)| !before.contains(&key.as_str())));
}

#[test]
fn the_unit_may_do_no_more_than_a_node_does() {
    assert!(!matches!(value("User").as_str(), "" | "root" | "0"));
    assert_eq!(value("ProtectSystem"), "strict");
    assert_eq!((value("CapabilityBoundingSet"), value("UMask"), value("LimitCORE")), (String::new(), "0077".to_owned(), "0".to_owned()));
    for key in ["NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "MemoryDenyWriteExecute", "RestrictNamespaces"] {
        assert_eq!(value(key), "yes", "{key}");
    }
}

#[test]
fn systemd_finds_nothing_wrong_with_the_unit() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        eprintln!("skipped: systemd_finds_nothing_wrong_with_the_unit (systemd-analyze is not installed)");
        return;
    }
    let folder = Scratch::new();
    // The program is not installed where the unit looks for it.
    std::fs::write(folder.join(UNIT), text(UNIT).replace("/usr/bin/countersign", "/bin/true")).unwrap();
    let found = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(folder.join(UNIT)).output().unwrap();
    let said = String::from_utf8_lossy(&found.stderr);
    assert!(found.status.success() && !said.contains(UNIT), "{said}");
}

const UNIT: &str = "countersign.service";
const KEYS: &[(&str, &str)] = &[
    ("Unit", "Description Documentation Wants After"),
    (
        "Service",
        "Type User Group ExecStart ExecReload Restart RestartSec RestartPreventExitStatus TimeoutStopSec LimitNOFILE LimitCORE
         NoNewPrivileges CapabilityBoundingSet AmbientCapabilities UMask ProtectSystem ProtectHome PrivateMounts PrivateTmp PrivateDevices
         PrivateUsers ProtectProc ProcSubset ProtectClock ProtectControlGroups ProtectHostname ProtectKernelLogs ProtectKernelModules
         ProtectKernelTunables RestrictNamespaces RestrictRealtime RestrictSUIDSGID RemoveIPC LockPersonality MemoryDenyWriteExecute
         RestrictAddressFamilies SystemCallArchitectures SystemCallFilter SystemCallErrorNumber",
    ),
    ("Install", "WantedBy"),
];
