//! How a node ends when the system asks for it.

use crate::world::World;

#[test]
fn sigterm_sigint_and_the_end_of_its_terminal_stop_a_node_for_development_cleanly() {
    for signal in ["TERM", "INT", "HUP"] {
        let world = World::new();
        let node = world.start("--port 0");
        node.signal(signal);
        node.line_after(&format!("SIG{signal}: stopping"));
        assert_eq!(node.ended().code(), Some(0));
    }
}
