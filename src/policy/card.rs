//! Which card it is, and which of many rules is meant for it: the most specific one that matches.

use std::fmt;

use crate::private::Private;

/// What is known of a card. What is not known, matches no prefix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Card {
    /// ICCID, which can be read before the PIN is given; the others cannot.
    pub iccid: Option<Private<String>>,
    /// IMSI.
    pub imsi: Option<Private<String>>,
    /// Home network, five or six digits.
    pub plmn: Option<String>,
    /// Service provider name.
    pub spn: Option<String>,
    /// Group identifier level 1, hexadecimal digits.
    pub gid1: Option<String>,
}

/// What a rule looks at, the most telling first: an MVNO is told from its host by ranges of IMSIs, by GID1, by SPN, or
/// by its cards alone, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// ICCID.
    Iccid,
    /// IMSI.
    Imsi,
    /// GID1.
    Gid1,
    /// SPN.
    Spn,
    /// Home network.
    Plmn,
}

impl Key {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Iccid, Self::Imsi, Self::Gid1, Self::Spn, Self::Plmn];

    /// The key in a policy file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Iccid => "iccid",
            Self::Imsi => "imsi",
            Self::Gid1 => "gid1",
            Self::Spn => "spn",
            Self::Plmn => "plmn",
        }
    }

    /// How people write it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Iccid => "ICCID",
            Self::Imsi => "IMSI",
            Self::Gid1 => "GID1",
            Self::Spn => "SPN",
            Self::Plmn => "home network",
        }
    }
}

/// Digits by which an ICCID or an IMSI is a whole one: then it means one card.
const WHOLE_ICCID: usize = 18;
const WHOLE_IMSI: usize = 14;
/// An IMSI up to here says no more than its home network does.
const PLMN_DIGITS: usize = 6;

/// Prefixes of which a card has to have one, for each key that has any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    prefixes: Vec<(Key, Vec<String>)>,
}

/// How closely a rule fits: a greater one goes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// How telling the best key is.
    key: u8,
    /// Length of its prefix.
    length: usize,
    /// How many keys matched.
    keys: usize,
}

/// What matched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Match {
    rank: Rank,
    /// The keys with the prefix that matched, as the rule has it.
    pub by: Vec<(Key, String)>,
}

/// `ICCID 8944…, home network 00101`: the part that is no more than a range is no secret, a whole number is.
impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.by.is_empty() {
            return f.write_str("it is for every card");
        }
        for (n, (key, prefix)) in self.by.iter().enumerate() {
            f.write_str(if n == 0 { "" } else { " and " })?;
            match (key, is_whole(*key, prefix)) {
                (key, true) => write!(f, "{} is this card's", key.title())?,
                (Key::Plmn, false) => write!(f, "{} is {prefix}", key.title())?,
                (key, false) => write!(f, "{} starts with {prefix}", key.title())?,
            }
        }
        Ok(())
    }
}

const fn is_whole(key: Key, prefix: &str) -> bool {
    match key {
        Key::Iccid => prefix.len() >= WHOLE_ICCID,
        Key::Imsi => prefix.len() >= WHOLE_IMSI,
        _ => false,
    }
}

/// `ICCID 8944 or 8945, home network 00101`; a whole number shows its last digits only.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.prefixes.is_empty() {
            return f.write_str("every card");
        }
        let said = |(key, list): &(Key, Vec<String>)| {
            let shown = |prefix: &String| match prefix.len().checked_sub(4).filter(|_| is_whole(*key, prefix)) {
                Some(hidden) => format!("…{}", prefix.get(hidden..).unwrap_or_default()),
                None => prefix.clone(),
            };
            format!("{} {}", key.title(), list.iter().map(shown).collect::<Vec<_>>().join(" or "))
        };
        f.write_str(&self.prefixes.iter().map(said).collect::<Vec<_>>().join(", "))
    }
}

impl Rule {
    /// A rule from its prefixes; a key without any is not looked at.
    pub fn new(prefixes: impl IntoIterator<Item = (Key, Vec<String>)>) -> Self {
        Self { prefixes: prefixes.into_iter().filter(|(_, list)| !list.is_empty()).collect() }
    }

    /// Whether the rule asks for `key`.
    pub fn looks_at(&self, key: Key) -> bool {
        self.prefixes.iter().any(|(asked, _)| *asked == key)
    }

    /// What of the rule matches `card`; `None`: it is for another one.
    pub fn matches(&self, card: &Card) -> Option<Match> {
        let by = self.prefixes.iter().map(|(key, prefixes)| {
            let value = value(card, *key)?;
            let fits = |prefix: &&String| match key {
                // 00101 and 001011 are two networks.
                Key::Plmn => value == prefix.as_str(),
                _ => value.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)),
            };
            let longest = prefixes.iter().filter(fits).max_by_key(|prefix| prefix.len())?;
            Some((*key, longest.clone()))
        });
        let by = by.collect::<Option<Vec<_>>>()?;
        let best = by.iter().map(|(key, prefix)| (telling(*key, prefix), prefix.len())).max();
        let (key, length) = best.unwrap_or_default();
        Some(Match { rank: Rank { key, length, keys: by.len() }, by })
    }
}

const fn telling(key: Key, prefix: &str) -> u8 {
    match key {
        key if is_whole(key, prefix) => 6,
        Key::Imsi if prefix.len() > PLMN_DIGITS => 5,
        Key::Gid1 => 4,
        Key::Spn => 3,
        Key::Iccid => 2,
        Key::Imsi | Key::Plmn => 1,
    }
}

fn value(card: &Card, key: Key) -> Option<&str> {
    match key {
        Key::Iccid => card.iccid.as_ref().map(|iccid| iccid.reveal().as_str()),
        Key::Imsi => card.imsi.as_ref().map(|imsi| imsi.reveal().as_str()),
        Key::Gid1 => card.gid1.as_deref(),
        Key::Spn => card.spn.as_deref(),
        Key::Plmn => card.plmn.as_deref(),
    }
}

/// The place of the rule that is meant for `card`, and what matched; of two that fit alike the first.
pub fn choose<'r>(rules: impl IntoIterator<Item = &'r Rule>, card: &Card) -> Option<(usize, Match)> {
    let fitting = rules.into_iter().enumerate().filter_map(|(n, rule)| Some((n, rule.matches(card)?)));
    fitting.reduce(|best, next| if next.1.rank > best.1.rank { next } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> Card {
        Card {
            iccid: Some(Private::new("8944200099990000128".into())),
            imsi: Some(Private::new("001010123456789".into())),
            plmn: Some("00101".into()),
            spn: Some("Field Telemetry".into()),
            gid1: Some("A10F".into()),
        }
    }

    fn rule(keys: &[(Key, &[&str])]) -> Rule {
        Rule::new(keys.iter().map(|(key, list)| (*key, list.iter().map(ToString::to_string).collect())))
    }

    #[test]
    fn the_most_specific_rule_wins_in_any_order() {
        // Each goes before those after it.
        let ladder = [
            rule(&[(Key::Iccid, &["8944200099990000128"])]),
            rule(&[(Key::Imsi, &["0010101234"])]),
            rule(&[(Key::Imsi, &["0010101"])]),
            rule(&[(Key::Gid1, &["a1"]), (Key::Plmn, &["00101"])]),
            rule(&[(Key::Gid1, &["A1"])]),
            rule(&[(Key::Spn, &["Field"])]),
            rule(&[(Key::Iccid, &["894420"])]),
            rule(&[(Key::Iccid, &["8944", "8945"])]),
            rule(&[(Key::Plmn, &["99999", "00101"])]),
            rule(&[]),
        ];
        for from in 0..ladder.len() {
            let rest = &ladder[from..];
            assert_eq!(choose(rest, &card()).unwrap().0, 0, "{from}");
            let last = rest.len() - 1;
            assert_eq!(choose(rest.iter().rev(), &card()).unwrap().0, last, "{from} from behind");
        }
    }

    #[test]
    fn every_key_of_a_rule_has_to_fit() {
        assert!(rule(&[(Key::Plmn, &["00101"]), (Key::Spn, &["Other"])]).matches(&card()).is_none());
        assert!(rule(&[(Key::Plmn, &["001011"])]).matches(&card()).is_none());
        assert!(rule(&[(Key::Plmn, &["0010"])]).matches(&card()).is_none());
        let unknown = Card { spn: None, ..card() };
        assert!(rule(&[(Key::Spn, &["Field"])]).matches(&unknown).is_none());
        assert!(rule(&[]).matches(&Card::default()).is_some());
    }

    #[test]
    fn a_match_says_why_without_the_number_of_the_card() {
        let say = |rule: Rule| rule.matches(&card()).unwrap().to_string();
        assert_eq!(say(rule(&[(Key::Iccid, &["8944200099990000128"])])), "ICCID is this card's");
        assert_eq!(
            say(rule(&[(Key::Spn, &["Field"]), (Key::Plmn, &["00101"])])),
            "SPN starts with Field and home network is 00101"
        );
        assert_eq!(say(rule(&[])), "it is for every card");
        let rule = rule(&[(Key::Iccid, &["8944200099990000128", "8945"]), (Key::Plmn, &["00101"])]);
        assert_eq!(rule.to_string(), "ICCID …0128 or 8945, home network 00101");
    }
}
