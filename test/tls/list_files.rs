//! Files with revocation lists: what becomes of them while a node runs, and what counts meanwhile.

use crate::block_on;
use crate::live_lists::{NEVER, dated, list};
use crate::logbook;
use crate::scratch::Scratch;
use countersign::clock::{Clock, ManualClock, SystemClock};
use countersign::failure::Failure;
use countersign::rt;
use countersign::testing::Ca;
use countersign::tls::{ChainJudge, CrlPolicy, RevocationLists, Usage, Watcher};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

struct Scene {
    ca: Ca,
    folder: Scratch,
    clock: Arc<ManualClock>,
    lists: Arc<RevocationLists>,
    _judge: ChainJudge,
}

impl Scene {
    /// One file with the list number 5, on whom nobody stands.
    fn new() -> Self {
        logbook::open();
        let (ca, folder) = (Ca::new(), Scratch::new());
        let clock = Arc::new(ManualClock::at(SystemClock.now()));
        fs::write(folder.join("crl.pem"), list(&ca, &[], 5)).unwrap();
        let lists = RevocationLists::from_files(&[folder.join("crl.pem")], CrlPolicy::DenyUnknown, clock.clone()).unwrap();
        let judge = ChainJudge::new(ca.pool(), Usage::Client).with_lists(Arc::clone(&lists));
        Self { ca, folder, clock, lists, _judge: judge }
    }

    fn path(&self) -> PathBuf {
        self.folder.join("crl.pem")
    }

    fn write(&self, text: &str) {
        fs::write(self.path(), text).unwrap();
    }

    /// The number of the list that counts.
    fn number(&self) -> String {
        self.lists.in_force().revocation().facts().next().unwrap().number.as_ref().unwrap().to_string()
    }

    fn lines(&self, words: &str) -> usize {
        let own = self.path().display().to_string();
        logbook::said(words).iter().filter(|line| line.contains(&own)).count()
    }
}

#[test]
fn a_file_that_is_replaced_counts_when_it_is_looked_at_whatever_its_date_says() {
    let scene = Scene::new();
    let old = fs::metadata(scene.path()).unwrap().modified().unwrap();
    scene.write(&list(&scene.ca, &[], 6));
    fs::File::options().write(true).open(scene.path()).unwrap().set_modified(old).unwrap();
    assert!(scene.lists.reload());
    assert_eq!(scene.number(), "6");
    assert!(!scene.lists.reload(), "what was read is not read again");
}

#[test]
fn no_file_that_is_wrong_replaces_what_was_good_and_each_is_reported_once() {
    let scene = Scene::new();
    let whole = list(&scene.ca, &[], 9);
    let impostor = list(&Ca::new(), &[], 9);
    let cases = [
        ("torn in a block", whole[..whole.len() / 2].to_owned(), "no matching END line"),
        ("emptied", String::new(), "no revocation list"),
        ("garbage", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n".to_owned(), "malformed revocation list"),
        ("older", list(&scene.ca, &[], 4), "is older than the one in force"),
        ("of another CA", impostor, "is gone, which is in force"),
        ("expired", dated(&scene.ca, 9, -20, -10), "has expired"),
    ];
    for (case, text, words) in cases {
        scene.write(&text);
        for _ in 0..3 {
            assert!(!scene.lists.reload(), "{case}");
        }
        let faults = scene.lists.faults();
        assert_eq!((faults.len(), scene.number().as_str()), (1, "5"), "{case}");
        let said = format!("{} {}", faults[0].refused, source(&faults[0].refused));
        assert!(said.contains(words), "{case}: {said}");
        assert!(!faults[0].refused.hint().as_str().is_empty());
        assert_eq!(scene.lines(words).min(1), usize::from(scene.lines(words) > 0), "{case}");
        scene.write(&list(&scene.ca, &[], 5));
        scene.lists.reload();
        assert!(scene.lists.faults().is_empty(), "{case}");
    }
    assert_eq!(scene.lines("are not replaced"), 6, "each once, and none of them three times");
    scene.write(&whole);
    assert!(scene.lists.reload() && scene.number() == "9", "the whole file counts");
}

#[test]
fn a_list_in_the_name_of_the_ca_by_another_key_does_not_count() {
    let scene = Scene::new();
    let name = scene.ca.facts().subject.trim_start_matches("CN=").to_owned();
    scene.write(&list(&Ca::named(&name), &[], 9));
    assert!(!scene.lists.reload());
    let refused = scene.lists.faults().remove(0).refused;
    assert!(refused.to_string().contains("was not signed by that CA"), "{refused}");
}

#[test]
fn a_file_that_is_deleted_and_made_again_counts_again() {
    let scene = Scene::new();
    fs::remove_file(scene.path()).unwrap();
    assert!(!scene.lists.reload() && !scene.lists.reload());
    assert_eq!((scene.number().as_str(), scene.lines("are not replaced")), ("5", 1));
    scene.write(&list(&scene.ca, &[], 6));
    assert!(scene.lists.reload());
    assert_eq!((scene.number().as_str(), scene.lists.faults().len()), ("6", 0));
}

#[test]
fn a_list_from_the_future_counts_when_its_time_has_come() {
    let scene = Scene::new();
    scene.write(&dated(&scene.ca, 6, 4_000, 9_000));
    assert!(!scene.lists.reload());
    scene.clock.set(SystemClock.now() + 4_000);
    assert!(scene.lists.reload() && scene.number() == "6");
}

#[test]
fn of_several_files_a_good_one_counts_beside_a_broken_one() {
    let (one, other, folder) = (Ca::new(), Ca::new(), Scratch::new());
    let paths = [folder.join("one.pem"), folder.join("other.pem")];
    fs::write(&paths[0], list(&one, &[], 1)).unwrap();
    fs::write(&paths[1], list(&other, &[], 1)).unwrap();
    let lists = RevocationLists::from_files(&paths, CrlPolicy::DenyUnknown, Arc::new(SystemClock)).unwrap();
    fs::write(&paths[0], "torn").unwrap();
    fs::write(&paths[1], list(&other, &[], 2)).unwrap();
    assert!(lists.reload());
    let numbers: Vec<_> = lists.in_force().revocation().facts().map(|list| list.number.as_ref().unwrap().to_string()).collect();
    assert_eq!((numbers.len(), numbers.contains(&"2".to_owned())), (2, true));
    assert_eq!(lists.faults()[0].path, paths[0]);
}

#[test]
fn files_are_looked_at_again_by_themselves_and_no_more_when_nobody_needs_them() {
    block_on(async {
        let (scene, watcher) = (Scene::new(), Watcher::new());
        scene.lists.changes().watch(&watcher);
        scene.lists.poll(Duration::from_millis(5)).unwrap();
        scene.write(&list(&scene.ca, &[], 6));
        assert_eq!(rt::timeout(NEVER, watcher.after(0)).await, Ok(1));
        assert_eq!(scene.number(), "6");
    });
}

#[test]
fn lists_from_files_are_replaced_by_files_alone() {
    let scene = Scene::new();
    let other = crate::live_lists::read(&[list(&scene.ca, &[], 6)]);
    assert!(scene.lists.replace(other).unwrap_err().to_string().contains("are read from files"));
}

fn source(error: &dyn std::error::Error) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}
