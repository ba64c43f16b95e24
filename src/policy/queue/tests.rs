use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp(1_000_000);

fn queue(tasks: &[Task]) -> Queue<()> {
    let mut queue = Queue::default();
    for task in tasks {
        queue.enter(*task, Terms::default(), (), NOW).unwrap();
    }
    queue
}

fn ids<W>(delivery: &Delivery<W>) -> Vec<u64> {
    delivery.entries.iter().map(|entry| entry.item.id).collect()
}

/// The numbers of each delivery in order, and of what was cancelled.
fn run(tasks: &[Task]) -> (Vec<Vec<u64>>, Vec<u64>) {
    let (mut queue, mut done, mut cancelled) = (queue(tasks), Vec::new(), Vec::new());
    while let (Some(delivery), left) = queue.take_ready(true) {
        cancelled.extend(left.iter().map(|left| left.item.id));
        assert!(left.iter().all(|left| left.outcome == Outcome::Cancelled && left.reason.is_some()));
        done.push(ids(&delivery));
    }
    (done, cancelled)
}

#[test]
fn work_is_done_in_the_order_of_arrival() {
    use Task::{At, Connect, ReadSignal, Reset, SetPower};
    assert_eq!(
        run(&[SetPower, ReadSignal, Connect, At, Reset]),
        (vec![vec![1], vec![2], vec![3], vec![4], vec![5]], vec![])
    );
}

#[test]
fn what_means_the_same_is_done_once() {
    use Task::{At, Connect, Enable, EnterPin, ReadSignal, SetPower};
    assert_eq!(run(&[ReadSignal, ReadSignal, ReadSignal]).0, [vec![1, 2, 3]]);
    // A reading between two changes keeps neither apart; a change between two readings does.
    assert_eq!(run(&[SetPower, ReadSignal, SetPower]).0, [vec![1, 3], vec![2]]);
    assert_eq!(run(&[ReadSignal, SetPower, ReadSignal]).0, [[1], [2], [3]]);
    // No change is carried past another one.
    assert_eq!(run(&[Connect, Enable, Connect]).0, [[1], [2], [3]]);
    assert_eq!(run(&[At, At, EnterPin, EnterPin]).0, [[1], [2], [3], [4]]);
}

#[test]
fn what_is_undone_before_it_began_is_not_done() {
    use Task::{At, Connect, Disable, Disconnect, Enable, ReadSignal};
    assert_eq!(run(&[Connect, Disconnect]), (vec![vec![2]], vec![1]));
    assert_eq!(run(&[Disconnect, Connect, ReadSignal, Disconnect]), (vec![vec![3], vec![4]], vec![1, 2]));
    assert_eq!(run(&[Enable, Connect, Disable]), (vec![vec![3]], vec![2, 1]));
    // The line may need the connection.
    assert_eq!(run(&[Connect, At, Disconnect]), (vec![vec![1], vec![2], vec![3]], vec![]));
    // Switching the radio on is no part of taking a context down.
    assert_eq!(run(&[Enable, Disconnect]), (vec![vec![1], vec![2]], vec![]));
}

#[test]
fn what_would_be_replaced_holds_again_when_the_later_one_is_taken_back() {
    let mut queue = queue(&[Task::SetPower, Task::SetPower, Task::Connect, Task::Disconnect]);
    assert_eq!(queue.cancel(2).map(|left| (left.item.id, left.outcome)), Some((2, Outcome::Cancelled)));
    assert!(queue.cancel(4).is_some() && queue.cancel(4).is_none());
    assert_eq!(queue.take_ready(true).0.map(|delivery| ids(&delivery)), Some(vec![1]));
    assert_eq!(queue.take_ready(true).0.map(|delivery| ids(&delivery)), Some(vec![3]));
}

#[test]
fn nothing_is_taken_from_a_sleeping_modem() {
    let mut queue = queue(&[Task::ReadSignal]);
    assert!(queue.take_ready(false).0.is_none());
    assert!(queue.take_ready(true).0.is_some());
}

#[test]
fn a_deadline_that_passed_is_told() {
    let mut queue = Queue::default();
    let until = |ms| Terms { deadline: Some(Timestamp(NOW.0 + ms)), ..Terms::default() };
    queue.enter(Task::At, until(5000), (), NOW).unwrap();
    queue.enter(Task::ReadSignal, until(2000), (), NOW).unwrap();
    assert_eq!(queue.next_deadline(), Some(Timestamp(NOW.0 + 2000)));
    assert_eq!(queue.expire(Timestamp(NOW.0 + 1999)).len(), 0);
    let left = queue.expire(Timestamp(NOW.0 + 2000));
    assert_eq!(left.iter().map(|left| (left.item.id, left.outcome)).collect::<Vec<_>>(), [(2, Outcome::Expired)]);
    assert_eq!(queue.next_deadline(), Some(Timestamp(NOW.0 + 5000)));
}

#[test]
fn there_is_an_end_to_the_room() {
    let mut queue = queue(&[Task::At; CAPACITY]);
    let (refused, ()) = queue.enter(Task::ReadSignal, Terms::default(), (), NOW).unwrap_err();
    assert!(refused.to_string().contains("`lpwa queue cancel` takes one back"), "{refused}");
    queue.cancel(7);
    assert!(queue.enter(Task::ReadSignal, Terms::default(), (), NOW).is_ok());
}

#[test]
fn a_sleep_in_the_middle_means_again_or_never() {
    for (task, again) in [(Task::SetPower, 2), (Task::Scan, 2), (Task::At, 0), (Task::EnterPin, 0), (Task::Reset, 0)] {
        let mut queue = queue(&[task]);
        for _ in 0..again {
            let delivery = queue.take_ready(true).0.unwrap();
            assert_eq!(queue.put_back(delivery).len(), 0, "{task:?}");
        }
        let delivery = queue.take_ready(true).0.unwrap();
        let left = queue.put_back(delivery);
        assert_eq!(left.iter().map(|left| left.outcome).collect::<Vec<_>>(), [Outcome::Failed], "{task:?}");
        assert!(queue.is_empty());
    }
}

#[test]
fn a_restored_request_has_the_number_it_had() {
    let mut queue = Queue::default();
    let item = Waiting { id: 41, task: Task::At, wake: false, deadline: None, keep: true, entered: NOW };
    queue.restore(item, ());
    assert_eq!(queue.enter(Task::ReadSignal, Terms::default(), (), NOW), Ok(42));
}

/// What may happen to a queue.
#[derive(Debug, Clone)]
enum Step {
    Enter(Task, Terms),
    Cancel(u64),
    Pass(u64),
    Take(bool),
    Done(bool),
    Asleep,
    Abandon(u64),
    Absent,
}

fn any_task() -> impl Strategy<Value = Task> {
    use Task::{At, Connect, Disable, Disconnect, Enable, EnterPin, EnterPuk, ReadSignal, Reset, Scan, SetPower};
    proptest::sample::select(vec![
        ReadSignal, Scan, At, SetPower, Connect, Disconnect, Enable, Disable, Reset, EnterPin, EnterPuk,
    ])
}

fn any_terms() -> impl Strategy<Value = Terms> {
    (any::<bool>(), proptest::option::of(0_u64..20_000), any::<bool>()).prop_map(|(wake, deadline, keep)| Terms {
        wake,
        deadline: deadline.map(|ms| Timestamp(NOW.0 + ms)),
        keep,
    })
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (any_task(), any_terms()).prop_map(|(task, terms)| Step::Enter(task, terms)),
        1 => (1_u64..40).prop_map(Step::Cancel),
        1 => (0_u64..5000).prop_map(Step::Pass),
        3 => any::<bool>().prop_map(Step::Take),
        2 => any::<bool>().prop_map(Step::Done),
        1 => Just(Step::Asleep),
        1 => (1_u64..40).prop_map(Step::Abandon),
        1 => Just(Step::Absent),
    ]
}

/// A queue under test, and what its owner saw of it.
#[derive(Default)]
struct Seen {
    queue: Queue<u64>,
    now: u64,
    entered: BTreeSet<u64>,
    left: BTreeMap<u64, Outcome>,
    under_way: Option<Delivery<u64>>,
}

impl Seen {
    fn leave(&mut self, left: Vec<Left<u64>>) {
        for left in left {
            assert_eq!(left.reason.is_none(), left.outcome == Outcome::Delivered, "{left:?}");
            assert_eq!(self.left.insert(left.item.id, left.outcome), None, "{left:?} left before");
        }
    }

    fn step(&mut self, step: Step) {
        let left = match step {
            Step::Enter(task, terms) => {
                let now = Timestamp(NOW.0 + self.now);
                let number = self.entered.last().copied().unwrap_or_default() + 1;
                if let Ok(id) = self.queue.enter(task, terms, number, now) {
                    assert_eq!(id, number);
                    self.entered.insert(id);
                }
                vec![]
            }
            Step::Cancel(id) => self.queue.cancel(id).into_iter().collect(),
            Step::Pass(ms) => {
                self.now += ms;
                self.queue.expire(Timestamp(NOW.0 + self.now))
            }
            Step::Take(reachable) if self.under_way.is_none() => self.take(reachable),
            Step::Take(_) => vec![],
            Step::Done(well) => {
                let reason = (!well).then_some("the modem said no");
                self.under_way.take().map(|delivery| delivery.end(reason)).unwrap_or_default()
            }
            Step::Asleep => match self.under_way.take() {
                Some(delivery) => self.queue.put_back(delivery),
                None => vec![],
            },
            Step::Abandon(id) => self.queue.withdraw(|work| *work == id),
            Step::Absent => self.queue.fail("the modem is gone"),
        };
        self.leave(left);
    }

    fn take(&mut self, reachable: bool) -> Vec<Left<u64>> {
        let (delivery, left) = self.queue.take_ready(reachable);
        if let Some(delivery) = &delivery {
            assert!(reachable);
            let ids = ids(delivery);
            assert!(ids.is_sorted() && delivery.entries.iter().all(|entry| entry.item.task == delivery.task));
            // What waits and changes something came later than all of this.
            let others: Vec<_> = self.queue.entries().filter(|e| !e.item.task.is_read()).map(|e| e.item.id).collect();
            if !delivery.task.is_read() {
                assert!(others.iter().all(|other| ids.iter().all(|id| other > id)), "{ids:?} before {others:?}");
            }
        }
        self.under_way = delivery;
        left
    }
}

proptest! {
    #[test]
    fn every_request_ends_once_and_with_a_reason(steps in proptest::collection::vec(any_step(), 0..200)) {
        let mut seen = Seen::default();
        for step in steps {
            seen.step(step);
            let waiting: BTreeSet<u64> = seen.queue.entries().map(|entry| entry.item.id).collect();
            let under_way: BTreeSet<u64> = seen.under_way.iter().flat_map(ids).collect();
            let left: BTreeSet<u64> = seen.left.keys().copied().collect();
            prop_assert!(waiting.is_disjoint(&under_way) && waiting.is_disjoint(&left) && under_way.is_disjoint(&left));
            prop_assert_eq!(&waiting | &(&under_way | &left), seen.entered.clone());
            prop_assert!(seen.queue.entries().map(|entry| entry.item.id).is_sorted());
            // Room is asked for when a request comes; one that is put back has had its place.
            prop_assert!(waiting.len() <= 2 * CAPACITY);
        }
        // A modem that stays awake is done with all of it.
        while seen.under_way.is_some() || !seen.queue.is_empty() {
            seen.step(Step::Take(true));
            seen.step(Step::Done(true));
        }
        prop_assert_eq!(seen.left.keys().copied().collect::<BTreeSet<_>>(), seen.entered);
    }
}
