//! `priv/README.md` is the list of what lies there.

use crate::{path, text};
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn the_readme_names_every_file_and_no_other() {
    let readme = text("README.md");
    let named: BTreeSet<String> =
        readme.lines().filter_map(|line| line.strip_prefix("- `")?.split('`').next()).map(str::to_owned).collect();
    let mut there = BTreeSet::new();
    gather(&path(""), "", &mut there);
    there.remove("README.md");
    assert_eq!(named, there);
}

fn gather(folder: &Path, prefix: &str, names: &mut BTreeSet<String>) {
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        let name = format!("{prefix}{}", file.file_name().to_str().unwrap());
        if file.file_type().unwrap().is_dir() {
            gather(&file.path(), &format!("{name}/"), names);
        } else {
            names.insert(name);
        }
    }
}
