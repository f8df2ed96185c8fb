//! How a node ends when the system asks for it.

use crate::world::World;

#[test]
fn sigterm_and_sigint_stop_a_node_cleanly() {
    for signal in ["TERM", "INT"] {
        let world = World::new();
        let node = world.start("--port 0");
        node.signal(signal);
        node.line_after(&format!("SIG{signal}: stopping"));
        assert_eq!(node.ended().code(), Some(0));
    }
}
