//! The names of what is said in the log: the one table of them.
//!
//! A message is for people and may be worded better one day; an event keeps its name and its meaning. Every line
//! from `info` up has one, under the key `event`, which `test/architecture/events.rs` holds.

use std::fmt;

macro_rules! events {
    (
        security { $($safe:ident = $safe_name:literal, $safe_meaning:literal;)* }
        running { $($variant:ident = $name:literal, $meaning:literal;)* }
    ) => {
        /// What a line of the log is about, in one stable word.
        ///
        /// ```
        /// use countersign::observe::Event;
        ///
        /// assert_eq!(Event::ConnectionRefused.as_str(), "connection_refused");
        /// assert!(Event::ConnectionRefused.is_security());
        /// assert!(Event::ALL.iter().all(|event| !event.meaning().is_empty()));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Event {
            $(#[doc = concat!("Security: ", $safe_meaning, ".")] $safe,)*
            $(#[doc = concat!("Running: ", $meaning, ".")] $variant,)*
        }

        impl Event {
            /// All events; those that a security team watches come first.
            pub const ALL: &[Self] = &[$(Self::$safe,)* $(Self::$variant,)*];

            /// The word as the log has it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$safe => $safe_name,)* $(Self::$variant => $name,)* }
            }

            /// What has happened when a line bears it.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$safe => $safe_meaning,)* $(Self::$variant => $meaning,)* }
            }

            /// Whether it says who was let in, who was not, or what protects less than it could.
            pub const fn is_security(self) -> bool {
                matches!(self, $(Self::$safe)|*)
            }
        }
    };
}

events! {
    security {
        ConnectionRefused = "connection_refused", "a connection did not become a peer; code, by and guess say why, by whom, and how sure that is";
        NotConnected = "not_connected", "a node that was dialled did not become a peer";
        NodeUp = "node_up", "a node has become a peer; identity says who vouches for it";
        NodeDown = "node_down", "a peer is gone; at level warn with a code, for it was not in order";
        CallRefused = "call_refused", "a peer called a function that it may not call, or too many at a time";
        RequestRefused = "request_refused", "a peer asked a process for what it may not have";
        GuestRefused = "guest_refused", "epmd has turned somebody away";
        CertificateRotated = "certificate_rotated", "a certificate was judged and replaced the one before; the next handshake shows it";
        UpdateRefused = "update_refused", "a certificate was judged and refused; the one before stays";
        CertificateUnjudged = "certificate_unjudged", "a certificate replaced the one before without being judged";
        SourceBad = "source_bad", "what lies where a certificate comes from is not taken, or the CA file beside it would be of no use; what is in force stays";
        SourceGood = "source_good", "what lies where a certificate comes from is in order again";
        RestartRequired = "restart_required", "a CA file differs from the pool in force, which counts until a restart";
        RotateAsked = "rotate_asked", "an admin had certificates reloaded or replaced, or asked what that would do";
        LinkHandedOver = "link_handed_over", "a link goes on over a connection with the newest certificate";
        HandoverFailed = "handover_failed", "a link was not handed over; whether it goes on, the line says";
        HandoverImpossible = "handover_impossible", "a link can never be handed over, such as one to a node of OTP";
        PeerListsReplaced = "peer_lists_replaced", "the lists of who may be a peer were exchanged; open links are judged again";
        RevocationListsReplaced = "revocation_lists_replaced", "revocation lists were exchanged; open links are judged again";
        RevocationFileBad = "revocation_file_bad", "a file's revocation lists are not taken; those before stay in force";
        RevocationFileGood = "revocation_file_good", "a file's revocation lists are taken again";
        DisconnectAsked = "disconnect_asked", "an admin had a link closed";
        OwnCertificateUnfit = "own_certificate_unfit", "peers may refuse the certificate that this node shows, such as one that has expired";
        OwnCertificateEnding = "own_certificate_ending", "a third, a tenth or a fiftieth is left of the life of a certificate that this node shows; stage and until say how much";
        OwnCertificateEnded = "own_certificate_ended", "a certificate that this node shows is out of its dates, and peers refuse new links; said again every hour until it is replaced";
        OwnCertificateWell = "own_certificate_well", "a certificate that this node shows is within its dates again, most likely a new one";
        WeakSetting = "weak_setting", "a setting protects less than its default";
        SettingOverridden = "setting_overridden", "a setting has no effect, for a configuration of one's own decides";
        SecretExposed = "secret_exposed", "others can read a file with a cookie or key in it";
        RevocationListLeftOut = "revocation_list_left_out", "a revocation list is not believed";
        StoreUnreadable = "store_unreadable", "a part of the system's certificate store cannot be read";
        MailboxFull = "mailbox_full", "messages are dropped, for their receiver does not keep up";
        GroupsFull = "groups_full", "a peer has more in process groups than this node keeps";
        KeysWearOut = "keys_wear_out", "a link's keys will not last: it will be closed and made anew";
    }
    running {
        NodeStarted = "node_started", "a node runs";
        QuorumMissing = "quorum_missing", "a node runs without as many seeds as it was to wait for";
        NodeStopped = "node_stopped", "a node has stopped";
        EpmdListening = "epmd_listening", "the embedded epmd answers";
        NodeRegistered = "node_registered", "a node has entered its name at the embedded epmd, or this one has done so again";
        NodeUnregistered = "node_unregistered", "a name is free again at the embedded epmd";
        EpmdLost = "epmd_lost", "this node is not registered at its epmd at the moment";
        CannotAccept = "cannot_accept", "the system gives no connection, most likely for want of file descriptors";
        DescriptorsShort = "descriptors_short", "the limits allow more connections than the system allows open files";
        TaskNotStarted = "task_not_started", "the system gives no thread";
        ProcessPanicked = "process_panicked", "a process has ended with a panic";
        ProcessRestarted = "process_restarted", "a process has ended and is started again";
        ProcessNotStarted = "process_not_started", "a process is missing that should run";
        SupervisorGaveUp = "supervisor_gave_up", "a supervisor has ended, for its children ended too often";
        TermUnsendable = "term_unsendable", "a term could not be put into bytes";
        AnswerDropped = "answer_dropped", "somebody who asked gets no answer";
        ControlMessage = "control_message", "a control message went over a link (--trace-control)";
        Remark = "remark", "the command said something besides its data";
        CommandFailed = "command_failed", "the command ended with an error";
        Panicked = "panicked", "a thread of the program panicked";
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_events_have_one_name_and_every_name_is_a_word() {
        let names: HashSet<&str> = Event::ALL.iter().map(|event| event.as_str()).collect();
        assert_eq!(names.len(), Event::ALL.len());
        assert!(names.iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_')), "{names:?}");
    }
}
