//! What links go by.

use super::values::{HIDDEN, idle, keep_alive, seconds, timeout, withheld};
use super::{Place, Sheet};
use crate::node::Effective;

pub(super) fn rows(place: Place, effective: &Effective, sheet: &mut Sheet<'_>) {
    sheet.shared(place, "cookie", "node.cookie", HIDDEN);
    sheet.shared(place, "link.withhold", "node.withhold", withheld(effective.flags, sheet.visibility));
    sheet.shared(place, "link.frame_bytes", "limits.frame_bytes", effective.frame_bytes);
    sheet.shared(place, "link.send_buffer", "limits.send_buffer", effective.send_buffer);
    sheet.shared(place, "link.unread_answers", "limits.unread_answers", effective.unread_answers);
    sheet.shared(place, "link.setup_seconds", "node.setup_seconds", seconds(effective.setup_time));
    sheet.shared(place, "link.keep_alive", "node.keep_alive", keep_alive(effective.keep_alive));
    sheet.shared(place, "link.send_timeout_seconds", "node.send_timeout_seconds", timeout(effective.send_timeout));
    sheet.shared(place, "link.idle_seconds", "node.idle_seconds", idle(effective.idle));
    deadlines(place, effective, sheet);
}

/// Those of who dials; where they are not said, a step of the setup is as long.
fn deadlines(place: Place, effective: &Effective, sheet: &mut Sheet<'_>) {
    let (connect, handshake) = (seconds(effective.connect_timeout), seconds(effective.handshake_timeout));
    let setup = || "node.setup_seconds".to_owned();
    match place {
        Place::Node => {
            sheet.row("node.connect_seconds".to_owned(), connect, &[setup()]);
            sheet.row("node.handshake_seconds".to_owned(), handshake, &[setup()]);
        }
        Place::Acceptor(_) => sheet.shared(place, "limits.handshake_seconds", "limits.handshake_seconds", handshake),
        Place::Route(_) => {
            let instead = |of_node: &str| [of_node.to_owned(), place.key("link.setup_seconds"), setup()];
            sheet.row(place.key("connect_seconds"), connect, &instead("node.connect_seconds"));
            sheet.row(place.key("handshake_seconds"), handshake, &instead("node.handshake_seconds"));
            sheet.row(place.key("deadline_seconds"), effective.deadline.map(seconds), &[]);
        }
    }
}
