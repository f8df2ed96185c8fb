//! Ticks, without a clock.

use countersign::dist::{Beat, Pulse, TickTime};
use std::time::Duration;

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn pulse(peer_is_hidden: bool) -> Pulse {
    Pulse::new(TickTime::default(), at(1000), peer_is_hidden)
}

#[test]
fn a_link_on_which_nothing_is_written_is_ticked_four_times_a_period() {
    let mut pulse = pulse(false);
    for now in [1015, 1030, 1045, 1060, 1075] {
        assert_eq!(pulse.next_look(), at(now));
        pulse.has_read(at(now));
        assert_eq!(pulse.look(at(now)), Beat::Tick);
        assert_eq!(pulse.look(at(now)), Beat::Quiet, "once is enough");
    }
}

#[test]
fn a_link_on_which_something_is_written_needs_no_tick() {
    let mut pulse = pulse(false);
    pulse.has_written(at(1001));
    assert_eq!(pulse.look(at(1015)), Beat::Quiet);
    assert_eq!(pulse.look(at(1030)), Beat::Tick);
}

#[test]
fn a_hidden_peer_that_says_nothing_is_ticked_also_while_we_write() {
    for (hidden, beat) in [(true, Beat::Tick), (false, Beat::Quiet)] {
        let mut pulse = pulse(hidden);
        pulse.has_written(at(1001));
        assert_eq!(pulse.look(at(1015)), beat);
    }
    let mut pulse = pulse(true);
    pulse.has_written(at(1001));
    pulse.has_read(at(1001));
    assert_eq!(pulse.look(at(1015)), Beat::Quiet);
}

#[test]
fn a_peer_that_is_silent_for_a_whole_period_is_dead() {
    let mut pulse = pulse(false);
    assert_eq!(pulse.look(at(1059)), Beat::Tick);
    assert_eq!(pulse.look(at(1060)), Beat::Dead);
    pulse.has_read(at(1060));
    assert_ne!(pulse.look(at(1119)), Beat::Dead);
    assert_eq!(pulse.look(at(1120)), Beat::Dead);
}

#[test]
fn a_clock_that_stands_or_an_intensity_of_zero_does_no_harm() {
    let time = TickTime { period: at(60), intensity: 0 };
    let mut pulse = Pulse::new(time, at(5), false);
    pulse.has_read(at(9));
    assert_eq!(pulse.look(at(4)), Beat::Quiet);
    assert_eq!(time.interval(), at(60));
}
