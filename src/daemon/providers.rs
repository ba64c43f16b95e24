//! `serviceproviders.xml` of mobile-broadband-provider-info: which APNs a home network has, for cards that no policy is
//! meant for.
//!
//! The file is read from start to end each time it is asked, which is once for each new card; nothing of it is kept.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use crate::modem::sim_policy::{Access, Offer};
use crate::policy::card::Card;
use crate::spec::apn::{Apn, Authentication};

/// The file has half a megabyte; one of more is not it.
const LARGEST: u64 = 8 << 20;
/// APNs that are taken at most, and those of one provider.
const MOST: usize = 8;
/// Characters of a text, network ids of a provider: beyond them the rest is ignored.
const LONGEST: usize = 256;
const MOST_NETWORKS: usize = 64;

/// Why nothing can be looked up.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The file.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// Its text.
    #[error("it is no sound XML: {0}")]
    Xml(#[from] quick_xml::Error),
}

/// What the file at `path` has for `card`; nothing where the card's home network is not in it.
pub fn look_up(path: &Path, card: &Card) -> Result<Option<Offer>, ProviderError> {
    search(BufReader::new(File::open(path)?.take(LARGEST)), card)
}

/// As [`look_up`], from any reader.
pub fn search(text: impl BufRead, card: &Card) -> Result<Option<Offer>, ProviderError> {
    let mut reader = Reader::from_reader(text);
    let (mut buffer, mut search) = (Vec::new(), Search { card, state: State::default(), found: Vec::new() });
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer)? {
            Event::Start(tag) => search.open(&tag),
            Event::Empty(tag) => {
                search.open(&tag);
                search.close(tag.name().as_ref());
            }
            Event::Text(text) => search.text(&text.xml10_content()),
            Event::GeneralRef(name) => search.text(resolve_predefined_entity(&name.into_inner()).unwrap_or_default()),
            Event::End(tag) => search.close(tag.name().as_ref()),
            Event::Eof => return Ok(search.offer()),
            _ => {}
        }
    }
}

/// One provider with a network of the card.
struct Found {
    primary: bool,
    provider: String,
    accesses: Vec<Access>,
}

/// What is being read.
#[derive(Default)]
struct State {
    primary: bool,
    /// The first of its names.
    name: String,
    networks: Vec<String>,
    accesses: Vec<Access>,
    /// The APN whose element is open.
    apn: Option<Draft>,
    text: String,
}

/// An APN as far as it is read.
#[derive(Default)]
struct Draft {
    apn: String,
    /// For nothing but MMS or WAP.
    other_use: bool,
    user: Option<String>,
    password: Option<String>,
    authentication: Authentication,
}

struct Search<'c> {
    card: &'c Card,
    state: State,
    found: Vec<Found>,
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok().flatten()?;
    let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
    (value.chars().count() <= LONGEST).then(|| value.into_owned())
}

impl Search<'_> {
    fn open(&mut self, tag: &BytesStart<'_>) {
        let state = &mut self.state;
        state.text.clear();
        match tag.name().as_ref() {
            "provider" => {
                *state = State { primary: attribute(tag, "primary").is_some_and(|v| v == "true"), ..State::default() };
            }
            "network-id" if state.networks.len() < MOST_NETWORKS => {
                let parts = attribute(tag, "mcc").zip(attribute(tag, "mnc"));
                state.networks.extend(parts.map(|(mcc, mnc)| mcc + &mnc));
            }
            "apn" => state.apn = attribute(tag, "value").map(|apn| Draft { apn, ..Draft::default() }),
            "usage" => {
                if let (Some(draft), Some(usage)) = (&mut state.apn, attribute(tag, "type")) {
                    draft.other_use = !usage.contains("internet");
                }
            }
            "authentication" => {
                if let (Some(draft), Some(method)) = (&mut state.apn, attribute(tag, "method")) {
                    draft.authentication = method.parse().unwrap_or_default();
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.state.text.len().saturating_add(text.len()) <= LONGEST {
            self.state.text.push_str(text);
        }
    }

    fn close(&mut self, tag: &str) {
        let state = &mut self.state;
        let text = std::mem::take(&mut state.text);
        match (tag, &mut state.apn) {
            ("name", None) if state.name.is_empty() => text.trim().clone_into(&mut state.name),
            ("username", Some(draft)) => draft.user = Some(text.trim().to_owned()),
            ("password", Some(draft)) => draft.password = Some(text.trim().to_owned()),
            ("apn", Some(_)) => {
                let access = state.apn.take().and_then(Draft::access);
                state.accesses.extend(access.filter(|_| state.accesses.len() < MOST));
            }
            ("provider", _) => self.finish_provider(),
            _ => {}
        }
    }

    fn finish_provider(&mut self) {
        let state = std::mem::take(&mut self.state);
        if self.is_home(&state.networks) && !state.accesses.is_empty() && self.found.len() < MOST {
            let State { primary, name, accesses, .. } = state;
            self.found.push(Found { primary, provider: name, accesses });
        }
    }

    /// Networks are compared as strings: the file keeps the digits of the MNC. Where the card does not tell how many its
    /// MNC has, either reading of its IMSI may be the one.
    fn is_home(&self, networks: &[String]) -> bool {
        let imsi = self.card.imsi.as_ref().map(|imsi| imsi.reveal().as_str());
        networks.iter().any(|network| match (&self.card.plmn, imsi) {
            (Some(plmn), _) => network == plmn,
            (None, Some(imsi)) => network.len() >= 5 && imsi.starts_with(network.as_str()),
            (None, None) => false,
        })
    }

    /// The country's main provider goes first: many networks are named by their resellers as well.
    fn offer(self) -> Option<Offer> {
        let mut found = self.found;
        found.sort_by_key(|found| !found.primary);
        let provider = found.first()?.provider.clone();
        let mut accesses: Vec<Access> = Vec::new();
        for access in found.into_iter().flat_map(|found| found.accesses) {
            if accesses.len() < MOST && !accesses.iter().any(|known| known.apn == access.apn) {
                accesses.push(access);
            }
        }
        Some(Offer { provider, accesses })
    }
}

impl Draft {
    /// `None`: not for data, or no APN at all.
    fn access(self) -> Option<Access> {
        let apn: Apn = self.apn.parse().ok().filter(|_| !self.other_use)?;
        let password = self.password.unwrap_or_default();
        let credentials = self.user.filter(|user| !user.is_empty()).map(|user| (user, password.into()));
        Some(Access { apn, pdp_type: None, credentials, authentication: self.authentication })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::private::Private;

    const TEXT: &str = r#"<?xml version="1.0"?>
<!DOCTYPE serviceproviders SYSTEM "serviceproviders.2.dtd">
<serviceproviders format="2.0">
<country code="xx">
  <provider>
    <name>Reseller</name>
    <gsm>
      <network-id mcc="001" mnc="01"/>
      <apn value="reseller.test"><plan type="prepaid"/><usage type="internet"/><name>Prepaid</name></apn>
      <apn value="shared.test"/>
    </gsm>
  </provider>
  <provider primary="true">
    <name>Test &amp; Sons</name>
    <gsm>
      <network-id mcc="001" mnc="01"/>
      <network-id mcc="001" mnc="020"/>
      <apn value="mms.test"><usage type="mms"/></apn>
      <apn value="bad apn"><usage type="internet"/></apn>
      <apn value="internet.test">
        <usage type="internet"/><username>web</username><password>a&lt;b</password>
        <authentication method="pap"/>
      </apn>
      <apn value="shared.test"><usage type="mms-internet-hipri"/></apn>
    </gsm>
  </provider>
  <provider><name>Other</name><gsm><network-id mcc="001" mnc="02"/><apn value="other.test"/></gsm></provider>
</country>
</serviceproviders>"#;

    fn card(plmn: Option<&str>, imsi: &str) -> Card {
        Card { plmn: plmn.map(str::to_owned), imsi: Some(Private::new(imsi.into())), ..Card::default() }
    }

    fn offer(card: &Card) -> Option<Offer> {
        search(TEXT.as_bytes(), card).unwrap()
    }

    fn names(offer: &Offer) -> Vec<&str> {
        offer.accesses.iter().map(|access| access.apn.as_str()).collect()
    }

    #[test]
    fn the_main_provider_goes_first_and_data_apns_only() {
        let offer = offer(&card(Some("00101"), "001010123456789")).unwrap();
        assert_eq!(offer.provider, "Test & Sons");
        assert_eq!(names(&offer), ["internet.test", "shared.test", "reseller.test"]);
        let internet = &offer.accesses[0];
        assert_eq!(internet.credentials, Some(("web".into(), Private::new("a<b".into()))));
        assert_eq!(internet.authentication, Authentication::Pap);
    }

    #[test]
    fn mncs_are_strings() {
        assert_eq!(names(&offer(&card(Some("00102"), "001020123456789")).unwrap()), ["other.test"]);
        let three = offer(&card(Some("001020"), "001020123456789")).unwrap();
        assert_eq!(three.provider, "Test & Sons");
        let unknown = offer(&card(None, "001020123456789")).unwrap();
        assert!(names(&unknown).contains(&"other.test") && names(&unknown).contains(&"internet.test"));
        assert_eq!(offer(&card(Some("99999"), "999990123456789")), None);
        assert_eq!(offer(&Card::default()), None);
    }

    #[test]
    fn what_is_no_xml_is_told_and_what_is_not_there_as_well() {
        let error = search("<serviceproviders><country></provider>".as_bytes(), &Card::default()).unwrap_err();
        assert!(error.to_string().starts_with("it is no sound XML: "), "{error}");
        assert!(look_up(Path::new("/nowhere"), &Card::default()).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_survived(at in 0..TEXT.len(), octets in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut text = TEXT.as_bytes().to_vec();
            text.splice(at..(at + octets.len()).min(TEXT.len()), octets);
            let _ = search(text.as_slice(), &card(None, "001010123456789"));
        }
    }
}
