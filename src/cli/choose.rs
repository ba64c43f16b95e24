//! The modem that a command is about.

use crate::bus::client::Client;
use crate::state::json::Document;

use super::args::Target;
use super::exit::{Exit, Failure};

/// The modem that `target` names, or the only one there is.
pub async fn modem(client: &Client, target: &Target) -> anyhow::Result<Document> {
    match &target.modem {
        Some(id) => Ok(client.document(id).await?),
        None => Ok(only(client.list().await?)?),
    }
}

/// The modem that `target` names, or all.
pub async fn modems(client: &Client, target: &Target) -> anyhow::Result<Vec<Document>> {
    match &target.modem {
        Some(id) => Ok(vec![client.document(id).await?]),
        None => Ok(client.list().await?),
    }
}

fn only(mut modems: Vec<Document>) -> Result<Document, Failure> {
    match (modems.pop(), modems.as_slice()) {
        (Some(one), []) => Ok(one),
        (Some(last), others) => {
            let ids: Vec<&str> = others.iter().chain([&last]).map(|modem| modem.id.as_str()).collect();
            let message = format!("there are {} modems ({}); say which is meant", ids.len(), ids.join(", "));
            Err(Failure::new(Exit::Usage, message))
        }
        (None, _) => Err(none()),
    }
}

/// What to say where there is no modem at all.
pub fn none() -> Failure {
    let message = "the daemon has no modem: check cable and power, and for a modem on a fixed port its [[modem]] entry \
                   in /etc/lpwa/lpwa.toml";
    Failure::new(Exit::NoModem, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::say::tests::modem;

    #[test]
    fn the_modem_may_be_left_out_where_there_is_one() {
        assert_eq!(only(vec![modem("off")]).unwrap().id, "m0");
        assert_eq!(only(vec![]).unwrap_err().exit, Exit::NoModem);
        let two = only(vec![modem("off"), Document { id: "m1".into(), ..modem("off") }]).unwrap_err();
        assert_eq!((two.exit, two.message.contains("(m0, m1)")), (Exit::Usage, true));
    }
}
