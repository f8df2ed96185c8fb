//! The sample that is handed out works as it stands.

use crate::world::World;

#[test]
fn the_sample_loads_beside_the_files_that_it_names() {
    let config = World::new().read(SAMPLE).unwrap();
    assert_eq!(config.name.as_str(), "a@localhost");
    assert!(config.options.cert_manager.is_some() && config.options.cookie.is_some());
}

const SAMPLE: &str = include_str!("../../priv/countersign.json");
