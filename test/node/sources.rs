//! Certificates in files: what becomes of them while a node runs, and what is presented meanwhile.

use crate::scratch::Scratch;
use crate::sources_world::{Files, Scene, agent, following, presented, reloaded};
use crate::world::eventually;
use countersign::clock::{Clock, DAY, SystemClock, Timestamp};
use countersign::failure::Code;
use countersign::node::{Node, Renewed, Rotate};
use countersign::rt::block_on;
use countersign::testing::{Ca, Usage};
use countersign::tls::Certificate;
use countersign::tls::source::CertFiles;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_file_that_is_replaced_counts_when_it_is_looked_at_whatever_its_date_says() {
    block_on(async {
        let scene = Scene::new().await;
        let (first, old) = (scene.presented(), fs::metadata(&scene.files.certificate).unwrap().modified().unwrap());
        assert!(matches!(reloaded(&scene.node).await, Renewed::Unchanged));
        let second = scene.renew();
        fs::File::options().write(true).open(&scene.files.certificate).unwrap().set_modified(old).unwrap();
        let Renewed::Replaced(certificate) = reloaded(&scene.node).await else { panic!("it was not taken") };
        assert_eq!((certificate.fingerprint(), scene.presented()), (second, second));
        assert_ne!(first, second);
        scene.files.touch();
        assert!(matches!(reloaded(&scene.node).await, Renewed::Unchanged), "what is in it is what it was");
    });
}

/// What a writer leaves behind that is torn or wrong in some way.
type Damage = fn(&Scene);

#[test]
fn nothing_that_is_wrong_replaces_what_was_good_and_each_is_reported_once_until_a_good_one_comes() {
    let cases: &[(&str, Damage, Code, &str)] = &[
        ("torn", |scene| scene.files.tear(), Code::MalformedCertificate, "no matching END line"),
        ("emptied", |scene| scene.files.write_certificate(""), Code::InvalidTlsConfiguration, "no certificate in it"),
        ("deleted", |scene| scene.files.delete(), Code::InvalidTlsConfiguration, "cannot be read"),
        ("of another key", |scene| scene.files.write_certificate(&agent(&scene.ca).pem().0), Code::KeyMismatch, "does not belong"),
        ("expired", |scene| scene.write(agent(&scene.ca).valid(days(-2), days(-1))), Code::Expired, "certificate has expired"),
        ("not yet valid", |scene| scene.write(agent(&scene.ca).valid(days(1), days(2))), Code::NotYetValid, "not yet valid"),
        (
            "of another name",
            |scene| scene.write(scene.ca.leaf().dns("other.test")),
            Code::NameMismatch,
            "valid for DNS:other.test, not localhost",
        ),
        ("of another CA", |scene| scene.write(agent(&Ca::new())), Code::UnknownCa, "unknown authority"),
        ("for clients alone", |scene| scene.write(agent(&scene.ca).usage(Usage::Client)), Code::WrongUsage, "usage"),
        ("open to others", |scene| scene.files.expose_key(), Code::InvalidTlsConfiguration, "can be read by others"),
    ];
    block_on(async {
        let scene = Scene::new().await;
        for (case, damage, code, words) in cases {
            let before = scene.presented();
            damage(&scene);
            for _ in 0..3 {
                let Renewed::Refused(trouble) = reloaded(&scene.node).await else { panic!("{case}: it was taken") };
                assert!(trouble.code == *code && trouble.reason.contains(words), "{case}: {trouble:?}");
                assert!(!trouble.hint.as_str().is_empty(), "{case}");
            }
            assert_eq!(scene.presented(), before, "{case}");
            assert_eq!(scene.lines("what lies at a source is of no use", words), 1, "{case}");
            let shown = scene.node.sources()[0].trouble.clone().map(|trouble| trouble.code);
            assert_eq!(shown, Some(*code), "{case}");

            let good = scene.renew();
            assert!(matches!(reloaded(&scene.node).await, Renewed::Replaced(_)), "{case}");
            assert_eq!(scene.presented(), good, "{case}");
            assert!(scene.node.sources()[0].trouble.is_none(), "{case}");
        }
        assert_eq!(scene.lines("is good again", ""), cases.len());
    });
}

#[test]
fn a_node_looks_by_itself_and_goes_on_after_the_files_were_deleted_and_made_anew() {
    block_on(async {
        let scene = Scene::with(|options| options.reload_every = Duration::from_millis(10)).await;
        for _ in 0..3 {
            scene.files.delete();
            eventually("it is noticed", || scene.node.sources()[0].trouble.is_some());
            let new = scene.renew();
            eventually("it is taken", || scene.presented() == new && scene.node.sources()[0].trouble.is_none());
        }
    });
}

#[test]
fn a_mounted_directory_is_taken_as_a_whole_when_its_link_points_elsewhere() {
    block_on(async {
        let (ca, folder) = (Ca::new(), Scratch::new());
        let version = |name: &str| {
            fs::create_dir(folder.join(name)).unwrap();
            Files::named(&folder.join(name), "tls").renew(&ca)
        };
        let point_to = |name: &str| {
            symlink(name, folder.join("..next")).unwrap();
            fs::rename(folder.join("..next"), folder.join("..data")).unwrap();
        };
        let first = version("..first");
        point_to("..first");
        let node = Node::start("a@localhost", following(&ca, CertFiles::directory(&*folder))).await.unwrap();
        assert_eq!(presented(&node), first);
        let second = version("..second");
        assert!(matches!(reloaded(&node).await, Renewed::Unchanged), "nothing points there yet");
        point_to("..second");
        fs::remove_dir_all(folder.join("..first")).unwrap();
        assert!(matches!(reloaded(&node).await, Renewed::Replaced(_)));
        assert_eq!(presented(&node), second);
    });
}

#[test]
fn a_file_may_hold_both_and_a_pipe_in_its_place_keeps_nobody_waiting() {
    block_on(async {
        let (ca, folder) = (Ca::new(), Scratch::new());
        let file = folder.join("both.pem");
        let write = || {
            let (chain, key) = agent(&ca).pem();
            fs::write(&file, chain + &String::from_utf8_lossy(key.expose())).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        };
        write();
        let node = Node::start("a@localhost", following(&ca, CertFiles::combined(&file))).await.unwrap();
        write();
        assert!(matches!(reloaded(&node).await, Renewed::Replaced(_)));
        fs::remove_file(&file).unwrap();
        assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
        let Renewed::Refused(trouble) = reloaded(&node).await else { panic!("a pipe was taken") };
        assert!(trouble.reason.contains("cannot be read"), "{trouble:?}");
    });
}

#[test]
fn a_certificate_that_was_given_stays_until_its_source_has_another_or_somebody_wishes_for_that() {
    block_on(async {
        let scene = Scene::with(|options| options.reload_every = Duration::from_millis(10)).await;
        let in_file = scene.presented();
        let folder = Scratch::new();
        let given = Files::named(&folder, "given");
        let fingerprint = given.renew(&scene.ca);
        let rotated = scene.node.rotate(Rotate::to(Arc::new(given.source()))).await;
        assert!(matches!(rotated.renewals[0].outcome, Renewed::Replaced(_)), "{rotated:?}");
        assert_eq!(scene.node.sources()[0].certificate.as_ref().map(Certificate::fingerprint), Some(fingerprint));

        // A trouble shows that it has looked, and gone on looking.
        scene.files.expose_key();
        eventually("it looks", || scene.node.sources()[0].trouble.is_some());
        scene.files.protect_key();
        eventually("it looks again", || scene.node.sources()[0].trouble.is_none());
        assert_eq!(scene.presented(), fingerprint);
        assert!(matches!(reloaded(&scene.node).await, Renewed::Replaced(_)));
        assert_eq!(scene.presented(), in_file);
    });
}

fn days(days: i64) -> Timestamp {
    SystemClock.now() + days * DAY
}
